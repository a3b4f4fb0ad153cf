export interface Line {
  readonly what: string
  readonly value: string
  /** Ours divided by the yardstick of the same minutes, or measured against a limit. */
  readonly ratio?: string
  readonly wanted?: string
  readonly isReached?: boolean
}

/** The table as Markdown, so that it can be pasted where it is asked for. */
export function printTable(lines: readonly Line[]): void {
  console.log('\n| what | measured | ratio | to reach | |\n| --- | --- | --- | --- | --- |')
  for (const { what, value, ratio = '', wanted = '', isReached } of lines) {
    const mark = isReached === undefined ? '' : isReached ? '✓' : '✗'
    console.log(`| ${what} | ${value} | ${ratio} | ${wanted} | ${mark} |`)
  }
}

export const rate = (perSecond: number): string => `${Math.round(perSecond).toLocaleString('en')}/s`
export const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`

/** A line that is compared with a yardstick: reached from `atLeast` times it on. */
export function against(
  what: string,
  perSecond: number,
  yardstick: { name: string; perSecond: number },
  atLeast: number,
): Line {
  const ratio = perSecond / yardstick.perSecond
  return {
    what,
    value: rate(perSecond),
    ratio: `${ratio.toFixed(2)} × ${yardstick.name}`,
    wanted: `≥ ${atLeast}`,
    isReached: ratio >= atLeast,
  }
}

/** A line that must stay below a limit. */
export const below = (what: string, value: number, limit: number, write: (value: number) => string): Line => ({
  what,
  value: write(value),
  wanted: `< ${write(limit)}`,
  isReached: value < limit,
})
