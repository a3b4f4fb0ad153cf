import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { MartFault } from '@mart/service-kit/fault'
import type { Engine } from '../order-bench.ts'
import { MOST_SIMULATED_MS } from './mart.ts'
import type { Scenario } from './world.ts'

export const help = `npm run simulate -- --orders 10000        plays so many cash orders, as fast as 128 connections place them
  --rate 250                   so many a second instead, at random moments (Poisson)
  --connections 128            without --rate: each places an order and waits for its answer
  --processes one              all services in one process, as npm start runs them; each: a process each (default)
  --replicas order=3,payment=2 several of a service; several hear only with --engine kafka
  --engine embedded            or kafka
  --relays 1                   more: an outbox in lanes, which the mart has not; only with --engine kafka
  --cores 2 --partitions 12 --mails 2 --seed 1
npm run simulate -- --check              runs the real mart, then plays the same, and prints both
npm run simulate -- --measure            measures what is played into bench/measured.json, some minutes
Both take --engine and --processes; --check takes --rate, too.`

export interface Asked {
  readonly mode: 'play' | 'check' | 'measure' | 'help'
  readonly scenario: Scenario
}

const options = {
  orders: { type: 'string' },
  rate: { type: 'string' },
  connections: { type: 'string' },
  processes: { type: 'string' },
  replicas: { type: 'string' },
  engine: { type: 'string' },
  cores: { type: 'string' },
  partitions: { type: 'string' },
  relays: { type: 'string' },
  mails: { type: 'string' },
  seed: { type: 'string' },
  check: { type: 'boolean' },
  measure: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

/** Reads what follows `npm run simulate --`. Throws a MartFault that names all that is wrong. */
export function readArguments(args: readonly string[]): Asked {
  const faults: string[] = []
  const values = parse(args, faults)
  const number = (name: keyof typeof values, { least, most, usual, whole = true }: Range): number => {
    const given = values[name]
    if (given === undefined) return usual
    const value = Number(given)
    if (given.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value))) return value
    faults.push(`--${name} ${given}: ${whole ? 'a whole number' : 'a number'} from ${least} to ${most}`)
    return usual
  }
  const choice = <Choice extends string>(
    name: keyof typeof values,
    choices: readonly [Choice, ...Choice[]],
  ): Choice => {
    const given = values[name] ?? choices[0]
    if (!choices.includes(given as Choice)) faults.push(`--${name} ${given}: ${choices.join(' or ')}`)
    return given as Choice
  }
  const flags = ['help', 'check', 'measure'] as const
  const modes = flags.filter((flag) => args.includes(`--${flag}`))
  if (modes.length > 1) faults.push(`--${modes.join(' and --')}: one of them`)
  const orders = number('orders', { least: 1, most: 300_000, usual: 10_000 })
  const rate = number('rate', { least: 0.1, most: 100_000, usual: 0, whole: false }) || null
  if (values['rate'] !== undefined && values['connections'] !== undefined)
    faults.push('--rate and --connections: orders come at a rate, or as fast as connections place them')
  if (rate !== null && orders / rate > MOST_SIMULATED_MS / 1_000)
    faults.push(`--orders ${orders} at --rate ${rate}: at most an hour is played`)
  const scenario: Scenario = {
    orders,
    rate,
    connections: number('connections', { least: 1, most: 10_000, usual: 128 }),
    engine: choice<Engine>('engine', ['embedded', 'kafka']),
    processes: choice('processes', ['each', 'one']),
    replicas: readReplicas(values['replicas'], faults),
    cores: number('cores', { least: 1, most: 10_000, usual: cpus().length }),
    partitions: number('partitions', { least: 1, most: 1_000, usual: 12 }),
    relays: number('relays', { least: 1, most: 100, usual: 1 }),
    seed: number('seed', { least: 0, most: 2 ** 32 - 1, usual: 1 }),
    mailsPerOrder: number('mails', { least: 0, most: 2, usual: 2 }),
    hasGenerator: false,
    rivals: 0,
  }
  if (scenario.relays > 1 && scenario.engine === 'embedded')
    faults.push('--relays with --engine embedded: its appends to a topic stand in one line')
  if (scenario.processes === 'one' && Object.values(scenario.replicas).some((count) => count > 1))
    faults.push('--replicas with --processes one: there is one process')
  if (faults.length > 0) throw new MartFault(`${faults.join('\n')}\n\n${help}`)
  return { mode: modes[0] ?? 'play', scenario }
}

interface Range {
  readonly least: number
  readonly most: number
  readonly usual: number
  readonly whole?: boolean
}

/** All that is unknown is named, not only the first. */
function parse(args: readonly string[], faults: string[]): Partial<Record<keyof typeof options, string>> {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const values: Partial<Record<string, string>> = {}
  for (const token of tokens) {
    if (token.kind === 'positional') faults.push(`${token.value}: is no option`)
    if (token.kind !== 'option') continue
    const known = options[token.name as keyof typeof options]
    if (!known) faults.push(`${token.rawName}: is no option`)
    else if (known.type === 'string' && token.value === undefined) faults.push(`${token.rawName}: has no value`)
    else if (known.type === 'string') values[token.name] = token.value!
    else if (token.value !== undefined) faults.push(`${token.rawName}: takes no value`)
  }
  return values
}

function readReplicas(given: string | undefined, faults: string[]): Record<ServiceName, number> {
  const replicas = Object.fromEntries(serviceNames.map((name) => [name, 1])) as Record<ServiceName, number>
  for (const one of given?.split(',') ?? []) {
    const [name, count, ...more] = one.split('=')
    const isKnown = serviceNames.includes(name as ServiceName)
    if (isKnown && more.length === 0 && /^[1-9]\d{0,2}$/.test(count ?? ''))
      replicas[name as ServiceName] = Number(count)
    else faults.push(`--replicas ${one}: <service>=<1 to 999>, of ${serviceNames.join(', ')}`)
  }
  return replicas
}
