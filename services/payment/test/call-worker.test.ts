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
      kind: 'attempts',
      mostAtOnce: 2,
      take: async (atMost) => ({ calls: Array.from({ length: atMost }, () => (taken += 1)), again: 'at once' }),
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

test('nothing is begun once the service is to stop', async () => {
  let isBegun = false
  const answer = await unlessStopped(AbortSignal.abort(), async () => {
    isBegun = true
  })
  assert.deepEqual([answer, isBegun], [null, false])
})
