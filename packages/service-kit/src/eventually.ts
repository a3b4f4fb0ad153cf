import { setTimeout as sleep } from 'node:timers/promises'

const LONGEST_PAUSE_MS = 50

/** Waits until `condition` holds. Throws after `patienceMs` (20 s), naming what was waited for. */
export async function eventually(condition: () => Promise<boolean>, what: string, patienceMs = 20_000): Promise<void> {
  const end = Date.now() + patienceMs
  for (let pauseMs = 5; !(await condition()); pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    if (Date.now() > end) throw new Error(`Waited ${patienceMs / 1000} s in vain: ${what}`)
    await sleep(pauseMs)
  }
}
