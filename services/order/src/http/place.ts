import { OrderInput, OrderShape } from '@mart/contracts/http/order-shapes'
import { problems } from '@mart/contracts/http/shared-shapes'
import type { Person } from '@mart/service-kit/auth'
import { conflict, type FieldError, invalidInput, Refusal } from '@mart/service-kit/errors'
import type { App } from '@mart/service-kit/http-server'
import { idempotencyOf, keptAnswer } from '@mart/service-kit/idempotency'
import { newId } from '@mart/service-kit/ids'
import { personOf } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import { faultsOf } from '@mart/service-kit/problems'
import type { Catalogue } from '../catalogue-queries.ts'
import type { ShopRules } from '../config.ts'
import { checkUnprovenCash, isUnprovenCash, secondUnprovenCash, tooManyOpenOrders } from '../open-orders.ts'
import type { Order } from '../order.ts'
import { findOrder, isErased } from '../order-queries.ts'
import { viewOf, viewWhenPlaced } from '../order-view.ts'
import type { OrderWriter } from '../order-writer.ts'
import { mustBeOffered } from '../payment-offer.ts'
import { type PricedBasket, priceBasket } from '../pricing.ts'
import type { NewOrder } from '../use-cases/place-orders.ts'

export interface PlacingParts {
  readonly db: Database
  readonly rules: ShopRules
  readonly catalogue: Catalogue
  readonly writer: OrderWriter
  readonly nextNumber: () => Promise<string>
}

export function addPlacingRoute(app: App, parts: PlacingParts): void {
  app.post(
    '/orders',
    {
      onRequest: app.signedIn,
      // Faults of shape and of the catalogue are told together, so the handler sees both.
      attachValidation: true,
      schema: {
        tags: ['orders'],
        security: [{ bearer: [] }],
        summary: 'Place an order; prices are the shop’s, never the client’s',
        body: OrderInput,
        response: { 201: OrderShape, ...problems(403) },
      },
    },
    async (request, reply) => {
      const person = personOf(request)
      const faults = request.validationError ? faultsOf(request.validationError) : []
      const idempotency = idempotencyOf(request)
      reply.code(201)
      const replay = (earlier: Order) => {
        reply.header('idempotency-replayed', 'true')
        return viewWhenPlaced(earlier)
      }
      let basket: PricedBasket
      try {
        basket = await pricedBasket(parts, request.body, { faults, person })
      } catch (refusal) {
        // What was taken once stays taken, also when prices have changed since.
        const earlier = await keptOrder(parts.db, idempotency)
        if (!earlier) throw refusal
        return replay(earlier)
      }
      const order = newOrder(request.body, basket, { person, number: await parts.nextNumber() })
      const unprovenCash = isUnprovenCash(parts.rules.openOrders, person, order.payment_method)
      const wanted = { order, idempotency, isUnprovenCash: unprovenCash }
      if (await parts.writer.place(wanted)) return viewOf(order)
      return replay(await earlierOrder(parts.db, wanted))
    },
  )
}

/**
 * The basket priced by our own catalogue. Throws Refusal 422 with every fault at once, or when its method is not for this
 * buyer; 409 when the buyer saw another total.
 */
async function pricedBasket(
  { rules, catalogue }: PlacingParts,
  input: OrderInput,
  { faults, person }: { faults: FieldError[]; person: Person },
): Promise<PricedBasket> {
  const lines = wellFormedLines(input)
  const currency = typeof input?.currency === 'string' ? input.currency : ''
  const entries = await catalogue.entriesOf(lines.map((line) => line.sku))
  const priced = priceBasket(lines, currency, entries, rules)
  const told = new Set(faults.map((fault) => fault.field))
  faults.push(...priced.faults.filter((fault) => !told.has(fault.field)))
  if (faults.length > 0) throw invalidInput(faults)

  const { basket } = priced
  const { country, city } = input.shipping_address
  const total = { amount: basket.total, currency }
  // Nothing to pay needs no way to pay it.
  if (total.amount > 0) mustBeOffered(rules.payment, { currency, country, city, total }, input.payment_method)
  checkUnprovenCash(rules.openOrders, person, input.payment_method, total)
  const { expected_total: expected } = input
  if (expected && (expected.amount !== basket.total || expected.currency !== currency)) {
    throw conflict('price_changed', 'The total is not what was expected: look at the new one and order again.', {
      more: { lines: basket.lines, total: { amount: basket.total, currency } },
    })
  }
  return basket
}

/** The lines that can be looked up, in their places, of a body that may be anything; what is no text is a fault already. */
function wellFormedLines(input: OrderInput) {
  const lines: unknown = (input as Partial<OrderInput> | null)?.lines
  if (!Array.isArray(lines)) return []
  return lines
    .slice(0, 100)
    .map((line) => ({ sku: line?.sku, quantity: Number.isInteger(line?.quantity) ? line.quantity : 1 }))
    .filter((line) => typeof line.sku === 'string')
}

function newOrder(
  input: OrderInput,
  basket: PricedBasket,
  { person, number }: { person: Person; number: string },
): Order {
  const now = new Date()
  return {
    id: newId(),
    number,
    customer_id: person.id,
    status: 'placed',
    currency: input.currency,
    ...basket,
    tax: 0,
    discount: 0,
    payment_method: input.payment_method,
    payment_status: 'pending',
    payment_url: null,
    attempt: 0,
    payment_due_at: null,
    if_paid: null,
    cancel_reason: null,
    missing: [],
    refunding: false,
    contact: { name: person.name, email: person.email, phone: input.shipping_address.phone, language: 'en' },
    shipping_address: input.shipping_address,
    note: input.note || null,
    holds: [],
    carrier: null,
    tracking_number: null,
    collected: null,
    history_count: 1,
    placed_at: now,
    updated_at: now,
  }
}

async function keptOrder(db: Database, idempotency: NewOrder['idempotency']): Promise<Order | null> {
  const kept = idempotency && (await keptAnswer(db, idempotency))
  return kept && (await findOrder(db, JSON.parse(kept.answer)))
}

/** The order that this key has made before. Throws the Refusal that kept the new one from being taken, if it was no key. */
async function earlierOrder(db: Database, { order, idempotency, isUnprovenCash }: NewOrder): Promise<Order> {
  const earlier = await keptOrder(db, idempotency)
  if (earlier) return earlier
  if (await isErased(db, order.customer_id ?? '')) {
    throw new Refusal(403, 'account_erased', 'This account has been erased: it can order nothing any more.')
  }
  throw isUnprovenCash ? secondUnprovenCash() : tooManyOpenOrders()
}
