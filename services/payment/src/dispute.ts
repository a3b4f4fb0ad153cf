import { PaymentDisputeClosed, PaymentDisputed } from '@mart/contracts/events/payment-events'
import type { Money } from '@mart/contracts/money'
import type { Attempt } from './payment-tables.ts'
import { aboutPayment, type Change, tell } from './record-change.ts'

/** A bank asks for money back: the goods stay, staff are told. Told again, or after its end, it does nothing. */
export function dispute(draft: Change, attempt: Attempt, { money, reason }: { money: Money; reason: string }): void {
  const { payment } = draft
  if (payment.dispute_status !== null) return
  Object.assign(payment, { disputed: true, dispute_status: 'open', disputed_amount: money.amount })
  tell(draft, PaymentDisputed, { ...aboutPayment(draft, attempt.method), disputed: money, reason })
}

/** The bank has decided: the first decision stands. */
export function closeDispute(draft: Change, attempt: Attempt, { money, won }: { money: Money; won: boolean }): void {
  const { payment } = draft
  if (payment.dispute_status !== 'open') return
  Object.assign(payment, { disputed: !won, dispute_status: won ? 'won' : 'lost' })
  tell(draft, PaymentDisputeClosed, { ...aboutPayment(draft, attempt.method), disputed: money, won })
}
