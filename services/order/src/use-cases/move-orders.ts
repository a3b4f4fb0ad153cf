import type { EventToPublish } from '@mart/contracts/events/define-event'
import { conflict, notFound } from '@mart/service-kit/errors'
import { addAllToOutbox } from '@mart/service-kit/outbox'
import { onceCommitted, pipelined, type Transaction } from '@mart/service-kit/postgres'
import { freeSlots, takeSlots } from '../guest-store.ts'
import type { Holder } from '../guests.ts'
import { recordTransitions, type Transition } from '../instruments.ts'
import { secondUnprovenCash } from '../open-orders.ts'
import { type Actor, isOpen, mustBeFor, type Order, type OrderStatus, reasonOf, type Trigger } from '../order.ts'
import { eventsOf } from '../order-events.ts'
import { type Moment, move } from '../order-moves.ts'
import {
  blankErased,
  type HistoryLine,
  lockOrders,
  lockOverdue,
  saveAddress,
  saveMoves,
  takeCashSlot,
} from '../order-store.ts'

export interface Cause {
  readonly eventId: string
  readonly type: string
}

export interface Happening {
  readonly orderId: string
  readonly trigger: Trigger
  /** The event that was heard; null when a person or the clock did it. */
  readonly cause: Cause | null
  /** The person who did it, if it was one. */
  readonly by?: Pick<Actor, 'id' | 'role'>
}

/**
 * What happened to many orders at once: each is moved as order-moves.ts says, its history written, its events said.
 * Returns the orders as they are now; one that is not ours is not among them.
 */
export async function moveOrders(
  tx: Transaction,
  happenings: readonly Happening[],
  paymentWindowMs: number,
): Promise<Map<string, Order>> {
  const orders = await lockOrders(
    tx,
    happenings.map(({ orderId }) => orderId),
  )
  const moment: Moment = { now: new Date(), paymentWindowMs }
  const history: HistoryLine[] = []
  const transitions: Transition[] = []
  const toPublish: EventToPublish[] = []
  for (const { orderId, trigger, cause, by } of happenings) {
    const before = orders.get(orderId)
    if (!before) continue
    const n = before.history_count + 1
    const after: Order = { ...before, ...move(before, trigger, moment), history_count: n, updated_at: moment.now }
    orders.set(orderId, after)
    transitions.push({ before, after })
    toPublish.push(...eventsOf(before, after, trigger))
    history.push({
      order_id: orderId,
      n,
      status: after.status,
      what: trigger.name,
      reason: reasonOf(trigger),
      cause_event_id: cause?.eventId ?? null,
      cause_type: cause?.type ?? null,
      by_id: by?.id ?? null,
      by_role: by?.role ?? null,
      at: moment.now,
    })
  }
  onceCommitted(tx, (db) => recordTransitions(db, transitions))
  const moved = [...orders.values()]
  await pipelined(
    () => saveMoves(tx, moved, history),
    () => addAllToOutbox(tx, toPublish),
  )
  for (const { before, after } of transitions)
    if (before && before.shipping_address !== after.shipping_address) await saveAddress(tx, after)
  const ofGuests = moved.filter(({ customer_id }) => customer_id === null)
  await freeSlots(
    tx,
    ofGuests.filter((order) => !isOpen(order)).map(({ id }) => id),
  )
  await blankErased(tx, moved)
  return orders
}

export interface Command {
  readonly orderId: string
  readonly trigger: Trigger
  readonly by: Actor
  /** It would be the one open cash order of a customer who has not proven his address. */
  readonly isUnprovenCash?: boolean
  /** What a guest is counted by, for whom it would be that. */
  readonly cashHolders?: readonly Holder[]
  /** What is answered when the order is in no state for it; statuses in `alreadyDone` are answered with the order. */
  readonly refusal: { readonly code: string; readonly doing: string }
  readonly alreadyDone?: readonly OrderStatus[]
  /** Whether it is so already: then the order is the answer, whatever its state. */
  readonly isDone?: (order: Order) => boolean
  /** Throws the Refusal of what the shop's rules have against it. */
  readonly check?: (order: Order) => void
}

/**
 * What a person asks of one order. Throws Refusal 404 when it is not his, 409 when order-moves.ts has no such move, 429
 * when he would get a second cash order without having proven his address.
 */
export async function commandOrder(tx: Transaction, command: Command, paymentWindowMs: number): Promise<Order> {
  const { orderId, trigger, by, refusal, alreadyDone = [] } = command
  const order = (await lockOrders(tx, [orderId])).get(orderId)
  if (!order) throw notFound('order')
  mustBeFor(order, by)
  if (command.isDone?.(order)) return order
  if (!move(order, trigger, { now: new Date(), paymentWindowMs })) {
    if (alreadyDone.includes(order.status)) return order
    const why = order.holds.length > 0 ? ` while it is held (${order.holds.join(', ')})` : ''
    throw conflict(refusal.code, `The order is ${order.status.replace('_', ' ')}: it cannot be ${refusal.doing}${why}.`)
  }
  command.check?.(order)
  if (command.isUnprovenCash && !(await takesCashSlot(tx, order, command))) throw secondUnprovenCash()
  const moved = await moveOrders(tx, [{ orderId, trigger, cause: null, by }], paymentWindowMs)
  return moved.get(orderId)!
}

const takesCashSlot = (tx: Transaction, order: Order, { cashHolders = [] }: Command): Promise<boolean> =>
  order.customer_id === null ? takeSlots(tx, order.id, cashHolders) : takeCashSlot(tx, order)

/** Asks for the cancellation of orders whose time to pay is over, a batch of them. Returns how many there were. */
export async function cancelOverdue(tx: Transaction, paymentWindowMs: number): Promise<number> {
  const overdue = await lockOverdue(tx, new Date(), 100)
  const happenings = overdue.map((orderId) => ({ orderId, trigger: { name: 'due' } as const, cause: null }))
  if (overdue.length > 0) await moveOrders(tx, happenings, paymentWindowMs)
  return overdue.length
}
