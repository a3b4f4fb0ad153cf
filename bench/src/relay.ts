import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { RunningMart } from '@mart/local/mart-file'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { connectDatabase, type Database } from '@mart/service-kit/postgres'
import { type CpuSeconds, cpuOf } from './cpu.ts'
import type { Engine } from './order-bench.ts'
import type { RelayRun } from './relay-process.ts'
import { type Line, rate } from './table.ts'
import { between, pgbench, pgbenchLine } from './yardsticks.ts'

const TOPIC = 'mart.bench'
const DATABASE = 'bench'
const EVENTS = 100_000
const WARM_UP_EVENTS = 20_000
/** Orders say some four events each. */
const EVENTS_PER_KEY = 4
const AT_LEAST_PER_SECOND = 5_000
const YARDSTICK_S = 10

interface RelayBench {
  readonly engine: Engine
  readonly superuserUrl: string
  readonly say: (line: string) => void
}

/** How fast one relay empties an outbox that is full of orders' events, in a database of its own beside an idle mart. */
export async function relayLines(mart: RunningMart, { engine, superuserUrl, say }: RelayBench): Promise<Line[]> {
  const url = await createOutbox(superuserUrl)
  const db = connectDatabase(url, { max: 1, applicationName: 'bench' })
  const log = engine === 'kafka' ? mart.eventLogUrl : mart.databaseUrls.eventLog.owner
  const relay = fork(new URL('./relay-process.ts', import.meta.url), [url, log, TOPIC])
  try {
    await answer(relay)
    say('warming up')
    await fill(db, WARM_UP_EVENTS)
    await empty(relay)
    const server = { superuserUrl, martPid: mart.pid }
    say('yardstick: pgbench, 16 clients')
    const before = await pgbench(server, YARDSTICK_S)
    say(`an outbox of ${EVENTS.toLocaleString('en')} events`)
    await fill(db, EVENTS)
    const { result, cpu } = await cpuOf(mart.pid, () => empty(relay))
    say('yardstick again')
    const after = await pgbench(server, YARDSTICK_S)
    const { tps, cpuMs } = between([before, after])
    return [pgbenchLine(engine, [before, after]), ...figures({ engine, result, cpu, tps, transactionMs: cpuMs })]
  } finally {
    relay.disconnect()
    await db.end()
  }
}

function figures(measured: {
  engine: Engine
  result: RelayRun
  cpu: CpuSeconds
  tps: number
  transactionMs: number
}): Line[] {
  const { engine, result, cpu, tps, transactionMs } = measured
  const perSecond = EVENTS / result.seconds
  const others = [...cpu].filter(([name]) => name !== 'load generator')
  const perThousand = (seconds: number) => (seconds * 1_000_000) / EVENTS
  const parts = [['relay', result.cpuSeconds] as const, ...others].filter(([, seconds]) => perThousand(seconds) >= 0.5)
  const all = parts.reduce((sum, [, seconds]) => sum + perThousand(seconds), 0)
  return [
    {
      what: `${engine}: events of one relay, an outbox of ${EVENTS.toLocaleString('en')}`,
      value: rate(perSecond),
      ratio: `${(perSecond / tps).toFixed(2)} × pgbench`,
      wanted: `≥ ${rate(AT_LEAST_PER_SECOND)}`,
      isReached: perSecond >= AT_LEAST_PER_SECOND,
    },
    {
      what: `${engine}: CPU per 1,000 of them`,
      value: `${all.toFixed(0)} ms`,
      ratio: `${(all / transactionMs).toFixed(0)} transactions of pgbench`,
    },
    {
      what: `${engine}: of these`,
      value: parts.map(([name, seconds]) => `${name} ${perThousand(seconds).toFixed(0)}`).join(', '),
    },
  ]
}

async function createOutbox(superuserUrl: string): Promise<string> {
  const admin = connectDatabase(superuserUrl, { max: 1, applicationName: 'bench' })
  await admin.unsafe(`create database ${DATABASE}`).finally(() => admin.end())
  const url = new URL(superuserUrl)
  url.pathname = `/${DATABASE}`
  const db = connectDatabase(url.href, { max: 1, applicationName: 'bench' })
  await migrate(db, 'service-kit', kitMigrations).finally(() => db.end())
  return url.href
}

/** Each the sample of an order that is placed, as if by `events / EVENTS_PER_KEY` orders in turn. */
async function fill(db: Database, events: number): Promise<void> {
  const sample = new URL('../../packages/contracts/samples/order.placed.v1.json', import.meta.url)
  const value = JSON.stringify(JSON.parse(readFileSync(sample, 'utf8')))
  await db`
    insert into outbox (topic, key, value, headers)
    select ${TOPIC}, md5((n % ${events / EVENTS_PER_KEY})::text)::uuid::text, ${value}, jsonb_build_object(
      'ce_specversion', '1.0', 'ce_id', uuidv7(), 'ce_type', 'order.placed', 'ce_source', '/services/order',
      'ce_time', '2026-11-22T10:00:00.000Z', 'ce_dataschema', 'https://ai-mart.example/events/order.placed/1',
      'content-type', 'application/json', 'traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')::text
    from generate_series(1, ${events}) n`
}

async function empty(relay: ChildProcess): Promise<RelayRun> {
  relay.send('empty it')
  return (await answer(relay)) as RelayRun
}

async function answer(relay: ChildProcess): Promise<unknown> {
  const ended = once(relay, 'exit').then(() => {
    throw new Error('the relay’s process ended')
  })
  const [said] = await Promise.race([once(relay, 'message'), ended])
  return said
}
