import { OrderInput, PlacedOrderShape } from '@mart/contracts/http/order-shapes'
import { problems } from '@mart/contracts/http/shared-shapes'
import { Refusal } from '@mart/service-kit/errors'
import type { GuestLinks } from '@mart/service-kit/guest-links'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import { type IdempotencyScope, idempotencyOf, keyReused, storedResponse } from '@mart/service-kit/idempotency'
import { newId } from '@mart/service-kit/ids'
import { networkOf } from '@mart/service-kit/limits'
import { addToLog } from '@mart/service-kit/logger'
import { guestAsker } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import { faultsOf } from '@mart/service-kit/problems'
import { type Cart, type CartRef, cartRef, mustBeInStock, mustHold } from '../carts/cart.ts'
import { findCart, stockOf } from '../carts/cart-queries.ts'
import type { Catalogue } from '../catalogue-queries.ts'
import type { ShopRules } from '../config.ts'
import { holdersOf, missingContact } from '../guests.ts'
import { acceptedBasket, aGuest, newOrder, type Wish, wantedLines } from '../new-order.ts'
import { accountErased, isUnprovenCash, secondUnprovenCash, tooManyOpenOrders } from '../open-orders.ts'
import type { Order } from '../order.ts'
import { findOrder, isErased } from '../order-queries.ts'
import { viewOf, viewWhenPlaced } from '../order-view.ts'
import type { OrderWriter } from '../order-writer.ts'
import type { PricedBasket } from '../pricing.ts'
import type { NewOrder } from '../use-cases/place-orders.ts'

export interface PlacingParts {
  readonly db: Database
  readonly rules: ShopRules
  readonly links: GuestLinks | null
  readonly catalogue: Catalogue
  readonly writer: OrderWriter
  readonly nextNumber: () => Promise<string>
}

export function addPlacingRoute(app: App, parts: PlacingParts): void {
  const { links, rules } = parts
  const linked = ({ id, customer_id }: Order) =>
    links && customer_id === null ? { guest_token: links.secretOf(id) } : {}
  app.post(
    '/orders',
    {
      onRequest: links ? app.maybeSignedIn : app.signedIn,
      config: { doesOnce: true },
      // Faults of shape and of the catalogue are told together, so the handler sees both.
      attachValidation: true,
      schema: {
        tags: ['orders'],
        summary: 'Place an order; prices are the shop’s, never the client’s. Without a token it is a guest’s',
        body: OrderInput,
        response: { 201: PlacedOrderShape, ...problems(403) },
      },
    },
    async (request, reply) => {
      const wish = wishOf(request)
      const from = cartOf(wish)
      const idempotency = request.person ? idempotencyOf(request) : guestIdempotency(request, wish, from)
      reply.code(201)
      const replay = (earlier: Order) => {
        reply.header('idempotency-replayed', 'true')
        addToLog({ order_id: earlier.id, order_number: earlier.number })
        return { ...viewWhenPlaced(earlier), ...linked(earlier) }
      }
      const kept = () => keptOrder(parts.db, idempotency, (order) => (isOf(wish, order) ? linked(order) : {}))
      let basket: PricedBasket
      let cart: Cart | null = null
      try {
        basket = acceptedBasket(wish, await parts.catalogue.entriesOf(skusOf(wish)), rules)
        if (from) {
          const [found, stock] = await Promise.all([findCart(parts.db, from), stockOf(parts.db, skusOf(wish))])
          cart = found
          if (cart) {
            mustHold(cart, basket.lines)
            mustBeInStock(basket.lines, stock)
          }
        }
      } catch (refusal) {
        // What was taken once stays taken, also when prices or the stock have changed since.
        const earlier = await kept()
        if (!earlier) throw refusal
        return replay(earlier)
      }
      const order = newOrder(wish, basket, { id: newId(), number: await parts.nextNumber(), now: new Date() })
      const wanted = { order, idempotency, cartId: cart?.id ?? null, ...countedBy(order, wish, request, parts) }
      if (!(await parts.writer.place(wanted))) return replay((await kept()) ?? (await notTaken(parts.db, wanted)))
      addToLog({ order_id: order.id, order_number: order.number })
      return { ...viewOf(order), ...linked(order) }
    },
  )
}

