import {
  AddressInput,
  CancelInput,
  DeliveryFailureInput,
  DeliveryInput,
  OrderShape,
  PaymentChoiceInput,
  ShipmentInput,
} from '@mart/contracts/http/order-shapes'
import { Nullable, problems } from '@mart/contracts/http/shared-shapes'
import { invalidInput } from '@mart/service-kit/errors'
import type { GuestLinks } from '@mart/service-kit/guest-links'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { isStaff } from '@mart/service-kit/people'
import { brokenConstraint, type Database } from '@mart/service-kit/postgres'
import type { ShopRules } from '../config.ts'
import { cashHoldersOf } from '../guests.ts'
import { checkNewAddress, isSameAddress } from '../new-address.ts'
import { checkUnprovenCash, isUnprovenCash, secondUnprovenCash } from '../open-orders.ts'
import type { Trigger } from '../order.ts'
import { viewOf } from '../order-view.ts'
import { mustBeOffered } from '../payment-offer.ts'
import { type Command, commandOrder } from '../use-cases/move-orders.ts'
import { askerAbout } from './asker.ts'
import { orderFor, orderIdFor, orderParams as params } from './read.ts'

interface CommandParts {
  readonly db: Database
  readonly rules: ShopRules
  readonly links: GuestLinks | null
}

/** What people ask of an order that is there: each is one trigger of order-moves.ts. */
export function addCommandRoutes(app: App, { db, rules, links }: CommandParts): void {
  const shared = { tags: ['orders'], params, response: { 200: OrderShape } }
  const run = (
    request: FastifyRequest<{ Params: { id: string } }>,
    reply: FastifyReply,
    command: Pick<
      Command,
      'trigger' | 'refusal' | 'alreadyDone' | 'isDone' | 'check' | 'isUnprovenCash' | 'cashHolders'
    >,
  ) => {
    return runIdempotently({ db, request, reply, status: 200 }, async (tx) => {
      const orderId = await orderIdFor(tx, request)
      const by = askerAbout(orderId, request, links)
      return viewOf(await commandOrder(tx, { ...command, orderId, by }, rules.paymentWindowMs))
    })
  }

  app.post(
    '/orders/:id/cancel',
    { onRequest: app.signedInOrGuest, schema: { ...shared, body: Nullable(CancelInput) } },
    (request, reply) => {
      const trigger: Trigger = {
        name: 'person_cancels',
        by: isStaff(request.person) ? 'staff' : 'customer',
        reason: request.body?.reason,
      }
      const refusal = { code: 'not_cancellable', doing: 'cancelled' }
      return run(request, reply, { trigger, refusal, alreadyDone: ['cancelling', 'cancelled'] })
    },
  )

  app.post(
    '/orders/:id/payment',
    { onRequest: app.signedInOrGuest, schema: { ...shared, body: PaymentChoiceInput } },
    async (request, reply) => {
      const { order, asker } = await orderFor(db, request, links)
      const { currency, total, shipping_address, contact } = order
      const { payment_method: method } = request.body
      const { country, city } = shipping_address
      const basket = { currency, country, city, total: { amount: total, currency } }
      mustBeOffered(rules.payment, basket, method)
      const refusal = { code: 'not_awaiting_payment', doing: 'paid another way' }
      // Staff decide for the customer.
      const isUnproven = !isStaff(request.person) && isUnprovenCash(rules.openOrders, asker, method)
      if (isUnproven) checkUnprovenCash(rules.openOrders, asker, method, basket.total)
      const traits = { email: contact.email, phone: contact.phone ?? shipping_address.phone }
      return await run(request, reply, {
        trigger: { name: 'way_chosen', method },
        refusal,
        isUnprovenCash: isUnproven,
        cashHolders: links ? cashHoldersOf(traits, links.pseudonymOf) : [],
      }).catch((error: unknown) => {
        throw brokenConstraint(error) === 'orders_open' ? secondUnprovenCash() : error
      })
    },
  )

  app.put(
    '/orders/:id/shipping-address',
    {
      onRequest: app.signedInOrGuest,
      schema: {
        ...shared,
        summary: 'Where it goes, until it is shipped; into another country only for the same delivery charge',
        body: AddressInput,
        response: { ...shared.response, ...problems(409) },
      },
    },
    (request, reply) => {
      const address = request.body
      return run(request, reply, {
        trigger: { name: 'address_changed', address },
        refusal: { code: 'address_settled', doing: 'sent elsewhere' },
        isDone: (order) => isSameAddress(order.shipping_address, address),
        check: (order) => checkNewAddress(order, address, rules),
      })
    },
  )

  app.post(
    '/orders/:id/shipments',
    {
      onRequest: app.staffOnly,
      schema: { ...shared, summary: 'It is on its way; the customer is mailed with what', body: ShipmentInput },
    },
    (request, reply) => {
      const { carrier, tracking_number: trackingNumber } = request.body
      const refusal = { code: 'not_shippable', doing: 'shipped' }
      return run(request, reply, { trigger: { name: 'staff_ships', carrier, trackingNumber }, refusal })
    },
  )

  app.post(
    '/orders/:id/deliveries',
    { onRequest: app.staffOnly, schema: { ...shared, body: Nullable(DeliveryInput) } },
    async (request, reply) => {
      const { currency, total, payment_method } = (await orderFor(db, request, links)).order
      const given = request.body?.collected
      if (given && given.currency !== currency) {
        throw invalidInput([{ field: 'collected.currency', code: 'currency', message: `must be ${currency}` }])
      }
      const collected = given?.amount ?? (payment_method === 'cash_on_delivery' && total > 0 ? total : null)
      const refusal = { code: 'not_shipped', doing: 'delivered' }
      return await run(request, reply, { trigger: { name: 'staff_delivers', collected }, refusal })
    },
  )

  app.post(
    '/orders/:id/delivery-failures',
    {
      onRequest: app.staffOnly,
      schema: {
        ...shared,
        summary: 'It could not be delivered, and why: the customer reads it',
        body: DeliveryFailureInput,
      },
    },
    (request, reply) => {
      const refusal = { code: 'not_shipped', doing: 'recorded as undelivered' }
      return run(request, reply, { trigger: { name: 'delivery_failed', reason: request.body.reason }, refusal })
    },
  )
}
