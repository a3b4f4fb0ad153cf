import { newShopper } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'
import type { Backlog } from './backlog.ts'
import { type CpuSeconds, cpuOf, total } from './cpu.ts'
import { type OrderRun, orderRun } from './orders.ts'
import { type Memory, memoryOf } from './processes.ts'
import { against, below, type Line, ms, rate } from './table.ts'
import { between, type Pgbench, pgbench, pgbenchLine } from './yardsticks.ts'

export type Engine = 'embedded' | 'kafka'

const toReach = {
  embedded: { confirmed: 0.9, transactions: 1.1 },
  kafka: { confirmed: 0.7, transactions: 1.4 },
}

export interface OrderFigures {
  /** Before and after. */
  readonly yardstick: readonly [Pgbench, Pgbench]
  readonly many: OrderRun
  /** What the orders of `many` cost. */
  readonly cpu: CpuSeconds
  readonly one: OrderRun
  readonly half: OrderRun
  readonly loaded: Memory
}

interface OrderBench {
  readonly superuserUrl: string
  readonly skus: number
  readonly seconds: number
  readonly say: (line: string) => void
}

export async function benchOrders(mart: RunningMart, bench: OrderBench): Promise<OrderFigures> {
  const { superuserUrl, skus, seconds, say } = bench
  const buyer = await newShopper(mart.addresses)
  say('warming up')
  await orderRun(mart, buyer, { skus, connections: 32, seconds: 5 })
  say('yardstick: pgbench, 16 clients')
  const server = { superuserUrl, martPid: mart.pid }
  const before = await pgbench(server, seconds)
  say(`orders over ${skus} SKUs`)
  const { result: many, cpu } = await cpuOf(mart.pid, () => orderRun(mart, buyer, { skus, connections: 128, seconds }))
  say('orders on one SKU')
  const one = await orderRun(mart, buyer, { skus: 1, connections: 128, seconds })
  say('orders at half of the best load')
  const half = await orderRun(mart, buyer, { skus, connections: 64, seconds, rate: many.confirmedPerSecond / 2 })
  const loaded = memoryOf(mart.pid)
  say('yardstick again')
  const after = await pgbench(server, seconds)
  return { yardstick: [before, after], many, cpu, one, half, loaded }
}

/** What was measured on one engine, each beside the yardstick of the same minutes. */
export function orderLines(engine: Engine, figures: OrderFigures): Line[] {
  const { yardstick, many, cpu, one, half, loaded } = figures
  const { tps, cpuMs } = between(yardstick)
  const fair = { name: 'pgbench', perSecond: tps }
  const wanted = toReach[engine]
  const broker = (memory: Memory) => (memory.broker > 0 ? `, and the broker ${memory.broker.toFixed(0)} MB` : '')
  const of = (what: string) => `${engine}: ${what}`
  const perOrder = (seconds: number) => (seconds * 1_000) / many.confirmed
  const transactions = perOrder(total(cpu)) / cpuMs
  return [
    pgbenchLine(engine, yardstick),
    {
      what: of('orders accepted, 128 connections'),
      value: rate(many.accepted.perSecond),
      ratio: `${many.accepted.bad} bad answers`,
    },
    against(of('orders confirmed, HTTP to last message'), many.confirmedPerSecond, fair, wanted.confirmed),
    against(of('orders confirmed, all on one SKU'), one.confirmedPerSecond, fair, 0.8),
    {
      what: of('CPU per confirmed order'),
      value: `${perOrder(total(cpu)).toFixed(2)} ms`,
      ratio: `${transactions.toFixed(2)} transactions of pgbench`,
      wanted: `≤ ${wanted.transactions}`,
      isReached: transactions <= wanted.transactions,
    },
    {
      what: of('of these'),
      value: [...cpu].map(([name, seconds]) => `${name} ${perOrder(seconds).toFixed(2)}`).join(', '),
    },
    {
      what: of('left to do when the load ended: many SKUs, one SKU'),
      value: `${many.backlogSeconds.toFixed(1)} s, ${one.backlogSeconds.toFixed(1)} s`,
    },
    { what: of('POST /orders at half load, p50'), value: ms(half.accepted.p50Ms) },
    below(of('POST /orders at half load, p99'), half.accepted.p99Ms, 60, ms),
    { what: of('placed → confirmed at half load, p50'), value: ms(half.settle.p50Ms) },
    below(of('placed → confirmed at half load, p99'), half.settle.p99Ms, 250, ms),
    below(of(`memory loaded, PSS${broker(loaded)}`), loaded.pss, 700, (mb) => `${mb.toFixed(0)} MB`),
  ]
}

/** How fast what waited was heard, beside the orders of the same engine that waited for nobody. */
export function backlogLine(engine: Engine, { orders, drainedPerSecond }: Backlog, { many }: OrderFigures): Line {
  const drained = drainedPerSecond / many.confirmedPerSecond
  return {
    what: `${engine}: a backlog of ${orders} orders, drained, a process for each service`,
    value: rate(drainedPerSecond),
    ratio: `${drained.toFixed(2)} × live`,
    wanted: '≥ 1.5',
    isReached: drained >= 1.5,
  }
}

/** Kafka beside the embedded engine of the same run, each divided by its own yardstick. */
export function compare(embedded: OrderFigures, kafka: OrderFigures): Line {
  const perYardstick = ({ many, yardstick }: OrderFigures) => many.confirmedPerSecond / between(yardstick).tps
  const ratio = perYardstick(kafka) / perYardstick(embedded)
  return {
    what: 'orders confirmed: kafka beside embedded, each per pgbench',
    value: `${rate(kafka.many.confirmedPerSecond)} beside ${rate(embedded.many.confirmedPerSecond)}`,
    ratio: `${ratio.toFixed(2)} × embedded`,
    wanted: '≥ 0.85',
    isReached: ratio >= 0.85,
  }
}
