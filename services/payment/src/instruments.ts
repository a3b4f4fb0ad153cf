import { defineInstrument, record } from '@mart/service-kit/instruments'
import type { Database } from '@mart/service-kit/postgres'
import type { Change } from './record-change.ts'
import { refusalReasons } from './refusal-reason.ts'

const paymentsRefused = defineInstrument({
  name: 'payments_refused_total',
  help: 'Attempts to pay that came to nothing, or were declined and may be tried again on the same page',
  labels: ['method', 'reason'],
  zeros: ['stripe', 'payfast'].flatMap((method) => refusalReasons.map((reason) => ({ method, reason }))),
})

const revenue = defineInstrument({
  name: 'revenue_minor_units_total',
  help: 'Money that has come and pays orders, from providers and couriers, in minor units of the currency: cents, paisa',
  labels: ['currency', 'method'],
})

const refunded = defineInstrument({
  name: 'refunded_minor_units_total',
  help: 'What orders gave back of it, in minor units of the currency',
  labels: ['currency', 'method'],
})

/** An answer is one of provider-news.ts' kinds. */
export const providerCalls = defineInstrument({
  name: 'provider_calls_total',
  help: 'Calls to payment providers, by what was asked and what came of it',
  labels: ['method', 'kind', 'outcome'],
})

export const callsSetAside = defineInstrument({
  name: 'provider_calls_set_aside_total',
  help: 'Calls to providers that a fault of ours put off, while others went on',
  labels: ['kind'],
})

export const webhooksRefused = defineInstrument({
  name: 'webhooks_refused_total',
  help: 'Notifications that no provider of this shop has signed',
  labels: ['provider'],
  zeros: [{ provider: 'stripe' }, { provider: 'payfast' }],
})

export const reconciliationFindings = defineInstrument({
  name: 'reconciliation_findings_total',
  help: 'What a provider’s record and ours did not agree on',
  labels: ['kind'],
})

export const instruments = [
  paymentsRefused,
  revenue,
  refunded,
  providerCalls,
  callsSetAside,
  webhooksRefused,
  reconciliationFindings,
]

/** Records what changes of payments did: what was refused, and what they posted to the ledger. */
export function recordChanges(db: Database, changes: readonly Change[]): void {
  record(
    db,
    paymentsRefused,
    changes.flatMap(({ refusals }) => refusals),
  )
  const posted = changes.flatMap(({ payment: { method }, postings }) => postings.map((one) => ({ ...one, method })))
  const moved = (account: string, sign: 1 | -1) =>
    posted
      .filter((one) => one.account === account && one.amount * sign > 0)
      .map(({ currency, method, amount }) => ({ currency, method, value: amount * sign }))
  record(db, revenue, moved('sales', -1))
  record(db, refunded, moved('refunds', 1))
}
