import type { ReceivedLine, ReturnReason } from '@mart/contracts/events/order-events'
import type { ReturnInput, ReturnReceiptInput, returnStatuses } from '@mart/contracts/http/return-shapes'
import { type Names, namesOf } from '@mart/contracts/names'
import { skuKey } from '@mart/contracts/sku'
import { conflict, type FieldError, invalidInput } from '@mart/service-kit/errors'
import type { Order } from '../order.ts'
import { refundFor } from './refund.ts'

export type ReturnStatus = (typeof returnStatuses)[number]

export interface ReturnLine extends Names {
  readonly sku: string
  readonly quantity: number
  readonly reason: ReturnReason
}

export interface Return {
  readonly id: string
  readonly order_id: string
  readonly status: ReturnStatus
  readonly lines: readonly ReturnLine[]
  /** What has come back; nothing before. */
  readonly received: readonly ReceivedLine[]
  readonly note: string | null
  readonly refusal: string | null
  /** In minor units: for all of it, until it has come; then for what came. */
  readonly refund: number
  /** What has gone back. */
  readonly refunded: number | null
  readonly requested_at: Date
  readonly updated_at: Date
}

/** An order with what its returns are decided by. */
export interface Returnable {
  readonly order: Order
  readonly deliveredAt: Date | null
  readonly returns: readonly Return[]
}

/** Something of it is still to come. */
export const isUnderWay = ({ status }: Pick<Return, 'status'>): boolean =>
  status === 'requested' || status === 'approved' || status === 'received'

/** What of its order it keeps from being sent back once more. */
function heldBy({ status, lines, received }: Return): readonly { sku: string; quantity: number }[] {
  if (status === 'refused' || status === 'withdrawn') return []
  return status === 'requested' || status === 'approved' ? lines : received
}

const piecesOf = (lines: readonly { sku: string; quantity: number }[], sku: string): number =>
  lines.reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0)

const DAY_MS = 86_400_000

/** Until when something can be sent back; null: not (yet), or in this shop not at all. */
export const returnableUntil = ({ deliveredAt }: Pick<Returnable, 'deliveredAt'>, days: number): Date | null =>
  deliveredAt && days > 0 ? new Date(deliveredAt.getTime() + days * DAY_MS) : null

/** What of each line has not come back and is not on its way. */
export function stillReturnable({ order, returns }: Omit<Returnable, 'deliveredAt'>) {
  const held = returns.flatMap(heldBy)
  return order.lines
    .map((line) => ({ sku: line.sku, ...namesOf(line), quantity: line.quantity - piecesOf(held, line.sku) }))
    .filter(({ quantity }) => quantity > 0)
}

/**
 * What somebody wants to send back. Throws Refusal 409 before the delivery and when its days are over, 422 for what was not
 * ordered and for more than is left of it.
 */
export function requestReturn(
  returnable: Returnable,
  { lines, note }: ReturnInput,
  { id, now, days }: { id: string; now: Date; days: number },
): Return {
  const { order, returns } = returnable
  const until = returnableUntil(returnable, days)
  if (!until) throw conflict('not_returnable', 'Only what was delivered can be sent back, and where the shop takes it.')
  if (now > until) throw conflict('return_period_over', `This could be sent back until ${until.toISOString()}.`)
  const asked = named(lines, order.lines)
  mustBeLeft(asked, stillReturnable(returnable), 'can be sent back')
  return {
    id,
    order_id: order.id,
    status: 'requested',
    lines: asked,
    received: [],
    note: note || null,
    refusal: null,
    refund: refundFor(order, returns, asked),
    refunded: null,
    requested_at: now,
    updated_at: now,
  }
}

/** Staff say that it may come. Throws Refusal 409 when it is decided already. */
export function approve({ order, returns }: Returnable, one: Return, now: Date): Return {
  mustBe(one, 'requested', 'approved')
  return { ...one, status: 'approved', refund: refundFor(order, returns, one.lines), updated_at: now }
}

/** Throws Refusal 409 when it is not (any more) as whoever refuses it has seen it. */
export function refuse(
  one: Return,
  { reason, seen }: { reason: string; seen: 'requested' | 'approved' },
  now: Date,
): Return {
  mustBe(one, seen, 'refused')
  return { ...one, status: 'refused', refusal: reason, refund: 0, updated_at: now }
}

/** Its buyer keeps it after all; once more is nothing new: null. Throws Refusal 409 when it has come or was refused. */
export function withdraw(one: Return, now: Date): Return | null {
  const { status } = one
  if (status === 'withdrawn') return null
  if (status !== 'requested' && status !== 'approved')
    throw conflict('not_withdrawable', `This return is ${status}: it cannot be withdrawn.`)
  return { ...one, status: 'withdrawn', refund: 0, updated_at: now }
}

/** What has come of it. Throws Refusal 409 when it is not approved, 422 for what is not in it and for more than that. */
export function receive({ order, returns }: Returnable, one: Return, { lines }: ReturnReceiptInput, now: Date): Return {
  mustBe(one, 'approved', 'received')
  const received = named(lines, one.lines).map(({ name, translations, ...line }) => line)
  mustBeLeft(received, one.lines, 'were to come')
  const refund = refundFor(order, returns, received)
  // Of what cost nothing nothing is to go back.
  const end = refund === 0 ? ({ status: 'refunded', refunded: 0 } as const) : ({ status: 'received' } as const)
  return { ...one, ...end, received, refund, updated_at: now }
}

/** Its money has gone back; null when that is nothing new. */
export const refunded = (one: Return, amount: number, now: Date): Return | null =>
  one.status === 'received' ? { ...one, status: 'refunded', refunded: amount, updated_at: now } : null

function mustBe({ status }: Return, wanted: ReturnStatus, doing: string): void {
  if (status !== wanted) throw conflict(`not_${wanted}`, `This return is ${status}: it cannot be ${doing}.`)
}

/** Each line as what it is of writes its SKU. Throws Refusal 422 for one that it has not. */
function named<Line extends { readonly sku: string }>(
  lines: readonly Line[],
  of: readonly (Names & { readonly sku: string })[],
): (Line & Names)[] {
  const faults: FieldError[] = []
  const found = lines.flatMap((line, index) => {
    const one = of.find(({ sku }) => skuKey(sku) === skuKey(line.sku))
    if (one) return [{ ...line, sku: one.sku, ...namesOf(one) }]
    faults.push({ field: `lines[${index}].sku`, code: 'unknown_sku', message: `there is no ${line.sku} in it` })
    return []
  })
  if (faults.length > 0) throw invalidInput(faults)
  return found
}

function mustBeLeft(
  lines: readonly { sku: string; quantity: number }[],
  left: readonly { sku: string; quantity: number }[],
  what: string,
): void {
  const faults = lines.flatMap(({ sku }, index) => {
    const most = piecesOf(left, sku)
    const isFirst = lines.findIndex((line) => line.sku === sku) === index
    if (!isFirst || piecesOf(lines, sku) <= most) return []
    const message = `only ${most} of ${sku} ${what}, all lines together`
    return [{ field: `lines[${index}].quantity`, code: 'maximum', message }]
  })
  if (faults.length > 0) throw invalidInput(faults)
}
