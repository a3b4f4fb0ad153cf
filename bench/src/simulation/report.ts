import { cpus } from 'node:os'
import type { Measured } from './costs.ts'
import type { Played } from './mart.ts'

export const percentile = (values: Float64Array, share: number): number => {
  const sorted = values.toSorted()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

export const msText = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
const percent = (share: number) => `${Math.round(share * 100)} %`
const shares = [0.5, 0.95, 0.99]

interface Part {
  readonly name: string
  /** 1 is all that it can. */
  readonly full: number
  readonly notes: string
}

/** What is fullest first. */
function partsOf({ threads, loops, cpuMs, ms, scenario }: Played): Part[] {
  const parts = [
    { name: `all ${scenario.cores} cores`, full: cpuMs / (scenario.cores * ms), notes: '' },
    ...threads.map((one) => ({
      name: one.name,
      full: one.busyMs() / ms,
      notes: `${one.mostWaiting()} waited at most`,
    })),
    ...loops.map((one) => ({
      name: one.name,
      full: one.fullMs() / ms,
      notes: `under way ${percent(one.busyMs() / ms)}, ${Math.round(one.meanBatch())} events a batch, ${one.mostWaiting()} waited at most`,
    })),
  ]
  return parts.toSorted((a, b) => b.full - a.full)
}

/** What a played scenario showed, as lines. */
export function reportOf(played: Played, measured: Measured): string[] {
  const { scenario, ms, ended, settleMs, answerMs, databases, cpuMs, mails } = played
  const { orders, rate, connections, processes, engine, cores, partitions, relays, seed } = scenario
  const times = (values: Float64Array) => shares.map((share) => msText(percentile(values, share))).join(' / ')
  const parts = partsOf(played)
  const how = rate === null ? `as fast as ${connections} connections place them` : `${rate} a second`
  const lines = [
    `${orders.toLocaleString('en')} orders, ${how}; ${engine}, ${cores} cores, ${partitions} partitions, relays ${relays}, processes ${processes}, seed ${seed}`,
    `Costs measured ${measured.at.slice(0, 10)} on ${measured.machine}; this machine has ${cpus().length} cores.`,
    '',
    `confirmed and told           ${ended.toLocaleString('en')} in ${(ms / 1_000).toFixed(1)} s: ${Math.round(ended / (ms / 1_000)).toLocaleString('en')} a second, ${mails.toLocaleString('en')} mails sent meanwhile`,
    `POST, p50 / p95 / p99        ${times(answerMs)}`,
    `placed → confirmed           ${times(settleMs)}`,
    `CPU an order                 ${(cpuMs / ended).toFixed(2)} ms`,
    '',
    `${'fullest first'.padEnd(28)} full`,
    ...parts.map(({ name, full, notes }) => `${name.padEnd(28)} ${percent(full).padStart(5)}  ${notes}`),
    '',
    `databases, CPU               ${databases.map((one) => `${one.name.replace('database ', '')} ${percent(one.cpuMs() / ms)}`).join(', ')}`,
    bottleneck(parts),
  ]
  if (ended < orders) lines.push(`${orders - ended} orders had not ended when an hour was over.`)
  return lines
}

const IS_FULL = 0.9

function bottleneck([first]: readonly Part[]): string {
  if (!first) return ''
  return first.full >= IS_FULL ? `The limit: ${first.name}.` : `Nothing is full; the fullest is ${first.name}.`
}
