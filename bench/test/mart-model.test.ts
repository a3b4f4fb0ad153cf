import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import type { Costs } from '../src/simulation/costs.ts'
import { type Played, playMart } from '../src/simulation/mart.ts'
import type { LogEvent, Scenario } from '../src/simulation/world.ts'

const none = { thread: 0, database: 0 }
const free: Costs = {
  services: Object.fromEntries(
    serviceNames.map((name) => [name, { step: none, event: none, idle: none }]),
  ) as Costs['services'],
  door: none,
  relay: { ...none, log: 0 },
  log: { step: 0.1, read: 0, idle: 0 },
  mail: { ...none, log: 0, others: 0 },
  postgres: { order: 0, idle: 0 },
  generator: 0,
  commitMs: 1,
}
const some: Costs = {
  ...free,
  services: Object.fromEntries(
    serviceNames.map((name) => [
      name,
      { step: { thread: 0.2, database: 0.2 }, event: { thread: 0.1, database: 0.2 }, idle: { thread: 5, database: 5 } },
    ]),
  ) as Costs['services'],
  door: { thread: 0.3, database: 0.2 },
  relay: { thread: 0.02, database: 0.03, log: 0.03 },
}
const scenario: Scenario = {
  engine: 'embedded',
  orders: 2_000,
  rate: 200,
  connections: 64,
  processes: 'each',
  replicas: Object.fromEntries(serviceNames.map((name) => [name, 1])) as Scenario['replicas'],
  cores: 4,
  partitions: 12,
  relays: 1,
  seed: 1,
  mailsPerOrder: 2,
  hasGenerator: false,
  rivals: 0,
}
const busy = ({ threads, ms }: Played, name: string) => threads.find((thread) => thread.name === name)!.busyMs() / ms

describe('the simulated mart', () => {
  for (const engine of ['embedded', 'kafka'] as const)
    for (const processes of ['one', 'each'] as const)
      test(`ends every order, none twice: ${engine}, processes ${processes}`, () => {
        const heard = new Map<string, number>()
        const note = (service: ServiceName, events: readonly LogEvent[]) => {
          for (const { order, type } of events) {
            const name = `${service} ${type} ${order}`
            heard.set(name, (heard.get(name) ?? 0) + 1)
          }
        }
        const replicas = { ...scenario.replicas, order: 3, inventory: 2 }
        const played = playMart({ ...scenario, engine, processes, replicas, relays: 2 }, some, { heard: note })
        assert.equal(played.ended, scenario.orders)
        assert.equal(played.answerMs.length, scenario.orders)
        assert.equal(played.settleMs.length, scenario.orders)
        assert.deepEqual([...new Set(heard.values())], [1])
        // placed: inventory, notification; reserved: order; confirmed: notification, payment.
        assert.equal(heard.size, 5 * scenario.orders)
      })

  test('keeps the order of each order’s events, with lanes and replicas', () => {
    const told = new Map<number, string[]>()
    const replicas = { ...scenario.replicas, order: 3, notification: 4 }
    // So slow that what comes by another partition would overtake.
    const notification = { ...some.services.notification, event: { thread: 5, database: 1 } }
    const costs = { ...some, services: { ...some.services, notification } }
    playMart({ ...scenario, engine: 'kafka', rate: 2_000, replicas, relays: 4 }, costs, {
      heard(service, events) {
        if (service !== 'notification') return
        for (const { order, type } of events) told.set(order, [...(told.get(order) ?? []), type])
      },
    })
    assert.equal(told.size, scenario.orders)
    for (const types of told.values()) assert.deepEqual(types, ['placed', 'confirmed'])
  })

  test('is the same for the same seed, and another for another', () => {
    const figures = (seed: number) => {
      const { ms, settleMs } = playMart({ ...scenario, seed }, some)
      return [ms, ...settleMs.slice(0, 100)]
    }
    assert.deepEqual(figures(1), figures(1))
    assert.notDeepEqual(figures(1), figures(2))
  })

  test('is busy as λ·s says', () => {
    const costs = { ...free, door: { thread: 2, database: 0 } }
    const played = playMart({ ...scenario, orders: 10_000, rate: 250, cores: 64 }, costs)
    const arrived = 10_000 / (played.ms / 1_000)
    assert.ok(Math.abs(busy(played, 'order') - (arrived * 2) / 1_000) < 0.005, `${busy(played, 'order')}`)
    assert.equal(busy(played, 'payment'), 0)
  })

  test('carries what its slowest part carries, whichever that is', () => {
    const slowest: [string, Partial<Costs>, number][] = [
      ['the order service’s thread', { door: { thread: 5, database: 0 } }, 200],
      [
        'inventory, hearing',
        { services: { ...free.services, inventory: { step: none, event: { thread: 4, database: 0 }, idle: none } } },
        250,
      ],
      [
        'inventory’s database',
        { services: { ...free.services, inventory: { step: none, event: { thread: 0, database: 4 }, idle: none } } },
        250,
      ],
      ['the order service’s relay, two events an order', { relay: { thread: 0, database: 0, log: 2 } }, 250],
    ]
    for (const [what, costs, perSecond] of slowest) {
      const { ms, ended } = playMart({ ...scenario, orders: 20_000, rate: 2_000, cores: 64 }, { ...free, ...costs })
      const carried = ended / (ms / 1_000)
      assert.ok(carried > perSecond * 0.9 && carried <= perSecond, `${what}: ${carried} of ${perSecond}`)
    }
  })

  test('carries more with more replicas, as long as there are partitions and cores for them', () => {
    const costs = {
      ...free,
      services: { ...free.services, inventory: { step: none, event: { thread: 4, database: 0 }, idle: none } },
    }
    const carried = (more: Partial<Scenario>, inventory: number) => {
      const replicas = { ...scenario.replicas, inventory }
      const { ms, ended } = playMart({ ...scenario, engine: 'kafka', rate: 5_000, cores: 64, replicas, ...more }, costs)
      return Math.round(ended / (ms / 1_000) / 10) * 10
    }
    const one = carried({}, 1)
    assert.ok(carried({}, 4) > 3.5 * one)
    assert.ok(carried({ partitions: 2 }, 4) < 2.1 * one, 'two partitions: two of four hear')
    assert.ok(carried({ cores: 1 }, 4) < 1.1 * one, 'one core')
    assert.ok(carried({ engine: 'embedded' }, 4) < 1.1 * one, 'the embedded log has one member')
  })

  test('as fast as it goes: never more requests under way than connections', () => {
    const costs = { ...free, door: { thread: 1, database: 0 } }
    const { ms, answerMs } = playMart({ ...scenario, rate: null, connections: 20 }, costs)
    // Little's law: requests under way = their rate × their time.
    const mean = answerMs.reduce((sum, one) => sum + one, 0) / answerMs.length
    const underWay = (answerMs.length / ms) * mean
    assert.ok(underWay > 19 && underWay <= 20.01, `${underWay}`)
  })
})
