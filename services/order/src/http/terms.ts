import { OrderTermsShape } from '@mart/contracts/http/order-terms-shapes'
import type { App } from '@mart/service-kit/http-server'
import type { BasketRules } from '../pricing.ts'

/** Settings, which change when the service is started anew. */
const KEPT_S = 60

export function addTermsRoute(
  app: App,
  { shippingRates, freeShippingFrom, maxQuantity }: BasketRules,
  { returnDays }: { readonly returnDays: number },
): void {
  const delivery = Object.entries(shippingRates).map(([currency, amount]) => {
    const from = freeShippingFrom[currency]
    return { charge: { amount, currency }, free_from: from === undefined ? null : { amount: from, currency } }
  })
  app.get(
    '/order-terms',
    {
      schema: {
        tags: ['orders'],
        summary:
          'What delivery costs, how many of a thing one order may have, and how long it may be sent back; for everybody, may be kept for a minute',
        response: { 200: OrderTermsShape },
      },
    },
    (_, reply) => {
      reply.header('cache-control', `public, max-age=${KEPT_S}`)
      return { delivery, max_quantity: maxQuantity, return_days: returnDays }
    },
  )
}
