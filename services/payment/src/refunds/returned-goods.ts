import { PaymentNothingToRefund } from '@mart/contracts/events/payment-events'
import type { Money } from '@mart/contracts/money'
import { type PaymentRecord, paidAttempt, refundable } from '../payment-record.ts'
import { aboutPayment, type Change, changed, emit, type Moment } from '../record-change.ts'
import { sendBack } from './send-back.ts'

export interface ReturnedGoods {
  readonly returnId: string
  readonly money: Money
}

/** Goods have come back: their money follows, once, and never more than is left of what was paid. */
export function refundGoods(record: PaymentRecord, { returnId, money }: ReturnedGoods, moment: Moment): Change {
  const { currency } = record.payment
  if (money.currency !== currency) throw new RangeError(`${money.currency} goes back for an order in ${currency}`)
  return changed(record, moment, (draft) => {
    if (draft.refunds.some(({ return_id }) => return_id === returnId)) return
    const attempt = paidAttempt(draft) ?? null
    const amount = Math.min(money.amount, refundable(draft))
    if (amount <= 0) {
      const about = aboutPayment(draft, attempt?.method ?? draft.payment.method)
      emit(draft, PaymentNothingToRefund, { ...about, return_id: returnId })
      return
    }
    const charge = attempt?.provider_payment_id ?? null
    const why = { reason: 'goods_returned', isExtra: false, returnId }
    sendBack(draft, moment, { attempt, charge, money: { amount, currency }, ...why })
  })
}
