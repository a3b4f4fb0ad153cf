import type Stripe from 'stripe'
import type { Charge } from './objects.ts'

const FEE_SHARE = 0.029
const FEE_FIXED = 30

/** How a successful charge stands in the merchant's balance, here in its own currency. */
export function booking({
  id,
  amount,
  balance_transaction,
  created,
  currency,
}: Charge): Stripe.BalanceTransaction | null {
  if (typeof balance_transaction !== 'string') return null
  const fee = Math.min(amount, Math.round(amount * FEE_SHARE) + FEE_FIXED)
  return {
    id: balance_transaction,
    object: 'balance_transaction',
    amount,
    available_on: created,
    balance_type: 'payments',
    created,
    currency,
    description: null,
    exchange_rate: null,
    fee,
    fee_details: [
      { amount: fee, application: null, currency, description: 'Stripe processing fees', type: 'stripe_fee' },
    ],
    net: amount - fee,
    reporting_category: 'charge',
    source: id,
    status: 'available',
    type: 'charge',
  }
}
