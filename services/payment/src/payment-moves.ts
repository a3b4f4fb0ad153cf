import type { PaymentMethod } from '@mart/contracts/payment-methods'
import { isLive, keptMoney, type OrderVoid, type PaymentRecord, paidAttempt, refundable } from './payment-record.ts'
import { attemptColumns, type Basket, newRow } from './payment-tables.ts'
import { type Change, changed, endAttempt, type Moment } from './record-change.ts'
import { sendBack } from './refunds/send-back.ts'

export interface AttemptAsked {
  readonly number: number
  readonly method: PaymentMethod
  readonly dueAt: Date
  readonly basket: Basket
  /** Opens the link that the buyer gets. */
  readonly goToken: string
  /** Of the trace in which it is asked for. */
  readonly traceparent?: string
}

/** Order asks for an attempt: an older one that is open gives way first. A number that is not newer does nothing. */
export function startAttempt(record: PaymentRecord, asked: AttemptAsked, moment: Moment): Change {
  return changed(record, moment, (draft) => {
    const { payment, attempts } = draft
    const settled = keptMoney(draft) !== null || payment.status === 'due_on_delivery'
    if (draft.order_void || settled || asked.number <= payment.attempt) return
    Object.assign(payment, { method: asked.method, attempt: asked.number, due_at: asked.dueAt })
    for (const attempt of attempts.filter(isLive)) endAttempt(attempt)
    if (asked.method === 'cash_on_delivery') return
    attempts.push(
      newRow(attemptColumns, {
        id: moment.newId(),
        payment_id: payment.id,
        number: asked.number,
        method: asked.method,
        go_token: asked.goToken,
        basket: asked.basket,
        traceparent: asked.traceparent ?? null,
        created_at: moment.now,
      }),
    )
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
    for (const other of draft.attempts.filter(isLive)) endAttempt(other)
  })
}

/** Order was cancelled, or came back undelivered, without asking: what is open ends, nothing opens later, nothing is said. */
export function closeOrder(record: PaymentRecord, moment: Moment): Change {
  return changed(record, moment, (draft) => {
    draft.order_void ??= { if_paid: 'refund', answered: true }
    for (const attempt of draft.attempts.filter(isLive)) endAttempt(attempt)
  })
}

/** The person was erased: the payment stays, without him. */
export function forgetCustomer(record: PaymentRecord, moment: Moment): Change {
  return changed(record, moment, ({ payment, attempts }) => {
    payment.customer_id = null
    for (const { basket } of attempts) if (basket) Object.assign(basket, { email: null, phone: null })
  })
}

/** What a guest has ordered is this customer's now. */
export function giveToCustomer(record: PaymentRecord, customerId: string, moment: Moment): Change {
  return changed(record, moment, ({ payment }) => {
    payment.customer_id = customerId
  })
}
