import { keptMoney, type PaymentRecord, paidAttempt, taskOf } from './payment-record.ts'

/** A line of the ledger: what an account has more (or less) by a change, in minor units. */
export interface Posting {
  readonly account: string
  readonly currency: string
  /** Positive: debit; negative: credit. */
  readonly amount: number
  /** The refund that moved it. */
  readonly refund_id: string | null
}

/**
 * What a record leaves on the accounts; it always sums up to nothing. `provider:…`, `courier:…` and `cash` hold money of ours,
 * `sales` is what pays orders, `customer` (negative) what we owe, `refunds` what orders gave back, `by_hand` what staff
 * sent, `disputes` what banks took back, `fees:…` what providers kept.
 */
export function balancesOf(record: PaymentRecord): Posting[] {
  const { payment } = record
  const paid = paidAttempt(record)
  const kept = keptMoney(record) ?? 0
  const holder = paid ? `provider:${paid.method}` : `courier:${payment.carrier ?? 'unknown'}`
  const moved = (
    debit: string,
    credit: string,
    money: { amount: number; currency: string },
    refund_id: string | null,
  ) =>
    money.amount === 0
      ? []
      : [
          { account: debit, currency: money.currency, amount: money.amount, refund_id },
          { account: credit, currency: money.currency, amount: -money.amount, refund_id },
        ]
  const handedIn = !paid && payment.handed_in_at !== null ? kept : 0
  const fee = { amount: paid?.fee ?? 0, currency: paid?.fee_currency ?? payment.currency }
  const lost = payment.dispute_status === 'lost' ? payment.disputed_amount : 0
  return [
    ...moved(holder, 'sales', { amount: kept, currency: payment.currency }, null),
    ...moved('cash', holder, { amount: handedIn, currency: payment.currency }, null),
    ...moved(`fees:${paid?.method}`, holder, fee, null),
    ...moved('disputes', holder, { amount: lost, currency: payment.currency }, null),
    ...record.refunds.flatMap((refund) => {
      const provider = `provider:${refund.method}`
      const isByHand = taskOf(record, refund)?.done_by != null
      const source = isByHand ? 'by_hand' : provider
      return [
        ...moved(refund.is_extra ? provider : 'refunds', 'customer', refund, refund.id),
        ...(refund.status === 'succeeded' ? moved('customer', source, refund, refund.id) : []),
      ]
    }),
  ]
}

/** What a change moves: the accounts after it less those before it. Balanced, because both are. */
export function postingsOf(before: PaymentRecord, after: PaymentRecord): Posting[] {
  const sums = new Map<string, Posting>()
  const add = (posting: Posting, sign: 1 | -1) => {
    const key = `${posting.account} ${posting.currency} ${posting.refund_id}`
    const amount = (sums.get(key)?.amount ?? 0) + sign * posting.amount
    sums.set(key, { ...posting, amount })
  }
  for (const posting of balancesOf(after)) add(posting, 1)
  for (const posting of balancesOf(before)) add(posting, -1)
  return [...sums.values()].filter(({ amount }) => amount !== 0)
}
