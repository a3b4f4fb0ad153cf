export interface WakeUp {
  /** Ends the wait under way, or the next one at once. */
  readonly wake: () => void
  /** Resolves when woken, or after `timeoutMs`. */
  readonly wait: (timeoutMs: number) => Promise<void>
}

/** Lets a loop sleep until there is work, without missing work that came between looking and sleeping. */
export function createWakeUp(): WakeUp {
  let woken = false
  let end: (() => void) | undefined
  return {
    wake() {
      woken = true
      end?.()
    },
    wait(timeoutMs) {
      return new Promise((resolve) => {
        const timer = setTimeout(() => end?.(), timeoutMs)
        end = () => {
          clearTimeout(timer)
          end = undefined
          woken = false
          resolve()
        }
        if (woken) end()
      })
    },
  }
}
