import type { Money } from '@mart/contracts/money'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import type { Posting } from '../src/ledger.ts'
import { cancelOrder, startAttempt } from '../src/payment-moves.ts'
import { newRecord, type OrderVoid } from '../src/payment-record.ts'
import type { CallKind } from '../src/payment-tables.ts'
import { leaseEnd, leasesOf } from '../src/provider-calls/leases.ts'
import { beginCalls } from '../src/provider-calls/provider-calls.ts'
import type { News, RefundNews } from '../src/provider-news.ts'
import type { Change, Moment } from '../src/record-change.ts'
import { askRefund, finishRefund } from '../src/refunds/refund.ts'
import { settle } from '../src/settle.ts'

export const NOW = new Date('2026-11-22T10:00:00Z')
export const TOTAL: Money = { amount: 150_000, currency: 'PKR' }
const leases = leasesOf({ stripe: 10_000, payfast: 60_000 })
export const minutes = (count: number) => new Date(NOW.getTime() + count * 60_000)

/** Ids that grow with each record, so that two runs of it can be compared. */
export function moments() {
  let made = 0
  return (now: Date = NOW): Moment => ({ now, newId: () => `id-${++made}` })
}

export const emptyRecord = (method: PaymentMethod = 'stripe') =>
  newRecord({ id: 'payment', order_id: 'order', customer_id: 'customer', method, ...TOTAL, due_at: minutes(30) })

/** A record told step by step, keeping everything that was said. */
export function telling(method: PaymentMethod = 'stripe') {
  const moment = moments()
  let record = emptyRecord(method)
  const said: Change['events'] = []
  const alarms: string[] = []
  const ledger: Posting[] = []
  const take = (change: Change) => {
    const { events, postings, alarms: rung, ...after } = change
    said.push(...events)
    ledger.push(...postings)
    alarms.push(...rung)
    record = after
  }
  const attemptOf = (number: number) => {
    const attempt = record.attempts.find((one) => one.number === number)
    if (!attempt) throw new Error(`there is no attempt ${number}`)
    return attempt
  }
  const claim = (kinds: CallKind[], now: Date) => {
    const due = record.calls.find((call) => kinds.includes(call.kind) && call.due_at <= now)
    if (!due) return null
    const method = record.attempts.find(({ id }) => id === due.attempt_id)?.method ?? 'stripe'
    const until = leaseEnd(leases, method, now)
    Object.assign(due, { due_at: until, claimed_until: until })
    take(beginCalls(record, new Set([due.id]), moment(now)))
    return record.calls.find(({ id }) => id === due.id) ?? null
  }
  const told = {
    moment,
    said,
    alarms,
    ledger,
    record: () => record,
    take,
    attempt: attemptOf,
    types: () => said.map(({ event }) => event.type),
    last: () => said.at(-1)?.data ?? {},
    asks(number: number, way: PaymentMethod = 'stripe', now = NOW) {
      const basket = {
        number: 'M-1',
        email: 'a@b.example',
        lines: [{ name: 'Tea', quantity: 1, unit_price: 150_000 }],
        shipping: 0,
      }
      take(
        startAttempt(
          record,
          { number, method: way, dueAt: minutes(30), basket, goToken: `token-${number}` },
          moment(now),
        ),
      )
      return told
    },
    /** The call that waits for an attempt, polls apart. */
    call: (number: number) =>
      record.calls.find(({ attempt_id, kind }) => attempt_id === attemptOf(number).id && /open|end/.test(kind)),
    /** The worker claims the call that is due. */
    called(now = NOW) {
      const call = claim(['open', 'end'], now)
      return call ? (record.attempts.find(({ id }) => id === call.attempt_id) ?? null) : null
    },
    consumes(number: number, news: News, about: { charge?: string; sessionId?: string } = {}, now = NOW) {
      const { charge = null, sessionId = null } = about
      take(settle(record, { news, about: { attemptId: attemptOf(number).id, sessionId, charge } }, moment(now)))
      return told
    },
    opens(number: number, now = NOW) {
      told.asks(number, 'stripe', now).called(now)
      return told.consumes(
        number,
        { kind: 'opened', url: `https://pay/${number}`, link: `link-${number}` },
        { sessionId: `cs_${number}` },
        now,
      )
    },
    asksBack(amount?: number) {
      const money = amount === undefined ? undefined : { amount, currency: TOTAL.currency }
      const change = askRefund(record, { money, reason: 'broken', by: 'staff' }, moment())
      take(change)
      return change.refunds.at(-1)?.id ?? ''
    },
    /** The worker takes the refund that is due, and hears the answer if there is one. */
    refunds(news?: RefundNews, now = NOW) {
      const call = claim(['refund'], now)
      const refund = call ? record.refunds.find(({ id }) => id === call.refund_id) : undefined
      if (refund && news) told.answers(refund.id, news, now)
      return refund ?? null
    },
    answers(refundId: string, news: RefundNews, now = NOW) {
      const attemptId = record.refunds.find(({ id }) => id === refundId)?.attempt_id ?? ''
      const about = { attemptId, sessionId: null, charge: null }
      take(settle(record, { news: { kind: 'refund_answered', refundId, answer: news }, about }, moment(now)))
      return told
    },
    finishes(taskId: string) {
      take(finishRefund(record, { taskId, by: 'staff', note: 'sent' }, moment()))
      return told
    },
    cancels(ifPaid: OrderVoid['if_paid'], now = NOW) {
      take(cancelOrder(record, ifPaid, moment(now)))
      return told
    },
  }
  return told
}

export const paid = (money: Money = TOTAL): News => ({ kind: 'paid', money })
