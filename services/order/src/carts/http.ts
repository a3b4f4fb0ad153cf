import {
  CartAddInput,
  CartInput,
  CartLineInput,
  CartLineParams,
  CartLinesInput,
  CartParams,
  CartQuery,
  CartShape,
  NewCartParams,
} from '@mart/contracts/http/cart-shapes'
import { Nothing, problems } from '@mart/contracts/http/shared-shapes'
import type { Language } from '@mart/contracts/language'
import { invalidInput, notFound } from '@mart/service-kit/errors'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import { personOf } from '@mart/service-kit/people'
import { type Database, inTransaction } from '@mart/service-kit/postgres'
import type { Catalogue } from '../catalogue-queries.ts'
import { type BasketRules, currencyNotOffered, isSoldIn } from '../pricing.ts'
import { hashOf, newSecret } from '../secrets.ts'
import { type Cart, type CartRef, cartRef } from './cart.ts'
import { findCart, stockOf } from './cart-queries.ts'
import { cartView } from './cart-view.ts'
import {
  addPieces,
  changeCurrency,
  emptyCart,
  keepCart,
  makeCart,
  markSeen,
  mergeCarts,
  putLine,
  putLines,
} from './use-cases.ts'

interface CartParts {
  readonly db: Database
  readonly catalogue: Catalogue
  readonly rules: BasketRules
}

type CartRequest = FastifyRequest<{ Params: CartParams }>

function refOf(request: CartRequest): CartRef {
  const { id } = request.params
  const ref = cartRef(id, id === 'mine' ? personOf(request).id : (request.person?.id ?? null))
  if (!ref) throw notFound('cart')
  return ref
}

export function addCartRoutes(app: App, { db, catalogue, rules }: CartParts): void {
  const lookUp = catalogue.entriesOf
  const change = <Result>(work: Parameters<typeof inTransaction<Result>>[1]) => inTransaction(db, work)
  const view = async (cart: Cart, shownId = cart.id, language: Language = 'en') => {
    const skus = cart.lines.map(({ sku }) => sku)
    const [entries, stock] = await Promise.all([lookUp(skus), stockOf(db, skus)])
    return cartView(cart, shownId, { entries, stock, rules, language })
  }
  const viewFor = ({ params: { id } }: CartRequest, cart: Cart, language?: Language) =>
    view(cart, cart.customer_id ? cart.id : id, language)
  const mustBeSoldIn = (currency: string) => {
    if (!isSoldIn(currency, rules)) throw invalidInput([currencyNotOffered(currency)])
  }

  const tags = ['carts']
  const onRequest = app.maybeSignedIn
  // An anonymous cart's id lets whoever knows it in: it stays out of the log.
  const config = { hasSecretPath: true }
  const ofCart = { tags, params: CartParams, response: { 200: CartShape } }

  app.post(
    '/carts',
    {
      onRequest,
      schema: {
        tags,
        summary: 'A new cart, whose id is told this once; to who is signed in, the one that he has',
        body: CartInput,
        response: { 200: CartShape, 201: CartShape, ...problems(403) },
      },
    },
    async ({ person, body: { currency } }, reply) => {
      mustBeSoldIn(currency)
      const secret = newSecret()
      const whose = person ? { customerId: person.id } : { secretHash: hashOf(secret) }
      const { cart, isNew } = await change((tx) => makeCart(tx, whose, currency))
      return reply.code(isNew ? 201 : 200).send(await view(cart, person ? cart.id : secret))
    },
  )

  app.put(
    '/carts/:id',
    {
      onRequest,
      config,
      schema: {
        tags,
        summary: 'The cart of this id, which is made when it is not there: asked several times at once, it is one',
        params: NewCartParams,
        body: CartInput,
        response: { 200: CartShape, 201: CartShape, ...problems(403) },
      },
    },
    async (request, reply) => {
      mustBeSoldIn(request.body.currency)
      const { cart, isNew } = await change((tx) => makeCart(tx, refOf(request), request.body.currency))
      return reply.code(isNew ? 201 : 200).send(await viewFor(request, cart))
    },
  )

  app.get('/carts/:id', { onRequest, config, schema: { ...ofCart, querystring: CartQuery } }, async (request) => {
    const cart = await findCart(db, refOf(request))
    if (!cart) throw notFound('cart')
    if (!cart.used_today) await change((tx) => keepCart(tx, cart.id))
    return await viewFor(request, cart, request.query.language)
  })

  app.patch('/carts/:id', { onRequest, config, schema: { ...ofCart, body: CartInput } }, async (request) => {
    const { currency } = request.body
    mustBeSoldIn(currency)
    return await viewFor(request, await change((tx) => changeCurrency(tx, refOf(request), currency, lookUp)))
  })

  app.delete(
    '/carts/:id',
    { onRequest, config, schema: { ...ofCart, summary: 'Empties it', response: { 204: Nothing } } },
    async (request, reply) => {
      await change((tx) => emptyCart(tx, refOf(request)))
      return reply.code(204).send(null)
    },
  )

  app.put(
    '/carts/:id/lines',
    {
      onRequest,
      config,
      schema: { ...ofCart, summary: 'Puts several lines, all or none; others stay as they are', body: CartLinesInput },
    },
    async (request) => {
      const { lines: wanted } = request.body
      const entries = await lookUp(wanted.map(({ sku }) => sku))
      return await viewFor(request, await change((tx) => putLines(tx, refOf(request), { wanted, entries, rules })))
    },
  )

  const changeLine = async (
    request: FastifyRequest<{ Params: CartLineParams }>,
    work: typeof putLine,
    quantity: number,
  ) => {
    const wanted = { sku: request.params.sku, quantity }
    const entries = await lookUp([wanted.sku])
    return await viewFor(request, await change((tx) => work(tx, refOf(request), { wanted, entries, rules })))
  }
  const ofLine = { ...ofCart, params: CartLineParams }
  app.put('/carts/:id/lines/:sku', { onRequest, config, schema: { ...ofLine, body: CartLineInput } }, (request) =>
    changeLine(request, putLine, request.body.quantity),
  )
  app.post(
    '/carts/:id/lines/:sku',
    {
      onRequest,
      config,
      schema: {
        ...ofLine,
        summary: 'Adds so many more; what is added at the same moment adds up',
        body: CartAddInput,
      },
    },
    (request) => changeLine(request, addPieces, request.body.quantity),
  )
  app.delete('/carts/:id/lines/:sku', { onRequest, config, schema: ofLine }, (request) =>
    changeLine(request, putLine, 0),
  )

  app.post(
    '/carts/:id/seen',
    { onRequest, config, schema: { ...ofCart, summary: 'Its prices were seen: they are no longer told as changes' } },
    async (request) => await viewFor(request, await change((tx) => markSeen(tx, refOf(request), lookUp))),
  )

  app.post(
    '/carts/:id/merge',
    {
      onRequest: app.signedIn,
      config: { ...config, doesOnce: false }, // again does nothing, with a key or without
      schema: {
        ...ofCart,
        summary: 'Puts an anonymous cart into the caller’s, after which it is gone; again does nothing',
        response: { 200: CartShape, ...problems(403) },
      },
    },
    async (request) => {
      const customerId = personOf(request).id
      const from = refOf(request)
      return await view(await change((tx) => mergeCarts(tx, { from, customerId }, { lookUp, rules })))
    },
  )
}
