import type { ReturnReason } from '@mart/contracts/events/order-events'
import type { Names } from '@mart/contracts/names'

type NameOf = (goods: Names) => string

/** What is to come back, and why. */
export const returnRows = (
  lines: readonly (Names & { readonly quantity: number; readonly reason: ReturnReason })[],
  nameOf: NameOf,
  words: Readonly<Record<ReturnReason, string>>,
): [string, string][] => lines.map((line) => [`${line.quantity} × ${nameOf(line)}`, words[line.reason]])

/** What has come, each SKU once. */
export function piecesRows(
  {
    lines,
    received,
  }: {
    readonly lines: readonly (Names & { readonly sku: string })[]
    readonly received: readonly { readonly sku: string; readonly quantity: number }[]
  },
  nameOf: NameOf,
): [string, string][] {
  const names = new Map(lines.map((line) => [line.sku, nameOf(line)]))
  return [...names].flatMap(([sku, name]): [string, string][] => {
    const came = received.reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0)
    return came > 0 ? [[name, String(came)]] : []
  })
}
