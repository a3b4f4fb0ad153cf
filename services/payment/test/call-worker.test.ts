import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually, quietLogger } from '@mart/service-kit/testing'
import { startWorker } from '@mart/service-kit/workers'
import { callsAtOnce, unlessStopped } from '../src/provider-calls/call-worker.ts'

/** Calls without end, two at once, none of which is ever answered. */
function endless() {
  const begun: number[] = []
  let taken = 0
  const work = callsAtOnce<number>(
    {
      name: 'attempts',
      kinds: ['open'],
      mostAtOnce: 2,
      claim: async (_, atMost) => ({ calls: Array.from({ length: atMost }, () => (taken += 1)), again: 'at once' }),
      giveBack: async () => {},
      async make(call, signal) {
        begun.push(call)
        await unlessStopped(signal, () => new Promise(() => {}))
      },
    },
    quietLogger,
  )
  return { begun, taken: () => taken, work }
}

test('stopped while every lane is busy, calls end at once, and none is taken any more', async () => {
  const { begun, taken, work } = endless()
  const worker = startWorker(work, quietLogger)
  await eventually(async () => begun.length === 2, 'both lanes are busy')
  await worker.stop()
  assert.deepEqual([begun, taken()], [[1, 2], 2])
})

test('what is claimed in the very moment of stopping is given back, and not begun', async () => {
  const claiming = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const seen: string[] = []
  const work = callsAtOnce<number>(
    {
      name: 'attempts',
      kinds: ['open'],
      mostAtOnce: 2,
      async claim() {
        claiming.resolve()
        await goOn.promise
        return { calls: [1, 2], again: 'at once' }
      },
      giveBack: async (calls) => void seen.push(`given back: ${calls}`),
      make: async (call) => void seen.push(`made: ${call}`),
    },
    quietLogger,
  )
  const worker = startWorker(work, quietLogger)
  await claiming.promise
  const stopped = worker.stop()
  goOn.resolve()
  await stopped
  assert.deepEqual(seen, ['given back: 1,2'])
})

test('nothing is begun once the service is to stop', async () => {
  let isBegun = false
  const answer = await unlessStopped(AbortSignal.abort(), async () => {
    isBegun = true
  })
  assert.deepEqual([answer, isBegun], [null, false])
})
