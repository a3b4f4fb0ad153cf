import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until `condition` holds. Throws after `patienceMs`, naming what was waited for. */
export async function soon(condition: () => Promise<boolean>, what: string, patienceMs = 20_000): Promise<void> {
  for (const end = Date.now() + patienceMs; !(await condition()); await sleep(50)) {
    if (Date.now() > end) throw new Error(`Waited ${patienceMs / 1000} s in vain: ${what}`)
  }
}
