import type { ReturnReason } from '@mart/contracts/events/order-events'

/** What is to come back, and why. */
export const returnRows = (
  lines: readonly { readonly name: string; readonly quantity: number; readonly reason: ReturnReason }[],
  words: Readonly<Record<ReturnReason, string>>,
): [string, string][] => lines.map(({ name, quantity, reason }) => [`${quantity} × ${name}`, words[reason]])

/** What has come, each SKU once. */
export function piecesRows({
  lines,
  received,
}: {
  readonly lines: readonly { readonly sku: string; readonly name: string }[]
  readonly received: readonly { readonly sku: string; readonly quantity: number }[]
}): [string, string][] {
  const names = new Map(lines.map(({ sku, name }) => [sku, name]))
  return [...names].flatMap(([sku, name]): [string, string][] => {
    const came = received.reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0)
    return came > 0 ? [[name, String(came)]] : []
  })
}
