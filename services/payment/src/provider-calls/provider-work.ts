export type ProviderWork = 'attempts' | 'refunds' | 'looks' | 'reconciliation'

const wakes: Record<ProviderWork, Set<() => void>> = {
  attempts: new Set(),
  refunds: new Set(),
  looks: new Set(),
  reconciliation: new Set(),
}

const announcing = (kind: ProviderWork) => () => {
  for (const wake of wakes[kind]) wake()
}

/** Wakes who sees to such work in this process; he looks by himself too, so a lost call costs a moment. */
export const announce: Readonly<Record<ProviderWork, () => void>> = {
  attempts: announcing('attempts'),
  refunds: announcing('refunds'),
  looks: announcing('looks'),
  reconciliation: announcing('reconciliation'),
}

/** Calls `wake` whenever this process has written down such work. */
export function onProviderWork(kind: ProviderWork, wake: () => void): void {
  wakes[kind].add(wake)
}
