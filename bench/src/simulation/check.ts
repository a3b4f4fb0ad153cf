import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { newShopper } from '@mart/demo/shopper'
import { SKUS, superuserUrlOf, withBenchMart } from '../bench-mart.ts'
import { createMeter, type Spent } from '../measuring/spent.ts'
import { type OrderRun, orderRun } from '../orders.ts'
import { createRandom, exponential } from './clock.ts'
import type { Costs } from './costs.ts'
import { type Played, playMart } from './mart.ts'
import { msText, percentile } from './report.ts'
import type { Scenario } from './world.ts'

const SECONDS = 15
const GOAL = 0.2
const MOST_RIVALS = 64
const TRIES = 8

/** Runs the real mart, plays the same, and says how far they are from each other. No mails: the buyer has not proven her address. */
export async function check(scenario: Scenario, costs: Costs, say: (line: string) => void): Promise<string[]> {
  const { run, spent } = await realRun(scenario, say)
  const seconds = run.confirmed / run.confirmedPerSecond
  const same = { ...scenario, orders: run.confirmed, mailsPerOrder: 0, hasGenerator: true }
  const played = playAmongRivals(same, costs, spent.stretch)
  const load = loadavg().map((one) => one.toFixed(2))
  say(`real: ${run.confirmed} orders in ${seconds.toFixed(1)} s, load average ${load.join(' ')}`)
  const [real, simulated] = [spent.stretch, played.stretch].map((times) => times.toFixed(2))
  say(`work took ${real} times as long, for want of cores; played among ${played.scenario.rivals} others: ${simulated}`)
  return compared(run, spent, played)
}

/** With so many others on the cores that work waits for one as long as it did. */
function playAmongRivals(scenario: Scenario, costs: Costs, stretch: number): Played {
  let [few, many] = [0, MOST_RIVALS]
  let played = playMart(scenario, costs)
  for (let tries = 0; tries < TRIES && played.stretch < stretch * 0.98; tries += 1) {
    const rivals = (few + many) / 2
    const next = playMart({ ...scenario, rivals }, costs)
    if (next.stretch > stretch) many = rivals
    else [few, played] = [rivals, next]
  }
  return played
}

async function realRun(scenario: Scenario, say: (line: string) => void): Promise<{ run: OrderRun; spent: Spent }> {
  const { engine, processes, rate, connections, seed } = scenario
  const folder = mkdtempSync(join(tmpdir(), 'mart-check-'))
  let run: OrderRun | undefined
  let spent: Spent | undefined
  try {
    await withBenchMart(folder, { engine, processes, say }, async (mart) => {
      const demand = { skus: SKUS, connections, seconds: SECONDS }
      say('warming up')
      await orderRun(mart, await newShopper(mart.addresses), { ...demand, seconds: 5 })
      const random = createRandom(seed)
      const poisson = rate === null ? {} : { rate, gapMs: () => exponential(random, 1_000 / rate) }
      const buyer = await newShopper(mart.addresses)
      const meter = createMeter(mart, superuserUrlOf(mart, folder))
      say(rate === null ? 'as many orders as go' : `${rate} orders a second`)
      spent = await meter.during(async () => {
        run = await orderRun(mart, buyer, { ...demand, ...poisson })
        return run.confirmed
      })
      await meter.end()
    })
    return { run: run!, spent: spent! }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function compared(run: OrderRun, spent: Spent, played: Played): string[] {
  const { databases, threads, settleMs, answerMs, ms, ended } = played
  const real = (name: string) => (spent.cpuMs[name] ?? 0) / spent.orders
  const count = (value: number) => value.toFixed(2)
  const settled = [0.5, 0.95, 0.99].map((share) => percentile(settleMs, share))
  const { p50Ms, p95Ms, p99Ms } = run.settle
  const row = (what: string, was: number, is: number, text: (value: number) => string) =>
    `| ${what} | ${text(was)} | ${text(is)} | ${was > 0 ? count(is / was) : ''} | ${was > 0 ? (Math.abs(is / was - 1) <= GOAL ? 'yes' : 'no') : ''} |`
  return [
    '| what | real | simulated | ratio | within 20 % |',
    '| --- | --- | --- | --- | --- |',
    row('confirmed a second', run.confirmedPerSecond, ended / (ms / 1_000), (value) => String(Math.round(value))),
    row('POST, p50', run.accepted.p50Ms, percentile(answerMs, 0.5), msText),
    row('POST, p99', run.accepted.p99Ms, percentile(answerMs, 0.99), msText),
    row('placed → confirmed, p50', p50Ms, settled[0]!, msText),
    row('placed → confirmed, p95', p95Ms, settled[1]!, msText),
    row('placed → confirmed, p99', p99Ms, settled[2]!, msText),
    ...threads
      .filter(({ name }) => real(name) >= 0.02)
      .map(({ name, busyMs: _, workMs }) => row(`CPU ms an order: ${name}`, real(name), workMs() / ended, count)),
    ...databases
      .filter(({ name }) => real(name) >= 0.02)
      .map((one) => row(`CPU ms an order: ${one.name}`, real(one.name), one.cpuMs() / ended, count)),
    ...databases
      .filter(({ name, transactions }) => transactions() > 0 && name !== 'broker')
      .map((one) => {
        const name = one.name.replace('database ', '')
        return row(
          `transactions an order: ${name}`,
          spent.transactions[name]! / spent.orders,
          one.transactions() / ended,
          count,
        )
      }),
  ]
}
