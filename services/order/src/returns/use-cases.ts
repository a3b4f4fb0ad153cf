import type { EventToPublish } from '@mart/contracts/events/define-event'
import type { ReturnInput, ReturnReceiptInput } from '@mart/contracts/http/return-shapes'
import type { Language } from '@mart/contracts/language'
import { type Names, nameFor, namesOf } from '@mart/contracts/names'
import { notFound } from '@mart/service-kit/errors'
import { newId } from '@mart/service-kit/ids'
import { addAllToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import type { HistoryRow } from '../history-view.ts'
import { type Actor, mustBeFor, type Order } from '../order.ts'
import { type Change, move } from '../order-moves.ts'
import { blankErased, saveMoves } from '../order-store.ts'
import {
  approve,
  isUnderWay,
  type Return,
  type Returnable,
  receive,
  refunded,
  refuse,
  requestReturn,
  withdraw,
} from './return.ts'
import * as events from './return-events.ts'
import { lockReturnable, orderOfReturn, saveReturn } from './return-store.ts'

/** A return after one of its steps, and its order. */
export interface ReturnStep {
  readonly order: Order
  readonly one: Return
}

/** A buyer wants to send something back, or staff for him. Throws Refusal 404, 409, 422. */
export async function askReturn(
  tx: Transaction,
  { orderId, asked, by, days }: { orderId: string; asked: ReturnInput; by: Actor; days: number },
): Promise<ReturnStep> {
  const returnable = await lockReturnable(tx, orderId)
  if (!returnable) throw notFound('order')
  mustBeFor(returnable.order, by)
  const one = requestReturn(returnable, asked, { id: newId(), now: new Date(), days })
  return await keep(tx, returnable, { one, what: 'return_requested', why: piecesIn(one.lines), by }, [
    events.requested(returnable.order, one),
  ])
}

interface OfReturn {
  readonly id: string
  readonly by: Actor
}

/** Throws Refusal 404, 409 when it is decided already. */
export async function approveReturn(tx: Transaction, { id, by }: OfReturn): Promise<ReturnStep> {
  const { returnable, before } = await lockedReturn(tx, id)
  const one = approve(returnable, before, new Date())
  return await keep(tx, returnable, { one, what: 'return_approved', why: piecesIn(one.lines), by }, [
    events.approved(returnable.order, one),
  ])
}

/** Throws Refusal 404, 409 when it is in another state than whoever refuses it has seen. */
export async function refuseReturn(
  tx: Transaction,
  { id, by, ...why }: OfReturn & { readonly reason: string; readonly seen: 'requested' | 'approved' },
): Promise<ReturnStep> {
  const { returnable, before } = await lockedReturn(tx, id)
  const one = refuse(before, why, new Date())
  return await keep(tx, returnable, { one, what: 'return_refused', why: { reason: why.reason }, by }, [
    events.refused(returnable.order, one),
  ])
}

/** Who asked for it keeps it after all; said once more it changes nothing. Throws Refusal 404, 409 when it has come. */
export async function withdrawReturn(
  tx: Transaction,
  { orderId, id, by }: OfReturn & { readonly orderId: string },
): Promise<ReturnStep> {
  const returnable = await lockReturnable(tx, orderId)
  if (!returnable) throw notFound('order')
  mustBeFor(returnable.order, by)
  const before = returnable.returns.find((one) => one.id === id)
  if (!before) throw notFound('return')
  const one = withdraw(before, new Date())
  if (!one) return { order: returnable.order, one: before }
  return await keep(tx, returnable, { one, what: 'return_withdrawn', why: piecesIn(one.lines), by }, [
    events.withdrawn(returnable.order, one),
  ])
}

/** What was sent back has come, or some of it. Throws Refusal 404, 409 when it is not approved, 422. */
export async function receiveReturn(
  tx: Transaction,
  { id, by, receipt }: OfReturn & { readonly receipt: ReturnReceiptInput },
): Promise<ReturnStep> {
  const { returnable, before } = await lockedReturn(tx, id)
  const one = receive(returnable, before, receipt, new Date())
  const namesFor = (sku: string) => one.lines.find((line) => line.sku === sku) ?? { name: sku }
  const came = piecesIn(one.received.map(({ sku, quantity }) => ({ ...namesOf(namesFor(sku)), quantity })))
  return await keep(tx, returnable, { one, what: 'return_received', why: came, by }, [
    events.received(returnable.order, one),
  ])
}

export interface MoneyGone {
  readonly orderId: string
  readonly returnId: string
  readonly amount: number
  /** What went back of the order's money in all; null when nothing was left to send back. */
  readonly inAll: number | null
  readonly cause: { readonly eventId: string; readonly type: string }
}

/** The money for a return has gone back; said once more it is a line of the order's history and nothing else. */
export async function settleReturn(tx: Transaction, { orderId, returnId, ...money }: MoneyGone): Promise<void> {
  const returnable = await lockReturnable(tx, orderId)
  if (!returnable) return
  const { order, returns } = returnable
  const now = new Date()
  const before = returns.find(({ id }) => id === returnId)
  const one = before ? refunded(before, money.amount, now) : null
  const trigger = money.inAll === null ? null : ({ name: 'payment_refunded', inAll: money.inAll } as const)
  const change = trigger && move(order, trigger, { now, paymentWindowMs: 0 })
  const what = trigger === null ? 'nothing_to_refund' : one ? 'return_refunded' : trigger.name
  await keep(tx, returnable, { one, what, why: { reason: null }, cause: money.cause, change }, [])
}

async function lockedReturn(tx: Transaction, id: string): Promise<{ returnable: Returnable; before: Return }> {
  const orderId = await orderOfReturn(tx, id)
  const returnable = orderId === null ? null : await lockReturnable(tx, orderId)
  const before = returnable?.returns.find((one) => one.id === id)
  if (!returnable || !before) throw notFound('return')
  return { returnable, before }
}

/** The words that the history keeps of a step. */
type Why = Pick<HistoryRow, 'reason' | 'reason_ur'>

interface Step<One extends Return | null> {
  /** As it is now; null when it stays as it was. */
  readonly one: One
  readonly what: string
  readonly why: Why
  readonly by?: Actor
  readonly cause?: MoneyGone['cause']
  readonly change?: Change | null
}

/** Keeps a return after a step, with a line in the history of its order, and says it. */
async function keep<One extends Return | null>(
  tx: Transaction,
  { order, returns }: Returnable,
  { one, what, why, by, cause, change }: Step<One>,
  toPublish: readonly EventToPublish[],
): Promise<{ order: Order; one: One }> {
  const all = one ? [...returns.filter(({ id }) => id !== one.id), one] : returns
  const n = order.history_count + 1
  const at = one?.updated_at ?? new Date()
  const after: Order = { ...order, ...change, return_open: all.some(isUnderWay), history_count: n, updated_at: at }
  const line = {
    ...{ order_id: order.id, n, status: after.status, what, ...why, at },
    ...{ cause_event_id: cause?.eventId ?? null, cause_type: cause?.type ?? null },
    ...{ by_id: by?.id ?? null, by_role: by?.role ?? null },
  }
  if (one) await saveReturn(tx, one)
  await saveMoves(tx, [after], [line])
  await addAllToOutbox(tx, toPublish)
  await blankErased(tx, [after])
  return { order: after, one }
}

function piecesIn(lines: readonly (Names & { readonly quantity: number })[]): Why {
  const texts = (language: Language) => lines.map((line) => `${line.quantity} × ${nameFor(language, line).name}`)
  const isInUrdu = lines.some((line) => nameFor('ur', line).name_language === 'ur')
  return { reason: texts('en').join(', '), ...(isInUrdu && { reason_ur: texts('ur').join('، ') }) }
}
