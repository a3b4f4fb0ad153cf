import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createClock, createRandom, exponential, type Routine } from '../src/simulation/clock.ts'
import { createThread } from '../src/simulation/stations.ts'

/** A queue with one server, Poisson arrivals, and service times as `serviceMs` draws them: the mean time in it. */
function meanTimeInQueue(load: number, serviceMs: (random: () => number) => number): { ms: number; busy: number } {
  const clock = createClock(4)
  const random = createRandom(7)
  const thread = createThread(clock, 'server')
  const customers = 200_000
  let sum = 0
  let ended = 0
  const customer = function* (): Routine {
    const cameAt = clock.now()
    yield thread.work(serviceMs(random))
    sum += clock.now() - cameAt
    ended += 1
  }
  const arrivals = function* (): Routine {
    for (let n = 0; n < customers; n += 1) {
      clock.start(customer())
      yield clock.sleep(exponential(random, 1 / load))
    }
  }
  clock.start(arrivals())
  clock.run(() => ended === customers, Number.POSITIVE_INFINITY)
  return { ms: sum / customers, busy: thread.busyMs() / clock.now() }
}

const near = (value: number, wanted: number, share: number) =>
  assert.ok(Math.abs(value / wanted - 1) < share, `${value} is not ${wanted} ± ${share * 100} %`)

describe('simulated queues', () => {
  test('wait as M/M/1 says: 1 / (μ - λ)', () => {
    for (const load of [0.5, 0.8]) {
      const { ms, busy } = meanTimeInQueue(load, (random) => exponential(random, 1))
      near(ms, 1 / (1 - load), 0.03)
      near(busy, load, 0.01)
    }
  })

  test('wait as M/D/1 says: half of that in the queue', () => {
    for (const load of [0.5, 0.8]) {
      const { ms, busy } = meanTimeInQueue(load, () => 1)
      near(ms, 1 + load / (2 * (1 - load)), 0.03)
      near(busy, load, 0.01)
    }
  })

  test('share the cores evenly: three jobs on two cores take half as long again, and who has less to do ends first', () => {
    const clock = createClock(2)
    const ends: string[] = []
    const job = function* (name: string, ms: number): Routine {
      yield clock.cpu(ms)
      ends.push(`${name} ${clock.now().toFixed(3)}`)
    }
    clock.start(job('a', 2))
    clock.start(job('b', 2))
    clock.start(job('short', 1))
    clock.run(() => false, Number.POSITIVE_INFINITY)
    assert.deepEqual(ends, ['short 1.500', 'a 2.500', 'b 2.500'])
    assert.equal(clock.cpuMs().toFixed(6), '5.000000')
  })

  test('take longer among rivals, who always want a core', () => {
    const clock = createClock(2, 3)
    const ends: number[] = []
    const job = function* (): Routine {
      yield clock.cpu(2)
      ends.push(clock.now())
    }
    clock.start(job())
    clock.run(() => false, Number.POSITIVE_INFINITY)
    assert.deepEqual([ends, clock.stretch(), clock.cpuMs()], [[4], 2, 2])
  })

  test('let a sleeper use no core', () => {
    const clock = createClock(1)
    const ends: number[] = []
    const sleeper = function* (): Routine {
      yield clock.sleep(10)
      ends.push(clock.now())
    }
    for (let n = 0; n < 3; n += 1) clock.start(sleeper())
    clock.run(() => false, Number.POSITIVE_INFINITY)
    assert.deepEqual(ends, [10, 10, 10])
    assert.equal(clock.cpuMs(), 0)
  })

  test('end when they are told to, not only when all is done', () => {
    const clock = createClock(1)
    const ever = function* (): Routine {
      for (;;) yield clock.sleep(1)
    }
    clock.start(ever())
    clock.run(() => false, 100)
    assert.equal(clock.now(), 100)
  })
})