type PlacingRequest = FastifyRequest<{ Body: OrderInput }>

function wishOf({ body: input, person, validationError }: PlacingRequest): Wish {
  const faults = validationError ? faultsOf(validationError) : []
  if (person) return { input, faults, by: person }
  return { input, faults: [...faults, ...missingContact(input, faults)], by: aGuest }
}

const skusOf = ({ input }: Wish) => wantedLines(input).map((line) => line.sku)

/** A body with faults of shape is refused whatever cart it names. */
const cartOf = ({ input, faults, by }: Wish): CartRef | null =>
  faults.length === 0 && input.cart ? cartRef(input.cart, by.id) : null

const LEAST_GUEST_KEY = 32

/**
 * A guest's keys are those of the cart that he orders from, whoever he then says he is; without one, of his e-mail address and
 * phone. Who repeats one gets the order with its link, so it must be one that nobody else can guess. None while his contact is
 * at fault: then nothing is taken.
 */
function guestIdempotency(
  request: PlacingRequest,
  { input, faults }: Wish,
  cart: CartRef | null,
): IdempotencyScope | null {
  if (faults.some(({ field }) => field.startsWith('contact')) || !input?.contact) return null
  const { email = '', phone = '' } = input.contact
  const whose = cart && 'secretHash' in cart ? `cart ${cart.secretHash}` : `${email.toLowerCase()} ${phone}`
  const idempotency = idempotencyOf(request, guestAsker(whose))
  if (idempotency && idempotency.key.length < LEAST_GUEST_KEY) {
    const message = `The Idempotency-Key of a guest must be ${LEAST_GUEST_KEY} random characters at least: a UUID for instance.`
    throw new Refusal(400, 'bad_idempotency_key', message)
  }
  return idempotency
}

/** By what its buyer's open orders are counted. */
function countedBy(
  { customer_id, contact, payment_method }: Order,
  { by }: Wish,
  { ip }: PlacingRequest,
  { rules: { openOrders }, links }: PlacingParts,
): Pick<NewOrder, 'isUnprovenCash' | 'holders'> {
  const isCash = isUnprovenCash(openOrders, by, payment_method)
  if (customer_id !== null || !openOrders || !links) return { isUnprovenCash: isCash, holders: [] }
  const traits = { email: contact.email, phone: contact.phone ?? '', network: networkOf(ip) }
  return { isUnprovenCash: isCash, holders: holdersOf(traits, openOrders, { isCash, pseudonymOf: links.pseudonymOf }) }
}

/** The order that this key has made before. Throws Refusal 422, which names it, when that was with another body. */
async function keptOrder(
  db: Database,
  idempotency: NewOrder['idempotency'],
  linked: (order: Order) => { readonly guest_token?: string },
): Promise<Order | null> {
  const kept = idempotency && (await storedResponse(db, idempotency))
  const order = kept && (await findOrder(db, JSON.parse(kept.answer)))
  if (kept?.isOther) throw keyReused(order ? { order_id: order.id, order_number: order.number, ...linked(order) } : {})
  return order
}

/** Who knows a cart's key is told that it is ordered; its link is for who has said as a guest that he is this one. */
const isOf = ({ input: { contact } }: Wish, order: Order) =>
  contact?.phone === order.contact.phone && contact?.email?.toLowerCase() === order.contact.email.toLowerCase()

/** Throws the Refusal that kept it from being taken, where it was no key. */
async function notTaken(db: Database, { order, isUnprovenCash }: NewOrder): Promise<never> {
  if (order.customer_id !== null && (await isErased(db, order.customer_id))) throw accountErased()
  throw isUnprovenCash ? secondUnprovenCash() : tooManyOpenOrders()
}
