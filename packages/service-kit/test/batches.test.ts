import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BatchSettings, inBatches } from '@mart/service-kit/batches'

const settings = { mostItems: 3, mostAtOnce: 1, mostWaiting: 100 }

/** Doubles numbers, remembers what came together, and does not like some of it. */
function doubling(
  dislikes: (items: readonly number[]) => Error | null = () => null,
  more: Partial<typeof settings> = {},
) {
  const batches: number[][] = []
  const run: BatchSettings<number, number>['run'] = async (items) => {
    batches.push([...items])
    await sleep(5)
    const error = dislikes(items)
    if (error) throw error
    return items.map((item) => item * 2)
  }
  return { batches, double: inBatches({ ...settings, ...more, run }) }
}

test('a lone item goes at once, and what arrives meanwhile goes together, each with its own result', async () => {
  const { batches, double } = doubling()
  assert.deepEqual(await Promise.all([1, 2, 3, 4, 5, 6].map(double)), [2, 4, 6, 8, 10, 12])
  assert.deepEqual(batches, [[1], [2, 3, 4], [5, 6]])
})

test('one item that cannot be done takes no other with it', async () => {
  const { double } = doubling((items) => (items.includes(3) ? new RangeError('not 3') : null))
  const results = await Promise.allSettled([1, 2, 3, 4].map(double))
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message)),
    [2, 4, 'not 3', 8],
  )
})

test('a database that is away is not asked again for each', async () => {
  const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
  const { batches, double } = doubling((items) => (items.length > 1 ? away : null))
  const results = await Promise.allSettled([1, 2, 3].map(double))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  )
  assert.equal(batches.length, 2)
})

test('a deadlock with somebody else is: alone, an item waits for nobody who waits for it', async () => {
  const deadlock = Object.assign(new Error('deadlock detected'), { code: '40P01' })
  const { double } = doubling((items) => (items.length > 1 ? deadlock : null))
  assert.deepEqual(await Promise.all([1, 2, 3].map(double)), [2, 4, 6])
})

test('when too many wait, the next is told to come back', async () => {
  const { double } = doubling(undefined, { mostWaiting: 2 })
  const taken = [1, 2, 3].map(double)
  await assert.rejects(double(4), { status: 503, code: 'busy' })
  assert.deepEqual(await Promise.all(taken), [2, 4, 6])
})
