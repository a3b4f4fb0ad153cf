import type { ShippingAddress } from '@mart/contracts/events/shared-shapes'
import { conflict } from '@mart/service-kit/errors'
import type { PlacingRules } from './new-order.ts'
import type { Order } from './order.ts'
import { mustBeOffered } from './payment-offer.ts'
import { shippingFor } from './pricing.ts'

const parts = ['name', 'line1', 'line2', 'city', 'region', 'postal_code', 'country', 'phone'] as const

export const isSameAddress = (one: ShippingAddress, other: ShippingAddress): boolean =>
  parts.every((part) => (one[part] ?? '') === (other[part] ?? ''))

/**
 * Throws Refusal 409 when the delivery to another country would cost something else than was agreed, 422 when what is
 * still to be paid cannot be paid there in the order's way.
 */
export function checkNewAddress(order: Order, address: ShippingAddress, rules: PlacingRules): void {
  const { subtotal, currency, shipping, total, payment_method, status } = order
  const { country, city } = address
  const isAbroad = country !== order.shipping_address.country
  if (isAbroad && shippingFor(subtotal, currency, rules) !== shipping) {
    throw conflict(
      'delivery_charge_differs',
      'Delivery to that country costs something else than was agreed: cancel this order and place another.',
    )
  }
  const isPaid = status === 'confirmed' && payment_method !== 'cash_on_delivery'
  if (total > 0 && !isPaid) {
    mustBeOffered(rules.payment, { currency, country, city, total: { amount: total, currency } }, payment_method)
  }
}
