const wakes = new Set<() => void>()

/** Wakes the workers of this process that call providers; they look by themselves too, so a lost call costs a second. */
export function announceProviderWork(): void {
  for (const wake of wakes) wake()
}

/** Calls `wake` whenever this process has written down a call to make. */
export function onProviderWork(wake: () => void): void {
  wakes.add(wake)
}
