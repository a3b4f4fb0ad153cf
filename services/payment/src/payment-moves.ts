import type { Money } from '@mart/contracts/money'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import {
  type Basket,
  isLive,
  keptMoney,
  type OrderVoid,
  type PaymentRecord,
  paidAttempt,
  refundable,
} from './payment-record.ts'
import { type Change, changed, endAttempt, type Moment } from './record-change.ts'
import { sendBack } from './refunds/send-back.ts'

export interface AttemptAsked {
  readonly number: number
  readonly method: PaymentMethod
  readonly dueAt: Date
  readonly basket: Basket
  /** Opens the link that the buyer gets. */
  readonly goToken: string
}

/** Order asks for an attempt: an older one that is open gives way first. A number that is not newer does nothing. */
export function startAttempt(record: PaymentRecord, asked: AttemptAsked, moment: Moment): Change {
  return changed(record, moment, (draft) => {
    const { payment, attempts } = draft
    const settled = keptMoney(draft) !== null || payment.status === 'due_on_delivery'
    if (draft.order_void || settled || asked.number <= payment.attempt) return
    Object.assign(payment, { method: asked.method, attempt: asked.number, due_at: asked.dueAt })
    for (const attempt of attempts.filter(isLive)) endAttempt(attempt, moment)
    if (asked.method === 'cash_on_delivery') return
    attempts.push({
      id: moment.newId(),
      payment_id: payment.id,
      number: asked.number,
      method: asked.method,
      status: 'created',
      key_number: 1,
      session_id: null,
      provider_payment_id: null,
      url: null,
      go_token: asked.goToken,
      next_call_at: null,
      tries: 0,
      error: null,
      expires_at: null,
      basket: asked.basket,
      refunded_there: 0,
      fee: null,
      fee_currency: null,
      created_at: moment.now,
    })
  })
}

/** Order asks to cancel. It is answered once nothing can bring money any more: `payment.voided`, or `payment.succeeded` first. */
export function cancelOrder(record: PaymentRecord, ifPaid: OrderVoid['if_paid'], moment: Moment): Change {
  return changed(record, moment, (draft) => {
    if (draft.order_void) {
      if (ifPaid === 'refund') draft.order_void.if_paid = 'refund'
      return
    }
    // Who asks to keep has not heard our payment.succeeded yet: it is on its way and is the answer.
    if (keptMoney(draft) !== null && ifPaid === 'keep') return
    draft.order_void = { if_paid: ifPaid, answered: false }
    const left = refundable(draft)
    const attempt = paidAttempt(draft) ?? null
    if (left > 0) {
      const money = { amount: left, currency: draft.payment.currency }
      const charge = attempt?.provider_payment_id ?? null
      sendBack(draft, moment, { attempt, charge, money, reason: 'order_cancelled', isExtra: false })
    }
    for (const other of draft.attempts.filter(isLive)) endAttempt(other, moment)
  })
}

/** Order was cancelled, or came back undelivered, without asking: what is open ends, nothing opens later, nothing is said. */
export function closeOrder(record: PaymentRecord, moment: Moment): Change {
  return changed(record, moment, (draft) => {
    draft.order_void ??= { if_paid: 'refund', answered: true }
    for (const attempt of draft.attempts.filter(isLive)) endAttempt(attempt, moment)
  })
}

export interface Delivery {
  /** With nothing said: all of it. */
  readonly collected: Money | null
  readonly carrier: string | null
  readonly deliveredAt: Date
}

/** The courier has handed over the goods for cash; too little of it is for staff to see to. */
export function collectCash(
  record: PaymentRecord,
  { collected, carrier, deliveredAt }: Delivery,
  moment: Moment,
): Change {
  if (collected && collected.currency !== record.payment.currency) {
    throw new RangeError(`${collected.currency} was collected for an order in ${record.payment.currency}`)
  }
  return changed(record, moment, (draft) => {
    const { payment, tasks } = draft
    if (payment.status !== 'due_on_delivery') return
    const taken = collected?.amount ?? payment.amount
    Object.assign(payment, { collected: taken, carrier, delivered_at: deliveredAt })
    if (taken >= payment.amount) return
    tasks.push({
      id: moment.newId(),
      kind: 'cash_short',
      refund_id: null,
      attempt_id: null,
      method: 'cash_on_delivery',
      provider_payment_id: null,
      amount: payment.amount - taken,
      currency: payment.currency,
      reason: 'cash_short',
      asked_by: null,
      done_by: null,
      done_at: null,
      note: null,
    })
  })
}

/** The courier has handed in what he took; `by` has counted it. */
export function handInCash(record: PaymentRecord, by: string, moment: Moment): Change {
  return changed(record, moment, ({ payment }) => {
    if (payment.handed_in_at === null) Object.assign(payment, { handed_in_at: moment.now, handed_in_by: by })
  })
}
