import {
  type Basket,
  offeredMethods,
  type PaymentMethod,
  type PaymentSettings,
  whyUnavailable,
} from '@mart/contracts/payment-methods'
import { Refusal } from '@mart/service-kit/errors'

/** Throws Refusal 422 payment_method_unavailable, with why, for a way to pay that is not offered for this basket. */
export function mustBeOffered(settings: PaymentSettings, basket: Basket, method: PaymentMethod): void {
  const why = whyUnavailable(settings, basket, method)
  if (!why) return
  const offered = offeredMethods(settings, basket)
  const message = `is not offered for this order: ${why.message} Offered: ${offered.join(', ') || 'none'}.`
  throw new Refusal(422, 'payment_method_unavailable', `payment_method: ${message}`, {
    errors: [{ field: 'payment_method', code: 'payment_method_unavailable', message }],
    more: { reason: why.code, offered },
  })
}
