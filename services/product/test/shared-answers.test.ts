import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharedAnswers } from '../src/http/shared-answers.ts'

/** A question that is answered by hand, and how often it was asked. */
function questions() {
  const asked: PromiseWithResolvers<string>[] = []
  const ask = () => {
    const answer = Promise.withResolvers<string>()
    asked.push(answer)
    return answer.promise
  }
  return { asked, ask }
}

test('who asks while a query runs shares the next one, never the one that runs', async () => {
  const shared = sharedAnswers<string>()
  const { asked, ask } = questions()
  const first = shared('page', ask)
  const [second, third] = [shared('page', ask), shared('page', ask)]
  assert.equal(asked.length, 1)
  asked[0]?.resolve('old')
  assert.equal(await first, 'old')
  assert.equal(asked.length, 2)
  const fourth = shared('page', ask)
  asked[1]?.resolve('new')
  assert.deepEqual(await Promise.all([second, third]), ['new', 'new'])
  asked[2]?.resolve('newest')
  assert.equal(await fourth, 'newest')
  assert.equal(asked.length, 3)
})

test('other questions do not wait, and a failure is its own', async () => {
  const shared = sharedAnswers<string>()
  const { asked, ask } = questions()
  const failing = shared('page', ask)
  const other = shared('other page', ask)
  const next = shared('page', ask)
  asked[1]?.resolve('other')
  assert.equal(await other, 'other')
  asked[0]?.reject(new Error('down'))
  await assert.rejects(failing, /down/)
  asked[2]?.resolve('up again')
  assert.equal(await next, 'up again')
})
