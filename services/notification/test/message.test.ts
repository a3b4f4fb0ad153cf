import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DueMessage, failed, isTooOld } from '../src/message.ts'

const now = new Date('2026-11-22T12:00:00Z')
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000)
const message = (changes: Partial<DueMessage>): DueMessage => ({
  id: '019ab000-0000-7000-8000-000000000001',
  kind: 'welcome',
  person_id: null,
  order_id: null,
  order_number: null,
  recipient: 'a@example.com',
  recipient_name: null,
  language: 'en',
  data: {},
  attempts: 0,
  traceparent: null,
  queued_at: hoursAgo(1),
  is_proven: true,
  by_staff: false,
  taken_at: '2026-11-22 12:00:00+00',
  ...changes,
})
const busy = { isPermanent: false, code: 'ECONNECTION', text: 'nobody answers' }
const unknown = { isPermanent: true, code: 'refused_550', text: '550 no such user' }
const at = { now, retryInMs: 30_000 }

describe('a mail that failed', () => {
  it('is tried again when its turn comes anew', () => {
    const { status, delayMs, attempted } = failed(message({}), busy, at)
    assert.deepEqual([status, delayMs, attempted], ['pending', 30_000, 1])
  })

  it('is given up after a day', () => {
    assert.equal(failed(message({ queued_at: hoursAgo(23.9) }), busy, at).status, 'pending')
    const outcome = failed(message({ queued_at: hoursAgo(24.1) }), busy, at)
    assert.deepEqual([outcome.status, outcome.reason], ['failed', 'gave_up'])
  })

  it('is given up at once when the server refuses it for good', () => {
    const outcome = failed(message({}), unknown, at)
    assert.deepEqual([outcome.status, outcome.reason, outcome.error], ['failed', 'refused_550', '550 no such user'])
  })
})

describe('a message', () => {
  it('is useful for 72 hours', () => {
    assert.equal(isTooOld(hoursAgo(71.9), now), false)
    assert.equal(isTooOld(hoursAgo(72.1), now), true)
  })
})
