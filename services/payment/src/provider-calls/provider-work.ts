import type { CallKind } from '../payment-tables.ts'

const kinds = ['open', 'end', 'poll', 'refund', 'reconciliation'] as const
export type ProviderWork = CallKind | (typeof kinds)[number]

const wakes = new Map<ProviderWork, Set<() => void>>(kinds.map((kind) => [kind, new Set()]))

const announcing = (kind: ProviderWork) => () => {
  for (const wake of wakes.get(kind) ?? []) wake()
}

/** Wakes who sees to such work in this process; he asks by himself too, so a lost call costs a moment. */
export const announce = Object.fromEntries(kinds.map((kind) => [kind, announcing(kind)])) as Readonly<
  Record<ProviderWork, () => void>
>

/** Calls `wake` whenever this process has written down such work. */
export function onProviderWork(kind: ProviderWork, wake: () => void): void {
  wakes.get(kind)?.add(wake)
}
