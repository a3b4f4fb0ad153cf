import type { Shopper } from './shopper.ts'

interface HistoryLine {
  readonly status: string
  readonly what: string
  readonly at: string
  readonly reason?: string
  readonly cause: { readonly type: string } | null
}

/** Prints what an order went through: its state, what caused it, milliseconds since it was placed. */
export async function printTimeline(
  buyer: Shopper,
  order: { id: string; number: string },
  print: (line: string) => void,
) {
  const { body } = await buyer.api('order', 'GET', `/orders/${order.id}/history`)
  const lines: HistoryLine[] = body.items
  const placedAt = Date.parse(lines[0]?.at ?? '')
  print(`    ${order.number}`)
  for (const { status, what, at, reason, cause } of lines) {
    const ms = `${Date.parse(at) - placedAt} ms`.padStart(9)
    print(`    ${ms}  ${status.padEnd(17)} ${cause?.type ?? what.replaceAll('_', ' ')}${reason ? `: ${reason}` : ''}`)
  }
}
