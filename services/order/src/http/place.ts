import { OrderInput, OrderShape } from '@mart/contracts/http/order-shapes'
import { problems } from '@mart/contracts/http/shared-shapes'
import { Refusal } from '@mart/service-kit/errors'
import type { App } from '@mart/service-kit/http-server'
import { idempotencyOf, storedResponse } from '@mart/service-kit/idempotency'
import { newId } from '@mart/service-kit/ids'
import { addToLog } from '@mart/service-kit/logger'
import { personOf } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import { faultsOf } from '@mart/service-kit/problems'
import type { Catalogue } from '../catalogue-queries.ts'
import type { ShopRules } from '../config.ts'
import { acceptedBasket, newOrder, type Wish, wantedLines } from '../new-order.ts'
import { isUnprovenCash, secondUnprovenCash, tooManyOpenOrders } from '../open-orders.ts'
import type { Order } from '../order.ts'
import { findOrder, isErased } from '../order-queries.ts'
import { viewOf, viewWhenPlaced } from '../order-view.ts'
import type { OrderWriter } from '../order-writer.ts'
import type { PricedBasket } from '../pricing.ts'
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
      const faults = request.validationError ? faultsOf(request.validationError) : []
      const wish: Wish = { input: request.body, faults, by: personOf(request) }
      const idempotency = idempotencyOf(request)
      reply.code(201)
      const replay = (earlier: Order) => {
        reply.header('idempotency-replayed', 'true')
        addToLog({ order_id: earlier.id, order_number: earlier.number })
        return viewWhenPlaced(earlier)
      }
      let basket: PricedBasket
      try {
        basket = acceptedBasket(wish, await parts.catalogue.entriesOf(skusOf(wish)), parts.rules)
      } catch (refusal) {
        // What was taken once stays taken, also when prices have changed since.
        const earlier = await keptOrder(parts.db, idempotency)
        if (!earlier) throw refusal
        return replay(earlier)
      }
      const order = newOrder(wish, basket, { id: newId(), number: await parts.nextNumber(), now: new Date() })
      const unprovenCash = isUnprovenCash(parts.rules.openOrders, wish.by, order.payment_method)
      const wanted = { order, idempotency, isUnprovenCash: unprovenCash }
      if (!(await parts.writer.place(wanted))) return replay(await earlierOrder(parts.db, wanted))
      addToLog({ order_id: order.id, order_number: order.number })
      return viewOf(order)
    },
  )
}

const skusOf = ({ input }: Wish) => wantedLines(input).map((line) => line.sku)

async function keptOrder(db: Database, idempotency: NewOrder['idempotency']): Promise<Order | null> {
  const kept = idempotency && (await storedResponse(db, idempotency))
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
