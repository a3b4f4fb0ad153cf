import type { RunningMart } from '@mart/local/mart-file'
import { newShopper } from '@mart/local/shopper'
import { type Backlog, backlogRun } from './backlog.ts'
import { type Memory, memoryOf } from './memory.ts'
import { type OrderRun, orderRun } from './orders.ts'
import { against, below, type Line, ms, rate } from './table.ts'
import { pgbenchTps } from './yardsticks.ts'

export type Engine = 'embedded' | 'kafka'

export interface OrderFigures {
  /** Transactions a second of pgbench before and after. */
  readonly pgbench: readonly [number, number]
  readonly many: OrderRun
  readonly one: OrderRun
  readonly half: OrderRun
  readonly idle: Memory
  readonly loaded: Memory
  readonly backlog: Backlog
}

interface OrderBench {
  readonly superuserUrl: string
  readonly skus: number
  readonly seconds: number
  readonly backlogOrders: number
  readonly say: (line: string) => void
}

export async function benchOrders(mart: RunningMart, bench: OrderBench): Promise<OrderFigures> {
  const { superuserUrl, skus, seconds, say } = bench
  const buyer = await newShopper(mart.addresses)
  const idle = memoryOf([mart.pid])
  say('warming up')
  await orderRun(mart, buyer, { skus, connections: 32, seconds: 5 })
  say('yardstick: pgbench, 16 clients')
  const before = await pgbenchTps(superuserUrl, seconds)
  say(`orders over ${skus} SKUs`)
  const many = await orderRun(mart, buyer, { skus, connections: 128, seconds })
  say('orders on one SKU')
  const one = await orderRun(mart, buyer, { skus: 1, connections: 128, seconds })
  say('orders at half of the best load')
  const half = await orderRun(mart, buyer, { skus, connections: 64, seconds, rate: many.confirmedPerSecond / 2 })
  const loaded = memoryOf([mart.pid])
  say('yardstick again')
  const after = await pgbenchTps(superuserUrl, seconds)
  say(`a backlog of ${bench.backlogOrders} orders`)
  const fresh = await newShopper(mart.addresses) // a token lives for minutes
  const backlog = await backlogRun(mart, fresh, { skus, orders: bench.backlogOrders })
  return { pgbench: [before, after], many, one, half, idle, loaded, backlog }
}

/** What was measured on one engine, each beside the yardstick of the same minutes. */
export function orderLines(engine: Engine, figures: OrderFigures): Line[] {
  const { pgbench, many, one, half, idle, loaded, backlog } = figures
  const fair = { name: 'pgbench', perSecond: (pgbench[0] + pgbench[1]) / 2 }
  const broker = (memory: Memory) => (memory.broker > 0 ? `, and the broker ${memory.broker.toFixed(0)} MB` : '')
  const of = (what: string) => `${engine}: ${what}`
  const drained = backlog.drainedPerSecond / many.confirmedPerSecond
  return [
    { what: of('yardstick, pgbench TPC-B, 16 clients, before and after'), value: pgbench.map(rate).join(', ') },
    {
      what: of('orders accepted, 128 connections'),
      value: rate(many.accepted.perSecond),
      ratio: `${many.accepted.bad} bad answers`,
    },
    against(of('orders confirmed, HTTP to last message'), many.confirmedPerSecond, fair, 0.4),
    against(of('orders confirmed, all on one SKU'), one.confirmedPerSecond, fair, 0.3),
    {
      what: of('left to do when the load ended: many SKUs, one SKU'),
      value: `${many.backlogSeconds.toFixed(1)} s, ${one.backlogSeconds.toFixed(1)} s`,
    },
    {
      what: of('POST /orders at half load, p50 / p99'),
      value: `${ms(half.accepted.p50Ms)} / ${ms(half.accepted.p99Ms)}`,
    },
    { what: of('placed → confirmed at half load, p50'), value: ms(half.settle.p50Ms) },
    below(of('placed → confirmed at half load, p99'), half.settle.p99Ms, 500, ms),
    {
      what: of(`a backlog of ${backlog.orders} orders, drained`),
      value: rate(backlog.drainedPerSecond),
      ratio: `${drained.toFixed(2)} × live`,
      wanted: '≥ 1.5',
      isReached: drained >= 1.5,
    },
    { what: of('memory idle, PSS'), value: `${idle.pss.toFixed(0)} MB${broker(idle)}` },
    below(of(`memory loaded, PSS${broker(loaded)}`), loaded.pss, 900, (mb) => `${mb.toFixed(0)} MB`),
  ]
}

/** Kafka beside the embedded engine of the same run, each divided by its own yardstick. */
export function compare(embedded: OrderFigures, kafka: OrderFigures): Line {
  const perYardstick = ({ many, pgbench }: OrderFigures) => (2 * many.confirmedPerSecond) / (pgbench[0] + pgbench[1])
  const ratio = perYardstick(kafka) / perYardstick(embedded)
  return {
    what: 'orders confirmed: kafka beside embedded, each per pgbench',
    value: `${rate(kafka.many.confirmedPerSecond)} beside ${rate(embedded.many.confirmedPerSecond)}`,
    ratio: `${ratio.toFixed(2)} × embedded`,
    wanted: '≥ 0.85',
    isReached: ratio >= 0.85,
  }
}
