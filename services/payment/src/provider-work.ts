import { onceCommitted, type Transaction } from '@mart/service-kit/postgres'

export type ProviderWork = 'attempts' | 'refunds' | 'looks' | 'reconciliation'

const wakes: Record<ProviderWork, Set<() => void>> = {
  attempts: new Set(),
  refunds: new Set(),
  looks: new Set(),
  reconciliation: new Set(),
}

/** Wakes who sees to such work in this process, once it is committed; he looks by himself too, so a lost call costs a moment. */
export function announceProviderWork(tx: Transaction, kind: ProviderWork): void {
  for (const wake of wakes[kind]) onceCommitted(tx, wake)
}

/** Calls `wake` whenever this process has written down such work. */
export function onProviderWork(kind: ProviderWork, wake: () => void): void {
  wakes[kind].add(wake)
}
