import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { exponential, type Routine } from './clock.ts'
import type { Costs } from './costs.ts'
import { BEFORE_WRITING, createWriter } from './door.ts'
import { createEvents } from './events.ts'
import { createThread, type Loop, type Server, type Thread } from './stations.ts'
import { createWorld, type LogEvent, type Scenario, type World } from './world.ts'

/** No scenario plays longer than this. */
export const MOST_SIMULATED_MS = 3_600_000
const IDLE_EVERY_MS = 100
const MAILS_PER_BATCH = 50
const MAIL_EVERY_MS = 10
const MAIL_PAUSE_MS = 500
/** Of a cash order: payment and notification hear of its confirmation. */
const HEARERS_OF_CONFIRMED = 2

export interface Played {
  readonly scenario: Scenario
  /** From the first order until the last one ended. */
  readonly ms: number
  readonly ended: number
  /** Of each order that ended. */
  readonly answerMs: Float64Array
  readonly settleMs: Float64Array
  readonly cpuMs: number
  readonly stretch: number
  readonly threads: readonly Thread[]
  readonly databases: readonly Server[]
  readonly loops: readonly Loop[]
  readonly mails: number
}

/** What is told of a simulated mart while it runs. */
export interface Watcher {
  readonly heard?: (service: ServiceName, events: readonly LogEvent[]) => void
}

/** Plays cash orders from their POST until their confirmation is heard by payment and notification. */
export function playMart(scenario: Scenario, costs: Costs, watcher: Watcher = {}): Played {
  const world = createWorld(scenario, costs)
  const { clock, threads, databases, log, loops } = world
  const { mailsPerOrder } = scenario
  const generator = createThread(clock, 'load generator')
  const times = createTimes(scenario.orders)
  let ended = 0
  let mailsWaiting = 0
  let mails = 0

  const events = createEvents(world, {
    whenLocked(service, heard) {
      if (service === 'order') for (const { order } of heard) times.reservedAt[order] = clock.now()
    },
    whenHeard(service, heard) {
      watcher.heard?.(service, heard)
      const next = (type: LogEvent['type']) => heard.map(({ order }) => ({ order, type }))
      if (service === 'inventory') events.say('inventory', next('reserved'))
      if (service === 'order') events.say('order', next('confirmed'))
      if (service === 'notification')
        for (const { type } of heard)
          mailsWaiting += type === 'placed' ? Math.min(1, mailsPerOrder) : Math.max(0, mailsPerOrder - 1)
      if (service === 'payment' || service === 'notification')
        for (const { order, type } of heard)
          if (type === 'confirmed' && ++times.heardBy[order]! === HEARERS_OF_CONFIRMED) ended += 1
    },
  })

  const writers = threads.order.map((_, replica) =>
    createWriter(world, replica, (orders) => {
      events.say(
        'order',
        orders.map((order) => ({ order, type: 'placed' })),
      )
      for (const _order of orders) clock.start(only(clock.cpu(costs.postgres.order)))
    }),
  )

  const request = function* (order: number, askedAt: number): Routine {
    const replica = order % writers.length
    const thread = threads.order[replica]!
    if (scenario.hasGenerator) yield generator.work(costs.generator / 2)
    yield thread.work(costs.door.thread * BEFORE_WRITING)
    times.placedAt[order] = clock.now()
    yield writers[replica]!(order)
    yield thread.work(costs.door.thread * (1 - BEFORE_WRITING))
    if (scenario.hasGenerator) yield generator.work(costs.generator / 2)
    times.answerMs[order] = clock.now() - askedAt
  }

  let asked = 0
  const arrivals = function* (perMs: number): Routine {
    while (asked < scenario.orders) {
      clock.start(request(asked++, clock.now()))
      yield clock.sleep(exponential(world.random, 1 / perMs))
    }
  }
  const connection = function* (): Routine {
    while (asked < scenario.orders) yield* request(asked++, clock.now())
  }

  const mailer = function* (replica: number): Routine {
    for (;;) {
      const batch = Math.min(MAILS_PER_BATCH, mailsWaiting)
      mailsWaiting -= batch
      for (let sent = 0; sent < batch; sent += 1) {
        clock.start(mail(world, replica))
        mails += 1
        yield clock.sleep(MAIL_EVERY_MS)
      }
      // While orders pour in, mails pause between batches.
      if (batch < MAILS_PER_BATCH || events.lag('notification') > 0) yield clock.sleep(MAIL_PAUSE_MS)
    }
  }

  for (const service of serviceNames) clock.start(idle(world, service))
  clock.start(idleElsewhere(world))
  for (let replica = 0; replica < scenario.replicas.notification; replica += 1) clock.start(mailer(replica))
  if (scenario.rate === null) for (let n = 0; n < scenario.connections; n += 1) clock.start(connection())
  else clock.start(arrivals(scenario.rate / 1_000))
  clock.run(() => ended === scenario.orders, MOST_SIMULATED_MS)

  const played = [...new Set(serviceNames.flatMap((service) => threads[service]))]
  const settleMs = times.reservedAt.map((at, order) => at - times.placedAt[order]!)
  return {
    scenario,
    ms: clock.now(),
    ended,
    answerMs: times.answerMs.filter((ms) => ms >= 0),
    settleMs: settleMs.filter((ms) => ms >= 0),
    cpuMs: clock.cpuMs(),
    stretch: clock.stretch(),
    threads: scenario.hasGenerator ? [...played, generator] : played,
    databases: [...serviceNames.map((service) => databases[service]), log],
    loops,
    mails,
  }
}

const createTimes = (orders: number) => ({
  placedAt: new Float64Array(orders),
  reservedAt: new Float64Array(orders).fill(-1),
  answerMs: new Float64Array(orders).fill(-1),
  heardBy: new Uint8Array(orders),
})

function* only(wait: (goOn: () => void) => void): Routine {
  yield wait
}

function* mail({ clock, costs, threads, databases, log }: World, replica: number): Routine {
  yield threads.notification[replica]!.work(costs.mail.thread)
  yield databases.notification.spend(costs.mail.database)
  yield log.spend(costs.mail.log)
  yield clock.cpu(costs.mail.others)
}

/** What is spent whether anybody orders or not. */
function* idle({ clock, costs, threads, databases }: World, service: ServiceName): Routine {
  const { idle: each } = costs.services[service]
  for (;;) {
    for (const thread of threads[service]) clock.start(only(thread.work((each.thread * IDLE_EVERY_MS) / 1_000)))
    clock.start(only(databases[service].spend((each.database * IDLE_EVERY_MS) / 1_000)))
    yield clock.sleep(IDLE_EVERY_MS)
  }
}

function* idleElsewhere({ clock, costs, log }: World): Routine {
  for (;;) {
    yield log.spend((costs.log.idle * IDLE_EVERY_MS) / 1_000)
    yield clock.cpu((costs.postgres.idle * IDLE_EVERY_MS) / 1_000)
    yield clock.sleep(IDLE_EVERY_MS)
  }
}
