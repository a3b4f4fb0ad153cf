import { setImmediate } from 'node:timers/promises'

const WORK_MS = 10

/** What long work awaits again and again: lets others have a turn when 10 ms have passed since they last had one. */
export function pauses(): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < WORK_MS) return
    await setImmediate()
    since = performance.now()
  }
}
