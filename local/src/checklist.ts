import { styleText } from 'node:util'
import type { Report } from './steps.ts'

/** Shows the start and the stop on a terminal as it happens, or as plain lines anywhere else. */
export function checklist(out: NodeJS.WriteStream): Report {
  const underWay = new Set<string>()
  const paint = (colour: 'green' | 'yellow' | 'dim', text: string) => styleText(colour, text, { stream: out })
  const print = (line: string) => {
    if (!out.isTTY) return out.write(`${line}\n`)
    const waiting = underWay.size > 0 ? paint('dim', `  … ${[...underWay].join(', ')}`) : ''
    return out.write(`\r\x1b[K${line}${line && '\n'}${waiting}`)
  }
  const tick = (step: string, tookMs: number, note: string) =>
    print(`  ${paint('green', '✓')} ${step.padEnd(18)}${paint('dim', took(tookMs).padStart(8))}  ${note}`.trimEnd())

  return (event) => {
    switch (event.kind) {
      case 'begun':
        underWay.add(event.step)
        if (out.isTTY) print('')
        break
      case 'done':
        underWay.delete(event.step)
        tick(event.step, event.tookMs, event.note ?? '')
        break
      case 'stopped':
        underWay.clear()
        tick(event.step, event.tookMs, 'stopped')
        break
      case 'line':
        print(`  ${paint('yellow', '!')} ${event.text}`)
    }
  }
}

/** A duration for people: 612 ms, 3.2 s. */
export const took = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`)
