import { formatMoney, type Money } from '@mart/contracts/money'
import { conflict } from '@mart/service-kit/errors'
import type { PaymentRecord } from '../payment-record.ts'
import { newRow, taskColumns } from '../payment-tables.ts'
import { type Change, changed, type Moment } from '../record-change.ts'

/** An order is confirmed whose courier will be paid. Of one that is over nothing is due; nothing is said, order knows. */
export function expectCash(record: PaymentRecord, moment: Moment): Change {
  return changed(record, moment, ({ payment }) => {
    payment.status = 'due_on_delivery'
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
    tasks.push(
      newRow(taskColumns, {
        id: moment.newId(),
        payment_id: payment.id,
        order_id: payment.order_id,
        kind: 'cash_short',
        method: 'cash_on_delivery',
        amount: payment.amount - taken,
        currency: payment.currency,
        reason: 'cash_short',
      }),
    )
  })
}

/**
 * What of a day's records the courier has still to hand in, if `given` is all of it. Throws Refusal 409 nothing_owed, or
 * cash_differs (with the sum that is owed).
 */
export function owedBy(records: readonly PaymentRecord[], given: Money): PaymentRecord[] {
  const owing = records.filter(({ payment }) => payment.handed_in_at === null && payment.collected !== 0)
  const owed = owing.reduce((sum, { payment }) => sum + (payment.collected ?? 0), 0)
  if (owed === 0) throw conflict('nothing_owed', 'This courier owes nothing of that day in that currency.')
  if (owed !== given.amount) {
    const more = { owed: { amount: owed, currency: given.currency } }
    throw conflict('cash_differs', `He owes ${formatMoney(more.owed)} of that day.`, { more })
  }
  return owing
}

/** The courier has handed in what he took; `by` has counted it. */
export function handInCash(record: PaymentRecord, by: string, moment: Moment): Change {
  return changed(record, moment, ({ payment }) => {
    if (payment.handed_in_at === null) Object.assign(payment, { handed_in_at: moment.now, handed_in_by: by })
  })
}
