import type { LogLine, LogSource, Period } from './log-lines.ts'

/** A piece of work (a request, an event consumed, a call, a mail) with what followed from it. */
export interface Step {
  /** What tells how it ended, and what else was written in the course of it. */
  readonly lines: readonly LogLine[]
  readonly beganAt: number
  readonly steps: readonly Step[]
}

export interface Story {
  readonly orderId: string | undefined
  readonly number: string | undefined
  readonly lines: readonly LogLine[]
}

/** How far what belongs to a trace may be from what names its order. */
const AROUND_MS = 10 * 60_000

/**
 * All that is written about an order, asked for by its number, its id, its payment's or a trace's: the lines that name it,
 * and those of their traces that name no other. Of a trace of no order, or of several, its own lines. Null when there is
 * nothing.
 */
export async function findStory(source: LogSource, id: string): Promise<Story | null> {
  const named = await source.find(new Set([id]))
  const orders = new Set(named.flatMap(({ order_id }) => order_id ?? []))
  const [orderId] = orders
  if (named.length === 0) return null
  if (orderId === undefined || orders.size > 1) return { orderId: undefined, number: undefined, lines: named }
  const ofOrder = id === orderId ? named : await source.find(new Set([orderId]), { from: around(named).from })
  const traces = new Set(ofOrder.flatMap(({ trace_id }) => trace_id ?? []))
  const ofTraces = traces.size > 0 ? await source.find(traces, around(ofOrder)) : []
  const lines = ofTraces.filter(({ order_id }) => order_id === undefined || order_id === orderId)
  const traceless = ofOrder.filter(({ trace_id }) => trace_id === undefined)
  const number = ofOrder.find(({ order_number }) => order_number !== undefined)?.order_number
  return { orderId, number, lines: [...lines, ...traceless] }
}

function around(lines: readonly LogLine[]): Required<Period> {
  const times = lines.map(({ at }) => at.getTime())
  return { from: new Date(Math.min(...times) - AROUND_MS), to: new Date(Math.max(...times) + AROUND_MS) }
}

/** The lines as a forest: each step below its cause, in the order in which they began. */
export function stepsOf(lines: readonly LogLine[]): Step[] {
  const bySpan = new Map<string, LogLine[]>()
  for (const [nth, line] of lines.entries()) {
    const span = line.span_id ?? `line ${nth}`
    bySpan.set(span, [...(bySpan.get(span) ?? []), line])
  }
  const children = new Map<string, Step[]>()
  const roots: Step[] = []
  for (const [span, ofSpan] of bySpan) {
    const parent = ofSpan.find(({ parent_span_id }) => parent_span_id !== undefined)?.parent_span_id
    const steps = children.get(span) ?? []
    children.set(span, steps)
    const step = { lines: ofSpan.toSorted(byEnd), beganAt: Math.min(...ofSpan.map(beganAt)), steps }
    if (parent === undefined || !bySpan.has(parent)) roots.push(step)
    else children.set(parent, [...(children.get(parent) ?? []), step])
  }
  return link(roots, children)
}

export const beganAt = ({ at, ms = 0 }: LogLine): number => at.getTime() - ms

/** What ended it is first, the rest in the order in which it was written. */
const byEnd = (one: LogLine, other: LogLine): number =>
  Number(other.ms !== undefined) - Number(one.ms !== undefined) || one.at.getTime() - other.at.getTime()

function link(steps: readonly Step[], children: ReadonlyMap<string, readonly Step[]>): Step[] {
  return steps
    .map((step) => {
      const span = step.lines[0]?.span_id
      return { ...step, steps: link(span === undefined ? [] : (children.get(span) ?? []), children) }
    })
    .toSorted((one, other) => one.beganAt - other.beganAt)
}
