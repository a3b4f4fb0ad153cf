import { setTimeout as sleep } from 'node:timers/promises'
import { newShopper, provenShopper } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'
import postgres from 'postgres'
import { SKUS } from '../bench-mart.ts'
import { countConfirmed } from '../mart-queries.ts'
import type { Engine } from '../order-bench.ts'
import { type Demand, orderRun, placeOrders } from '../orders.ts'
import { processesOf } from '../processes.ts'
import { type LoadSpent, median, type Phases } from './fit.ts'
import { watchLag } from './lag.ts'
import { createMeter, type Meter } from './spent.ts'

/** Orders a second; after them as many as go. */
const RATES = [25, 100, 250]
const SECONDS = 10
const QUIET_SECONDS = 6
const RELAYED = 20_000
const COMMITS = 200
/** Orders, with two mails each, of which a hundred a second are sent. */
const MAILED = 500

interface Measuring {
  readonly engine: Engine
  readonly superuserUrl: string
  readonly say: (line: string) => void
  /** What is to be seen before and after the whole orders. */
  readonly aroundLoads: (loads: () => Promise<LoadSpent[]>) => Promise<LoadSpent[]>
}

/** Runs the mart's services, a process each, through what tells their costs apart. */
export async function measurePhases(
  mart: RunningMart,
  { engine, superuserUrl, say, aroundLoads }: Measuring,
): Promise<Phases> {
  const meter = createMeter(mart, superuserUrl)
  const orders = async (demand: Partial<Demand>) => {
    const buyer = await newShopper(mart.addresses) // a token lives for minutes
    return await orderRun(mart, buyer, { skus: SKUS, connections: 128, seconds: SECONDS, ...demand })
  }
  const lag = await watchLag(mart, engine)
  const whole = async (demand: Partial<Demand>): Promise<LoadSpent> => {
    const lags = lag.begin()
    let ordersPerSecond = 0
    const spent = await meter.during(async () => {
      const { confirmed, confirmedPerSecond } = await orders(demand)
      ordersPerSecond = confirmedPerSecond
      return confirmed
    })
    return { ...spent, ordersPerSecond, lagOfPartition: lags() }
  }
  try {
    say('nothing')
    const idle = await meter.during(() => sleep(QUIET_SECONDS * 1_000, 0))
    say('warming up')
    await orders({ seconds: 5 })
    say('orders that nobody hears of')
    const door = await meterDoor(mart, meter.during)
    say(`an outbox of ${RELAYED} events`)
    const relay = await meterRelay(mart, superuserUrl, meter.during)
    const loads = await aroundLoads(async () => {
      const measured: LoadSpent[] = []
      for (const rate of RATES) {
        say(`${rate} orders a second`)
        measured.push(await whole({ rate }))
      }
      say('as many orders as go')
      measured.push(await whole({}))
      return measured
    })
    say('mails alone')
    // Whoever has not proven her address gets none of these.
    const proven = await provenShopper(mart.addresses, 'Sana Malik')
    await orderRun(mart, proven, { skus: SKUS, connections: 64, seconds: 5, rate: MAILED / 5 })
    const mails = await meter.during(() => sleep(QUIET_SECONDS * 1_000, 0))
    return { idle, mails, door, loads, relay, commitMs: await commitMsOf(superuserUrl) }
  } finally {
    await Promise.all([lag.end(), meter.end()])
  }
}

async function meterDoor(mart: RunningMart, during: Meter['during']) {
  const hearers = processesOf(mart.pid).filter(({ command }) =>
    /services\/(inventory|payment|notification)\//.test(command),
  )
  const orders = postgres(mart.databaseUrls.order, { max: 1 })
  const since = new Date()
  const buyer = await newShopper(mart.addresses)
  for (const { pid } of hearers) process.kill(pid, 'SIGSTOP')
  let placed = 0
  try {
    return await during(async () => {
      const { good } = await placeOrders(mart, buyer, { skus: SKUS, connections: 64, seconds: SECONDS / 2, rate: 200 })
      placed = good
      return good
    })
  } finally {
    for (const { pid } of hearers) process.kill(pid, 'SIGCONT')
    while ((await countConfirmed(orders, since)) < placed) await sleep(100)
    await orders.end()
  }
}

/** Written under the relay's own lease, so that it begins only when we look. */
async function meterRelay(mart: RunningMart, superuserUrl: string, during: Meter['during']) {
  const url = new URL(superuserUrl)
  url.pathname = new URL(mart.databaseUrls.notification).pathname
  const db = postgres(url.href, { max: 1 })
  try {
    await db.begin(async (tx) => {
      await tx`update relay_lease set holder = gen_random_uuid()::text, held_until = now() + interval '6 seconds'`
      await tx`
        insert into outbox (topic, key, value, headers)
        select 'mart.notifications', id::text,
          jsonb_build_object('message_id', id, 'kind', 'order_confirmed', 'order_id', id, 'channel', 'mail',
            'padding', repeat('x', 900))::text,
          jsonb_build_object('ce_specversion', '1.0', 'ce_id', id, 'ce_type', 'notification.sent',
            'ce_source', '/bench', 'content-type', 'application/json')::text
        from (select gen_random_uuid() as id from generate_series(1, ${RELAYED})) as made`
    })
    const spent = await during(async () => {
      while ((await db`select from outbox limit 1`).length > 0) await sleep(100)
      return 0
    })
    return { ...spent, events: RELAYED }
  } finally {
    await db.end()
  }
}

/** How much longer a transaction takes that writes. */
async function commitMsOf(superuserUrl: string): Promise<number> {
  const db = postgres(superuserUrl, { max: 1 })
  try {
    await db`create table if not exists bench_commits (n int)`
    const timesOf = async (statement: () => Promise<unknown>) => {
      const times: number[] = []
      for (let n = 0; n < COMMITS; n += 1) {
        const startedAt = performance.now()
        await statement()
        times.push(performance.now() - startedAt)
      }
      return median(times)
    }
    const reading = await timesOf(() => db`select n from bench_commits where n < 0`)
    return Math.max(0, (await timesOf(() => db`insert into bench_commits values (1)`)) - reading)
  } finally {
    await db.end()
  }
}
