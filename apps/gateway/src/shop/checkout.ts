import { createHash } from 'node:crypto'
import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { OrderShape } from '@mart/contracts/http/order-shapes'
import type { AddressShape } from '@mart/contracts/http/user-shapes'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { FormProblem, FormState, OfferedMethod } from '@mart/web/pages'
import { ServiceRefusal } from '../services-client.ts'
import { addressesOf } from './account/addresses.ts'
import { emptyForm, faultsIn, fieldsOf, missingIn } from './forms.ts'
import type { Visit } from './frame.ts'
import { onceDone } from './once-done.ts'
import type { Shop } from './open-shop.ts'
import { putWhatIsSold } from './order-again.ts'

const ofAddress = ['line1', 'line2', 'city', 'region', 'postal_code'] as const

type PlacedOrder = OrderShape & { readonly guest_token?: string }

interface Ways {
  readonly items: OfferedMethod[]
  readonly unavailable: { method: string; reason: string }[]
}

export function addCheckout(app: App, shop: Shop): void {
  app.get('/checkout', async (request, reply) => {
    const visit = await shop.visit(request)
    if (!visit.cart?.can_order) return reply.redirect('/cart', 303)
    const values = shop.typed.of(request, visit.session)
    return await showCheckout(shop, visit, visit.cart, reply, values && { ...emptyForm, values })
  })

  app.post('/checkout', async (request, reply) => {
    const fields = fieldsOf(request)
    try {
      const visit = await shop.visit(request)
      if (fields['customer'] && fields['customer'] !== visit.session?.person.id) return signInAgain(shop, reply, fields)
      return await order(shop, visit, fields, request, reply)
    } catch (error) {
      if (!fields['customer'] || !hasEnded(error)) throw error
      shop.sessions.forget(request)
      return signInAgain(shop, reply, fields)
    }
  })

  app.post('/checkout/as-guest', async (request, reply) => {
    const visit = await shop.visit(request)
    const typed = shop.typed.find(request)
    if (typed && !visit.session) {
      const path = await shop.carts.open(request, reply, visit)
      await putWhatIsSold(shop, visit, `${path}/lines`, linesIn(typed.fields['lines'] ?? ''))
      shop.typed.keep(reply, { ...typed, customer: null })
    }
    return reply.redirect('/checkout', 303)
  })
}

const hasEnded = (error: unknown) => error instanceof ServiceRefusal && error.status === 401

/** The form was an account's, whose session has ended meanwhile: what was typed is there again at its next checkout. */
function signInAgain(shop: Shop, reply: FastifyReply, fields: Record<string, string>) {
  shop.typed.keep(reply, { customer: fields['customer'] ?? null, fields })
  return reply.redirect('/sign-in?next=/checkout&ended', 303)
}

async function order(
  shop: Shop,
  visit: Visit,
  fields: Record<string, string>,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  try {
    const placed = await place(shop, visit, fields, request)
    await shop.carts.empty(request, visit)
    shop.typed.forget(request, reply)
    if (placed.guest_token) shop.guests.remember(reply, placed.id, placed.guest_token)
    return reply.redirect(`/orders/${placed.id}?placed`, 303)
  } catch (error) {
    if (!(error instanceof ServiceRefusal) || hasEnded(error)) throw error
    const cart = await shop.carts.find(request, visit)
    if (!cart || cart.lines.length === 0) return reply.redirect(visit.session ? '/account' : '/cart', 303)
    const faults = faultsIn(error.problem)
    const problem = problemIn(error, faults)
    return await showCheckout(shop, visit, cart, reply, { values: fields, faults, problem }, error.status)
  }
}

/** One order of what the page showed, however often its button is pressed, in however many tabs. */
async function place(
  shop: Shop,
  { frame, caller, session }: Visit,
  fields: Record<string, string>,
  request: FastifyRequest,
) {
  const addresses = fields['address'] ? await addressesOf(shop, { caller }) : []
  const saved = addresses.find(({ id }) => id === fields['address'])
  const required = saved ? [] : ['name', 'phone', 'line1', 'city', 'country']
  const missing = missingIn(fields, [...required, ...(session ? [] : ['email']), 'payment_method'])
  if (Object.keys(missing).length > 0) {
    const errors = Object.keys(missing).map((field) => ({ field, code: 'required', message: 'is missing' }))
    throw new ServiceRefusal(422, { code: 'invalid_input', errors })
  }
  const currency = fields['currency'] ?? ''
  const typed = {
    name: fields['name'],
    phone: fields['phone'],
    country: fields['country']?.toUpperCase(),
    ...Object.fromEntries(ofAddress.flatMap((name) => (fields[name]?.trim() ? [[name, fields[name]]] : []))),
  }
  return await onceDone(() =>
    shop.services.ask<PlacedOrder>('order', '/orders', caller, {
      method: 'POST',
      headers: { 'idempotency-key': (fields['key'] ?? '').slice(0, 255) || request.id },
      body: {
        lines: linesIn(fields['lines'] ?? ''),
        currency,
        payment_method: fields['payment_method'],
        shipping_address: saved ? withoutBookkeeping(saved) : typed,
        expected_total: { amount: Number(fields['expected_total']), currency },
        contact: session
          ? { language: frame.language }
          : { name: typed.name, email: fields['email'], phone: typed.phone, language: frame.language },
        ...(fields['note']?.trim() && { note: fields['note'] }),
      },
    }),
  )
}

const withoutBookkeeping = ({ id: _id, label: _label, is_default: _isDefault, ...address }: AddressShape) => address

const linesIn = (text: string) =>
  text.split(/\r?\n/).map((line) => {
    const [, quantity = '', sku = ''] = /^(\S+) (.+)$/.exec(line) ?? []
    return { sku, quantity: Number(quantity) }
  })

async function showCheckout(
  shop: Shop,
  { frame, caller, session }: Visit,
  cart: CartShape,
  reply: FastifyReply,
  sent: FormState | null,
  status = 200,
) {
  const query = new URLSearchParams({ currency: cart.currency, country: shop.country })
  const [addresses, ways] = await Promise.all([
    session ? addressesOf(shop, { caller }) : [],
    shop.services.ask<Ways>('payment', `/payment-methods?${query}`, caller),
  ])
  const usual = addresses.find(({ is_default }) => is_default) ?? addresses[0]
  const first = { name: session?.person.name ?? '', country: shop.country, ...(usual && { address: usual.id }) }
  const form = sent ?? { ...emptyForm, values: first }
  const { items: methods, unavailable } = ways
  const whose = { customer: session?.person.id ?? null, addresses }
  const page = shop.pages.checkout(frame, { ...whose, cart, methods, unavailable, form, key: keyOf(cart) })
  return shop.show(reply, page, status)
}

/** The same for the same cart in the same state: a second tab orders the same. */
const keyOf = ({ id, updated_at, total }: CartShape) =>
  createHash('sha256').update(`${id} ${updated_at} ${total.amount}`).digest('base64url')

const told = ['price_changed', 'email_not_proven', 'too_many_open_orders'] as const

function problemIn({ problem: { code } }: ServiceRefusal, faults: object): FormProblem | null {
  const known = told.find((one) => one === code)
  if (known) return known
  if (code === 'idempotency_key_reused') return 'ordered_already'
  if (code === 'too_many_requests') return 'too_many_tries'
  return Object.keys(faults).length > 0 ? null : 'not_taken'
}
