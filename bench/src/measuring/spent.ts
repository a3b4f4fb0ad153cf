import type { RunningMart } from '@mart/local/mart-file'
import postgres from 'postgres'
import { cpuOf, machineSeconds, schedulingSoFar, total } from '../cpu.ts'
import { countSent } from '../mart-queries.ts'

/** What a while of the mart's life cost. */
export interface Spent {
  readonly seconds: number
  readonly orders: number
  readonly mails: number
  /** Milliseconds, by process and by database. */
  readonly cpuMs: Readonly<Record<string, number>>
  /** By database. */
  readonly transactions: Readonly<Record<string, number>>
  /** Cores that were kept busy by others, or by the machine's host. */
  readonly othersCores: number
  /** How much longer the mart's work took than it would have with a core for each process. */
  readonly stretch: number
}

export interface Meter {
  /** Runs `work`, which says how many orders it was. */
  readonly during: (work: () => Promise<number>) => Promise<Spent>
  readonly end: () => Promise<void>
}

/** Sessions tell what they did once they have nothing to do for a moment. */
const TOLD_AFTER_MS = 1_200

export function createMeter(mart: RunningMart, superuserUrl: string): Meter {
  const server = postgres(superuserUrl, { max: 1 })
  const messages = postgres(mart.databaseUrls.notification, { max: 1 })
  const transactions = async () => {
    const rows = await server<{ name: string; n: number }[]>`
      select replace(datname, 'mart_', '') as name, (xact_commit + xact_rollback)::float8 as n from pg_stat_database
      where datname like 'mart\\_%' or datname = 'event_log'`
    return Object.fromEntries(rows.map(({ name, n }) => [name, n]))
  }
  return {
    async during(work) {
      const [mailsBefore, before] = [await countSent(messages), await transactions()]
      const machineBefore = machineSeconds()
      const schedulingBefore = schedulingSoFar(mart.pid)
      const startedAt = performance.now()
      const { result: orders, cpu } = await cpuOf(mart.pid, async () => {
        const done = await work()
        await new Promise((resolve) => setTimeout(resolve, TOLD_AFTER_MS))
        return done
      })
      const seconds = (performance.now() - startedAt) / 1_000
      const othersSeconds = machineSeconds() - machineBefore - total(cpu)
      const scheduling = schedulingSoFar(mart.pid)
      const ran = scheduling.ran - schedulingBefore.ran
      const after = await transactions()
      return {
        seconds,
        orders,
        othersCores: Math.max(0, othersSeconds / seconds),
        stretch: 1 + (scheduling.waited - schedulingBefore.waited) / ran,
        mails: (await countSent(messages)) - mailsBefore,
        cpuMs: Object.fromEntries([...cpu].map(([name, spent]) => [name, spent * 1_000])),
        transactions: Object.fromEntries(Object.entries(after).map(([name, n]) => [name, n - (before[name] ?? 0)])),
      }
    },
    async end() {
      await Promise.all([server.end(), messages.end()])
    },
  }
}
