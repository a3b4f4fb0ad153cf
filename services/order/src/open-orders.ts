import { formatMoney, type Money } from '@mart/contracts/money'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import { Refusal } from '@mart/service-kit/errors'

/** What somebody may have open at once; null for the whole of it lifts every limit. */
export interface OpenOrderLimits {
  /** Orders that are unpaid, or to be paid in cash, and not shipped. */
  readonly most: number
  /** One cash order up to this much (minor units per currency) while the e-mail address is not proven. */
  readonly unprovenCash: Readonly<Record<string, number>>
}

interface Buyer {
  readonly emailVerified: boolean
}

/** Whether this is what somebody who has not proven his address may have only one of. */
export const isUnprovenCash = (limits: OpenOrderLimits | null, by: Buyer, method: PaymentMethod): boolean =>
  limits !== null && !by.emailVerified && method === 'cash_on_delivery'

/** Throws Refusal 422 when cash is more than an account may order by before its address is proven. */
export function checkUnprovenCash(
  limits: OpenOrderLimits | null,
  by: Buyer,
  method: PaymentMethod,
  total: Money,
): void {
  if (!limits || !isUnprovenCash(limits, by, method)) return
  const amount = limits.unprovenCash[total.currency] ?? 0
  if (total.amount <= amount) return
  const most = formatMoney({ amount, currency: total.currency })
  const message = `without a proven e-mail address one may order by cash up to ${most}`
  throw new Refusal(422, 'email_not_proven', `payment_method: ${message}`, {
    errors: [{ field: 'payment_method', code: 'email_not_proven', message }],
  })
}

export const secondUnprovenCash = (): Refusal =>
  new Refusal(
    429,
    'email_not_proven',
    'One open cash order without a proven e-mail address: sign in with one, or pay another way.',
    {
      headers: { 'retry-after': '60' },
    },
  )

export const tooManyOpenOrders = (): Refusal =>
  new Refusal(429, 'too_many_open_orders', 'Too many open orders: pay, receive or cancel one first.', {
    headers: { 'retry-after': '60' },
  })

export const accountErased = (): Refusal =>
  new Refusal(403, 'account_erased', 'This account has been erased: it can order nothing any more.')
