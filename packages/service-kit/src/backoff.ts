/**
 * Milliseconds to wait before the next try: `firstMs` before the first repetition, twice as long with each further
 * failure in a row, at most `mostMs`.
 */
export const backoffMs = (
  failures: number,
  { firstMs, mostMs = 5_000 }: { firstMs: number; mostMs?: number },
): number => Math.min(mostMs, firstMs * 2 ** failures)
