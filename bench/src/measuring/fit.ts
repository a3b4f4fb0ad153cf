import { type ServiceName, serviceNames } from '@mart/contracts/services'
import type { Costs, PartitionLag, ServiceCosts } from '../simulation/costs.ts'
import type { Spent } from './spent.ts'

export interface LoadSpent extends Spent {
  readonly ordersPerSecond: number
  readonly lagOfPartition: PartitionLag
}

export interface Phases {
  /** Nothing happens. */
  readonly idle: Spent
  /** Only mails are sent. */
  readonly mails: Spent
  /** Orders are taken, and nobody hears of them. */
  readonly door: Spent
  /** Whole orders, from few to many a second. */
  readonly loads: readonly LoadSpent[]
  /** An outbox of so many events, said by notification and heard by nobody. */
  readonly relay: Spent & { readonly events: number }
  readonly commitMs: number
}

/** What a service hears and says of a cash order. */
const events: Readonly<Record<ServiceName, { heard: number; said: number }>> = {
  user: { heard: 0, said: 0 },
  product: { heard: 1, said: 0 }, // read and passed over
  order: { heard: 1, said: 2 },
  inventory: { heard: 1, said: 1 },
  payment: { heard: 1, said: 0 },
  notification: { heard: 2, said: 0 },
}
const EVENTS_PER_ORDER = 3
/** `order.placed` and `order.confirmed` by three services each, `stock.reserved` by two. */
const READS_PER_ORDER = 8

/**
 * y ≈ a·x1 + b·x2 with neither below 0, by least squares of the relative errors: the load of few orders counts as much as
 * that of many.
 */
export function fitTwo(points: readonly { x1: number; x2: number; y: number }[]): { a: number; b: number } {
  const sum = (of: (point: { x1: number; x2: number; y: number }) => number) =>
    points.reduce((all, point) => all + (point.y > 0 ? of(point) / point.y ** 2 : 0), 0)
  const [s11, s12, s22] = [sum(({ x1 }) => x1 * x1), sum(({ x1, x2 }) => x1 * x2), sum(({ x2 }) => x2 * x2)]
  const [s1, s2] = [sum(({ x1, y }) => x1 * y), sum(({ x2, y }) => x2 * y)]
  const determinant = s11 * s22 - s12 * s12
  const [a, b] = [(s1 * s22 - s2 * s12) / determinant, (s2 * s11 - s1 * s12) / determinant]
  if (determinant > s11 * s22 * 1e-9 && a >= 0 && b >= 0) return { a, b }
  const alone = { a: s11 > 0 ? s1 / s11 : 0, b: s22 > 0 ? s2 / s22 : 0 }
  const error = (one: { a: number; b: number }) =>
    points.reduce((all, { x1, x2, y }) => all + (y > 0 ? ((y - one.a * x1 - one.b * x2) / y) ** 2 : 0), 0)
  const [onlyA, onlyB] = [
    { a: alone.a, b: 0 },
    { a: 0, b: alone.b },
  ]
  return error(onlyA) < error(onlyB) ? onlyA : onlyB
}

/** Costs of each step from what whole phases cost. */
export function fitCosts({ idle, mails, door, loads, relay, commitMs }: Phases): Costs {
  const perSecond = (name: string) => (idle.cpuMs[name] ?? 0) / idle.seconds
  const beside = (spent: Spent, name: string) => (spent.cpuMs[name] ?? 0) - perSecond(name) * spent.seconds
  const mail = (name: string) => Math.max(0, beside(mails, name) / Math.max(1, mails.mails))
  const forOrders = (spent: Spent, name: string) => Math.max(0, beside(spent, name) - mail(name) * spent.mails)
  const transactionsOf = (spent: Spent, database: string) =>
    (spent.transactions[database] ?? 0) - ((idle.transactions[database] ?? 0) / idle.seconds) * spent.seconds
  const perEvent = (name: string) => forOrders(relay, name) / relay.events
  const relayed = {
    thread: perEvent('notification'),
    database: perEvent('database notification'),
    log: perEvent('database event_log') + perEvent('broker'),
  }

  const fitted = (name: string, database: string, said: number, cost: number) =>
    fitTwo(
      loads.map((spent) => ({
        x1: Math.max(0, transactionsOf(spent, database)) / spent.orders,
        x2: 1,
        y: Math.max(0, forOrders(spent, name) / spent.orders - said * cost),
      })),
    )
  const ofService = (service: ServiceName) => {
    const { heard, said } = events[service]
    if (heard === 0) return { thread: { a: 0, b: 0 }, database: { a: 0, b: 0 } }
    return {
      thread: fitted(service, service, said, relayed.thread),
      database: fitted(`database ${service}`, service, said, relayed.database),
    }
  }
  const order = ofService('order')
  const doorOf = (name: string, fit: { a: number; b: number }, cost: number) => {
    const each = forOrders(door, name) / door.orders - cost - (fit.a * transactionsOf(door, 'order')) / door.orders
    return Math.min(fit.b, Math.max(0, each))
  }
  const atTheDoor = {
    thread: doorOf('order', order.thread, relayed.thread),
    database: doorOf('database order', order.database, relayed.database),
  }

  const costsOf = (service: ServiceName): ServiceCosts => {
    const { thread, database } = service === 'order' ? order : ofService(service)
    const { heard } = events[service]
    const left = service === 'order' ? atTheDoor : { thread: 0, database: 0 }
    const each = (all: number) => (heard === 0 ? 0 : Math.max(0, all) / heard)
    return {
      step: { thread: thread.a, database: database.a },
      event: { thread: each(thread.b - left.thread), database: each(database.b - left.database) },
      idle: { thread: perSecond(service), database: perSecond(`database ${service}`) },
    }
  }
  const log = fitLog(loads, {
    y: (spent) =>
      (forOrders(spent, 'database event_log') + forOrders(spent, 'broker')) / spent.orders -
      EVENTS_PER_ORDER * relayed.log,
    // A broker counts no transactions; it is asked as often as the services do something.
    steps: (spent) =>
      spent.cpuMs['broker'] === undefined
        ? transactionsOf(spent, 'event_log') / spent.orders
        : serviceNames.reduce((sum, name) => sum + transactionsOf(spent, name), 0) / spent.orders,
  })
  // Vacuum is done by sessions that end.
  const postgres = ['PostgreSQL itself', 'sessions that ended']
  const sumOf = (names: readonly string[], of: (name: string) => number) =>
    names.reduce((sum, name) => sum + of(name), 0)
  return {
    services: Object.fromEntries(serviceNames.map((name) => [name, costsOf(name)])) as Costs['services'],
    door: atTheDoor,
    relay: relayed,
    log: { ...log, idle: perSecond('database event_log') + perSecond('broker') },
    mail: {
      thread: mail('notification'),
      database: mail('database notification'),
      log: mail('database event_log') + mail('broker'),
      others: sumOf(['local', ...postgres], mail),
    },
    postgres: {
      order: median(loads.map((spent) => sumOf(postgres, (name) => forOrders(spent, name)) / spent.orders)),
      idle: sumOf(postgres, perSecond),
    },
    generator: forOrders(loads.at(-1)!, 'load generator') / loads.at(-1)!.orders,
    commitMs,
  }
}

function fitLog(
  loads: readonly Spent[],
  { y, steps }: { y: (spent: Spent) => number; steps: (spent: Spent) => number },
) {
  const { a, b } = fitTwo(
    loads.map((spent) => ({ x1: Math.max(0, steps(spent)), x2: READS_PER_ORDER, y: Math.max(0, y(spent)) })),
  )
  return { step: a, read: b }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
