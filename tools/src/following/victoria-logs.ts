import { setTimeout as sleep } from 'node:timers/promises'
import { MartFault } from '@mart/service-kit/fault'
import { type LogLine, type LogSource, lineOf, type Period } from './log-lines.ts'

const ASK_EVERY_MS = 1_000
const MOST_LINES = 20_000
const PATIENCE_MS = 30_000
const fields = ['order_number', 'order_id', 'payment_id', 'trace_id']

/** The logs that a VictoriaLogs at `url` keeps. */
export function victoriaLogs(url: string): LogSource {
  const find = async (ids: ReadonlySet<string>, within?: Period): Promise<LogLine[]> => {
    const list = [...ids].map((id) => `"${id}"`).join(', ')
    const to = within?.to ? ` _time:<="${within.to.toISOString()}"` : ''
    const time = within ? `_time:>="${within.from.toISOString()}"${to} ` : ''
    const query = `${time}(${fields.map((field) => `${field}:in(${list})`).join(' or ')})`
    const response = await fetch(new URL('/select/logsql/query', url), {
      method: 'POST',
      body: new URLSearchParams({ query, limit: String(MOST_LINES) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch((error: Error) => {
      throw new MartFault(
        `VictoriaLogs at ${url} does not answer: ${(error.cause as Error | undefined)?.message ?? error.message}`,
      )
    })
    const text = await response.text()
    if (!response.ok) throw new MartFault(`VictoriaLogs at ${url} answered ${response.status}: ${text.slice(0, 300)}`)
    return text.split('\n').flatMap((json) => (json ? (lineOf(JSON.parse(json)) ?? []) : []))
  }
  async function* linesSince(from: Date, ids: ReadonlySet<string>, signal: AbortSignal) {
    const seen = new Set<string>()
    const nameOf = (line: LogLine) => JSON.stringify(line)
    while (!signal.aborted) {
      const fresh = (await find(ids, { from })).filter((line) => !seen.has(nameOf(line)))
      for (const line of fresh) seen.add(nameOf(line))
      if (fresh.length > 0) yield fresh
      await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
  }
  return { find, watch: (ids, signal) => linesSince(new Date(Date.now() - ASK_EVERY_MS), ids, signal) }
}

/** Whether one answers there. */
export const answersAt = (url: string): Promise<boolean> =>
  fetch(new URL('/health', url), { signal: AbortSignal.timeout(500) }).then(
    ({ ok }) => ok,
    () => false,
  )
