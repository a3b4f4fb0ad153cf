import type { RunningMart } from '@mart/local/mart-file'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import { createLogger } from '@mart/service-kit/logger'
import type { Engine } from '../order-bench.ts'
import type { PartitionLag } from '../simulation/costs.ts'

const EVERY_MS = 500
/** Who hears of orders, and where. */
const groups: Readonly<Record<string, readonly string[]>> = {
  inventory: ['mart.orders'],
  notification: ['mart.orders'],
  payment: ['mart.orders'],
  order: ['mart.inventory'],
}

/** Looks at the lag of each partition while something is measured. */
export async function watchLag(mart: RunningMart, engine: Engine) {
  const url = engine === 'kafka' ? mart.eventLogUrl : mart.databaseUrls.eventLog.owner
  const log = await connectEventLog(url, { clientName: 'bench', logger: createLogger('bench', 'warn') })
  return {
    /** Returns how to end it. */
    begin(): () => PartitionLag {
      const seen: number[] = []
      const look = async () => {
        for (const [group, topics] of Object.entries(groups))
          seen.push(...(await log.lag(group, topics)).map(({ lag }) => Number(lag)))
      }
      const timer = setInterval(() => look().catch(() => undefined), EVERY_MS)
      return () => {
        clearInterval(timer)
        const sum = seen.reduce((all, lag) => all + lag, 0)
        return { mean: sum / Math.max(1, seen.length), most: seen.reduce((most, lag) => Math.max(most, lag), 0) }
      }
    },
    end: () => log.close(),
  }
}
