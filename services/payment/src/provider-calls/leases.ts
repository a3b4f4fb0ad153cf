import type { PaymentMethod } from '@mart/contracts/payment-methods'

type Provider = Exclude<PaymentMethod, 'cash_on_delivery'>

/** How long one answer of a provider is waited for. */
export type Timeouts = Readonly<Record<Provider, number>>

/** How long what was claimed is left to whoever claimed it; when he has died, others wait as long. */
export type Leases = Readonly<Record<Provider, number>>

const LONGEST_CALL_IN_TIMEOUTS: Timeouts = { stripe: 5, payfast: 2 }
/** Stripe’s SDK sleeps up to 1.5 s before it gives up; what was answered has to be written down as well. */
const SHORTEST_MARGIN_MS = 2_500

/** When a client ends a call, whatever it still has to ask, repeat or page through. */
export const longestCallMs = (provider: Provider, timeoutMs: number): number =>
  timeoutMs * LONGEST_CALL_IN_TIMEOUTS[provider]

/** Leases that outlast every call that runs under them. */
export const leasesOf = (timeouts: Timeouts): Leases => ({
  stripe: withMargin(longestCallMs('stripe', timeouts.stripe)),
  payfast: withMargin(longestCallMs('payfast', timeouts.payfast)),
})

const withMargin = (callMs: number) => callMs + Math.max(SHORTEST_MARGIN_MS, callMs / 4)

/** The end of a claim of a call, made now. */
export const leaseEnd = (leases: Leases, method: PaymentMethod, now: Date): Date =>
  new Date(now.getTime() + (method === 'stripe' ? leases.stripe : leases.payfast))

/** The end of a lease for work that asks any provider, renewed after each call. */
export const longestLeaseEnd = (leases: Leases, now: Date): Date =>
  new Date(now.getTime() + Math.max(leases.stripe, leases.payfast))
