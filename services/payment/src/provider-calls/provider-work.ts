import type { CallKind } from '../payment-tables.ts'

export type ProviderWork = CallKind | 'reconciliation'

const wakes: Record<ProviderWork, Set<() => void>> = {
  open: new Set(),
  end: new Set(),
  poll: new Set(),
  refund: new Set(),
  reconciliation: new Set(),
}

const announcing = (kind: ProviderWork) => () => {
  for (const wake of wakes[kind]) wake()
}

/** Wakes who sees to such work in this process; he looks by himself too, so a lost call costs a moment. */
export const announce: Readonly<Record<ProviderWork, () => void>> = {
  open: announcing('open'),
  end: announcing('end'),
  poll: announcing('poll'),
  refund: announcing('refund'),
  reconciliation: announcing('reconciliation'),
}

/** Calls `wake` whenever this process has written down such work. */
export function onProviderWork(kind: ProviderWork, wake: () => void): void {
  wakes[kind].add(wake)
}
