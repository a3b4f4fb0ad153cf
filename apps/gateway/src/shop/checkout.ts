import type { OrderShape } from '@mart/contracts/http/order-shapes'
import type { AddressShape } from '@mart/contracts/http/user-shapes'
import { phoneNumber } from '@mart/contracts/phone'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { ServiceRefusal } from '../services-client.ts'
import { addressesOf } from './account/addresses.ts'
import { showCheckout, showRefused } from './checkout-page.ts'
import { emptyForm, fieldsOf, keyIn, missingIn } from './forms.ts'
import type { Visit } from './frame.ts'
import { onceDone } from './once-done.ts'
import type { Shop } from './open-shop.ts'
import { putWhatIsSold } from './order-again.ts'
import { isOfAnother, signInFirst } from './sign-in-first.ts'
import { countryIn } from './ways-to-pay.ts'

const ofAddress = ['line1', 'line2', 'city', 'region', 'postal_code'] as const

type PlacedOrder = OrderShape & { readonly guest_token?: string }

export function addCheckout(app: App, shop: Shop): void {
  app.get('/checkout', async (request, reply) => {
    const visit = await shop.visit(request)
    if (!visit.cart?.can_order) return reply.redirect('/cart', 303)
    const values = shop.typed.of(request, visit.session)
    return await showCheckout(shop, visit, visit.cart, reply, values && { ...emptyForm, values })
  })

  app.post('/checkout', async (request, reply) => {
    const fields = fieldsOf(request)
    const visit = await shop.visit(request)
    if (isOfAnother(request, visit.session)) return await signInFirst(shop, request, reply)
    const isTakingOut = fields['take_out'] !== undefined
    return await (isTakingOut ? takeOut : order)(shop, visit, fields, request, reply)
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

async function order(
  shop: Shop,
  visit: Visit,
  fields: Record<string, string>,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  try {
    const placed = await place(shop, visit, fields, request)
    shop.typed.forget(request, reply)
    if (placed.guest_token) shop.guests.remember(reply, placed.id, placed.guest_token)
    return reply.redirect(`/orders/${placed.id}?placed`, 303)
  } catch (error) {
    if (!(error instanceof ServiceRefusal) || error.status === 401) throw error
    return await showRefused(shop, visit, error, fields, request, reply)
  }
}

/** What cannot be had leaves the cart, and what was typed stays. */
async function takeOut(
  shop: Shop,
  visit: Visit,
  fields: Record<string, string>,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const path = shop.carts.pathFor(request, visit)
  const line = `${path}/lines/${encodeURIComponent(fields['take_out'] ?? '')}`
  if (path)
    await shop.services.ask('order', line, visit.caller, { method: 'DELETE' }).catch((error: unknown) => {
      if (!(error instanceof ServiceRefusal)) throw error // it is not there, as it should be
    })
  const cart = await shop.carts.find(request, visit)
  if (!cart || cart.lines.length === 0) return reply.redirect('/cart', 303)
  return await showCheckout(shop, visit, cart, reply, { values: fields, faults: {}, problem: null })
}

/** One order of what the page showed, however often its button is pressed, in however many tabs. */
async function place(
  shop: Shop,
  { frame, caller, session }: Visit,
  fields: Record<string, string>,
  request: FastifyRequest,
) {
  const addresses = session && fields['address'] ? await addressesOf(shop, { caller }) : []
  const saved = addresses.find(({ id }) => id === fields['address'])
  if (fields['address'] && !saved) throw new ServiceRefusal(422, { code: 'address_gone' })
  const required = saved ? [] : ['name', 'phone', 'line1', 'city', 'country']
  const missing = missingIn(fields, [...required, ...(session ? [] : ['email']), 'payment_method'])
  if (Object.keys(missing).length > 0) {
    const errors = Object.keys(missing).map((field) => ({ field, code: 'required', message: 'is missing' }))
    throw new ServiceRefusal(422, { code: 'invalid_input', errors })
  }
  const currency = fields['currency'] ?? ''
  const country = countryIn(fields)
  const typed = {
    name: fields['name'],
    phone: fields['phone'],
    country,
    ...Object.fromEntries(ofAddress.flatMap((name) => (fields[name]?.trim() ? [[name, fields[name]]] : []))),
  }
  // Beside the address it is read as of its country; beside nothing, as of the shop's.
  const phone = phoneNumber(fields['phone'] ?? '', country) ?? fields['phone']
  const cart = shop.carts.idFor(request, { caller, session })
  return await onceDone(() =>
    shop.services.ask<PlacedOrder>('order', '/orders', caller, {
      method: 'POST',
      headers: { 'idempotency-key': keyIn(fields) },
      body: {
        lines: linesIn(fields['lines'] ?? ''),
        currency,
        payment_method: fields['payment_method'],
        shipping_address: saved ? withoutBookkeeping(saved) : typed,
        expected_total: { amount: Number(fields['expected_total']), currency },
        contact: session
          ? { language: frame.language }
          : { name: typed.name, email: fields['email'], phone, language: frame.language },
        ...(cart && { cart }),
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
