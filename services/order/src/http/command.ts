import {
  CancelInput,
  DeliveryFailureInput,
  DeliveryInput,
  OrderShape,
  PaymentChoiceInput,
  ShipmentInput,
} from '@mart/contracts/http/order-shapes'
import { Nullable } from '@mart/contracts/http/shared-shapes'
import { invalidInput } from '@mart/service-kit/errors'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { isStaff, personOf } from '@mart/service-kit/people'
import { brokenConstraint, type Database } from '@mart/service-kit/postgres'
import type { ShopRules } from '../config.ts'
import { checkUnprovenCash, isUnprovenCash, secondUnprovenCash } from '../open-orders.ts'
import type { Trigger } from '../order.ts'
import { viewOf } from '../order-view.ts'
import { mustBeOffered } from '../payment-offer.ts'
import { type Command, commandOrder } from '../use-cases/move-orders.ts'
import { orderFor, orderIdFor, orderParams as params } from './read.ts'

/** What people ask of an order that is there: each is one trigger of order-moves.ts. */
export function addCommandRoutes(app: App, db: Database, rules: ShopRules): void {
  const shared = { tags: ['orders'], security: [{ bearer: [] }], params, response: { 200: OrderShape } }
  const run = (
    request: FastifyRequest<{ Params: { id: string } }>,
    reply: FastifyReply,
    command: Pick<Command, 'trigger' | 'refusal' | 'alreadyDone' | 'isUnprovenCash'>,
  ) => {
    const by = personOf(request)
    return runIdempotently({ db, request, reply, status: 200 }, async (tx) => {
      const orderId = await orderIdFor(tx, request)
      return viewOf(await commandOrder(tx, { ...command, orderId, by }, rules.paymentWindowMs))
    })
  }

  app.post(
    '/orders/:id/cancel',
    { onRequest: app.signedIn, schema: { ...shared, body: Nullable(CancelInput) } },
    (request, reply) => {
      const trigger: Trigger = {
        name: 'person_cancels',
        by: isStaff(personOf(request)) ? 'staff' : 'customer',
        reason: request.body?.reason,
      }
      const refusal = { code: 'not_cancellable', doing: 'cancelled' }
      return run(request, reply, { trigger, refusal, alreadyDone: ['cancelling', 'cancelled'] })
    },
  )

  app.post(
    '/orders/:id/payment',
    { onRequest: app.signedIn, schema: { ...shared, body: PaymentChoiceInput } },
    async (request, reply) => {
      const { currency, total, shipping_address } = await orderFor(db, request)
      const { payment_method: method } = request.body
      const { country, city } = shipping_address
      const basket = { currency, country, city, total: { amount: total, currency } }
      mustBeOffered(rules.payment, basket, method)
      const refusal = { code: 'not_awaiting_payment', doing: 'paid another way' }
      const person = personOf(request)
      // Staff decide for the customer.
      const isUnproven = !isStaff(person) && isUnprovenCash(rules.openOrders, person, method)
      if (isUnproven) checkUnprovenCash(rules.openOrders, person, method, basket.total)
      return await run(request, reply, {
        trigger: { name: 'way_chosen', method },
        refusal,
        isUnprovenCash: isUnproven,
      }).catch((error: unknown) => {
        throw brokenConstraint(error) === 'orders_open' ? secondUnprovenCash() : error
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
      const { currency, total, payment_method } = await orderFor(db, request)
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
