import type { Database } from '@mart/service-kit/postgres'

const BLOCK = 100

/** Hands out order numbers from blocks of a sequence: a query per hundred orders; a restart skips the rest of a block. */
export function orderNumbers(db: Database): () => Promise<string> {
  let next = 0
  let end = 0
  let fetching: Promise<void> | undefined
  const fetchBlock = async () => {
    const [row] = await db<{ first: number }[]>`select nextval('order_numbers') as first`
    next = row!.first
    end = next + BLOCK
  }
  return async () => {
    while (next >= end) {
      fetching ??= fetchBlock().finally(() => {
        fetching = undefined
      })
      await fetching
    }
    next += 1
    return `M-${next - 1}`
  }
}
