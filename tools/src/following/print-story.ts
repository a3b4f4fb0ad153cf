import type { LogLine } from './log-lines.ts'
import { type Step, type Story, stepsOf } from './story.ts'

const SERVICE_WIDTH = 13
const INDENT = '  '

/** The story as a person reads it: when, after how long, who, what, how long it took, and why. */
export function printStory({ orderId, number, lines }: Story, print: (line: string) => void): void {
  const steps = stepsOf(lines)
  const first = Math.min(...steps.map(({ beganAt }) => beganAt))
  const last = Math.max(...lines.map(({ at }) => at.getTime()))
  const traces = new Set(lines.flatMap(({ trace_id }) => trace_id ?? []))
  const services = new Set(lines.map(({ service }) => service))
  const name = orderId === undefined ? 'Trace' : `Order ${number ?? ''}`.trimEnd()
  print(`${name} ${orderId ?? [...traces].join(' ')}`)
  print(
    `from ${new Date(first).toISOString()}, ${span(last - first)}: ${services.size} services, ${lines.length} lines, ` +
      `${traces.size} ${traces.size === 1 ? 'trace' : 'traces'}`,
  )
  print('')
  for (const step of steps) printStep(step, { depth: 0, first, print })
}

interface Place {
  readonly depth: number
  readonly first: number
  readonly print: (line: string) => void
}

function printStep({ lines, beganAt, steps }: Step, place: Place): void {
  const [end, ...meanwhile] = lines
  if (end) place.print(lineText(end, { ...place, at: beganAt }))
  const deeper = { ...place, depth: place.depth + 1 }
  for (const line of meanwhile) place.print(lineText(line, { ...deeper, at: line.at.getTime() }))
  for (const step of steps) printStep(step, deeper)
}

/** One line of the story. */
export function lineText(
  line: LogLine,
  { at, first, depth }: { readonly at: number; readonly first: number; readonly depth: number },
): string {
  const { service, message, level, ms, waited_ms, retry_in_ms, why } = line
  const clock = new Date(at)
    .toISOString()
    .slice(first + 86_400_000 < at ? 5 : 11, 23)
    .replace('T', ' ')
  const mark = level === 'error' || level === 'fatal' ? '✖ ' : level === 'warn' ? '! ' : ''
  const about = [
    ms !== undefined && span(ms),
    waited_ms !== undefined && `waited ${span(waited_ms)}`,
    why !== undefined && !message.endsWith(why) && why,
    retry_in_ms !== undefined && `again in ${span(retry_in_ms)}`,
  ].filter(Boolean)
  const what = `${INDENT.repeat(depth)}${service.padEnd(SERVICE_WIDTH)}${mark}${message}`
  return `${clock} ${`+${span(Math.max(0, at - first))}`.padStart(10)}  ${what}${about.length > 0 ? `  (${about.join(', ')})` : ''}`
}

/** 7 ms, 1.2 s, 3 min, 5.1 h, 2.3 days. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 7_200_000) return `${(ms / 60_000).toFixed(0)} min`
  return ms < 129_600_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${(ms / 86_400_000).toFixed(1)} days`
}
