import { setTimeout as sleep } from 'node:timers/promises'
import type { Shopper } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'
import postgres from 'postgres'
import { countConfirmations } from './mart-queries.ts'
import { placeOrders } from './orders.ts'
import { processesOf } from './processes.ts'

const LOAD_SECONDS = 5

export interface Backlog {
  readonly orders: number
  readonly drainedPerSecond: number
}

/** Orders are taken while nobody hears of them; then all hear at once, until the last message is written. */
export async function backlogRun(
  mart: RunningMart,
  buyer: Shopper,
  { skus, orders: wanted }: { skus: number; orders: number },
): Promise<Backlog> {
  const hearers = processesOf(mart.pid).filter(({ command }) =>
    /services\/(inventory|payment|notification)\//.test(command),
  )
  if (hearers.length !== 3) throw new Error(`${hearers.length} of the 3 services that hear of orders were found`)
  const messages = postgres(mart.databaseUrls.notification, { max: 1 })
  const startedAt = new Date()
  let placed = 0
  for (const { pid } of hearers) process.kill(pid, 'SIGSTOP')
  try {
    while (placed < wanted) {
      const { good } = await placeOrders(mart, buyer, { skus, connections: 128, seconds: LOAD_SECONDS })
      if (good === 0) throw new Error('no order is taken')
      placed += good
    }
  } finally {
    for (const { pid } of hearers) process.kill(pid, 'SIGCONT')
  }
  const goneOnAt = Date.now()
  while ((await countConfirmations(messages, startedAt)) < placed) await sleep(100)
  await messages.end()
  return { orders: placed, drainedPerSecond: placed / ((Date.now() - goneOnAt) / 1000) }
}
