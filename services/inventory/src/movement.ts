import type { ReceivedLine } from '@mart/contracts/events/order-events'
import { conflict, type FieldError, invalidInput } from '@mart/service-kit/errors'
import type { Line } from './reserve.ts'
import type { Stock } from './stock.ts'

export interface Movement {
  readonly sku: string
  readonly delta: number
  readonly reason: 'received' | 'returned' | 'damaged' | 'count' | 'correction' | 'sold'
  readonly on_hand_after: number
  readonly by: string
  readonly note: string | null
}

export interface Adjustment {
  readonly delta?: number
  readonly counted?: number
  readonly reason: Exclude<Movement['reason'], 'sold'>
  readonly note?: string
}

/** What an adjustment moves. Throws Refusal: 422 when it makes no sense, 409 below what is reserved. */
export function adjusted(stock: Stock, adjustment: Adjustment, by: string): Movement {
  const { delta, counted, reason, note } = adjustment
  const faults = faultsIn(adjustment)
  if (faults.length > 0) throw invalidInput(faults)
  const on_hand_after = counted ?? stock.on_hand + (delta ?? 0)
  if (on_hand_after < stock.reserved) {
    throw conflict(
      'stock_reserved',
      `${stock.sku}: ${stock.reserved} of ${stock.on_hand} are reserved, so ${on_hand_after} cannot be what is left.`,
    )
  }
  return { sku: stock.sku, delta: on_hand_after - stock.on_hand, reason, on_hand_after, by, note: note ?? null }
}

function faultsIn({ delta, counted, reason }: Adjustment): FieldError[] {
  const faults: FieldError[] = []
  if (delta === undefined && counted === undefined) {
    faults.push({ field: 'delta', code: 'required', message: 'is missing: give delta or counted' })
  }
  if (delta !== undefined && counted !== undefined) {
    faults.push({ field: 'counted', code: 'exclusive', message: 'cannot go together with delta' })
  }
  if (delta === 0) faults.push({ field: 'delta', code: 'not_zero', message: 'must not be 0' })
  if (counted !== undefined && reason !== 'count') {
    faults.push({ field: 'reason', code: 'const', message: 'must be count when counted is given' })
  }
  return faults
}

/** What leaves the shelf with shipped orders, line by line. */
export function sold(lines: readonly (Line & { readonly order_id: string })[], stocks: readonly Stock[]): Movement[] {
  const onHand = new Map(stocks.map((stock) => [stock.sku, stock.on_hand]))
  return lines.map(({ order_id, sku, quantity }) => {
    const on_hand_after = (onHand.get(sku) ?? 0) - quantity
    onHand.set(sku, on_hand_after)
    return { sku, delta: -quantity, reason: 'sold', on_hand_after, by: `order ${order_id}`, note: null }
  })
}

/** What comes back with returns, line by line: damaged goods come and go, so that both are written down and none can be sold. */
export function takenBack(
  lines: readonly (ReceivedLine & { readonly return_id: string })[],
  stocks: readonly Stock[],
): Movement[] {
  const onHand = new Map(stocks.map((stock) => [stock.sku, stock.on_hand]))
  return lines.flatMap(({ return_id, sku, quantity, condition }) => {
    const before = onHand.get(sku) ?? 0
    const line = { sku, by: `return ${return_id}`, note: null }
    const came: Movement = { ...line, delta: quantity, reason: 'returned', on_hand_after: before + quantity }
    if (condition === 'damaged') return [came, { ...line, delta: -quantity, reason: 'damaged', on_hand_after: before }]
    onHand.set(sku, before + quantity)
    return [came]
  })
}
