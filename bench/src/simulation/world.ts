import { type ServiceName, serviceNames } from '@mart/contracts/services'
import type { Engine } from '../order-bench.ts'
import { type Clock, createClock, createRandom, type Routine } from './clock.ts'
import type { Costs } from './costs.ts'
import { createLoop, createServer, createThread, type Loop, type Server, type Thread } from './stations.ts'

export interface Scenario {
  readonly engine: Engine
  readonly orders: number
  /** Orders a second, Poisson; null: so many connections, each of which orders again once it has its answer. */
  readonly rate: number | null
  readonly connections: number
  readonly processes: 'one' | 'each'
  readonly replicas: Readonly<Record<ServiceName, number>>
  readonly cores: number
  readonly partitions: number
  readonly relays: number
  readonly seed: number
  readonly mailsPerOrder: number
  /** Whether the load comes from the same cores. */
  readonly hasGenerator: boolean
  /** Others on the machine that always want a core. */
  readonly rivals: number
}

export type EventType = 'placed' | 'reserved' | 'confirmed'

export interface LogEvent {
  readonly order: number
  readonly type: EventType
}

/** What the parts of a simulated mart share. */
export interface World {
  readonly scenario: Scenario
  readonly costs: Costs
  readonly clock: Clock
  readonly random: () => number
  readonly threads: Readonly<Record<ServiceName, readonly Thread[]>>
  readonly databases: Readonly<Record<ServiceName, Server>>
  /** The embedded log's database, or the broker. */
  readonly log: Server
  readonly loops: Loop[]
  readonly addLoop: (name: string) => Loop
}

export function createWorld(scenario: Scenario, costs: Costs): World {
  const clock = createClock(scenario.cores, scenario.rivals)
  const together = createThread(clock, 'services')
  const threadsOf = (service: ServiceName) =>
    Array.from({ length: scenario.replicas[service] }, (_, replica) =>
      scenario.processes === 'one'
        ? together
        : createThread(clock, scenario.replicas[service] > 1 ? `${service} ${replica + 1}` : service),
    )
  const byService = <Value>(make: (service: ServiceName) => Value) =>
    Object.fromEntries(serviceNames.map((service) => [service, make(service)])) as Record<ServiceName, Value>
  const loops: Loop[] = []
  return {
    scenario,
    costs,
    clock,
    random: createRandom(scenario.seed),
    threads: byService(threadsOf),
    databases: byService((service) => createServer(clock, `database ${service}`)),
    log: createServer(clock, scenario.engine === 'kafka' ? 'broker' : 'database event_log'),
    loops,
    addLoop(name) {
      const loop = createLoop(clock, name)
      loops.push(loop)
      return loop
    },
  }
}

/** What a transaction costs beside its step. */
export interface Work {
  readonly thread: number
  readonly database: number
  readonly writes: boolean
  /** When its rows are locked, and half of it is done. */
  readonly midway?: () => void
}

/** A transaction of a service in its own database: its thread makes it, then waits for the answer. */
export function* transaction(world: World, service: ServiceName, replica: number, work: Work): Routine {
  const { costs, threads, databases } = world
  const thread = threads[service][replica]!
  const { step } = costs.services[service]
  yield thread.work((step.thread + work.thread) / 2)
  yield* databases[service].transaction(step.database + work.database, work.writes ? costs.commitMs : 0, work.midway)
  yield thread.work((step.thread + work.thread) / 2)
}
