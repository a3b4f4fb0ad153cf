import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { EventLog, OutgoingRecord } from '@mart/service-kit/event-log'
import { addToOutbox, onOutbox } from '@mart/service-kit/outbox'
import { type Database, inTransaction } from '@mart/service-kit/postgres'
import { startRelay } from '@mart/service-kit/relay'
import { eventually, quietLogger } from '@mart/service-kit/testing'
import { Happened, startOutbox } from './outbox-fixture.ts'

describe('the outbox and its relay', () => {
  let outbox: Awaited<ReturnType<typeof startOutbox>>
  let db: Database
  before(async () => {
    outbox = await startOutbox()
    db = outbox.db
  })
  after(() => outbox.stop())
  beforeEach(() => outbox.empty())

  const sayIt = (id: string, ...ns: number[]) =>
    inTransaction(db, (tx) => addToOutbox(tx, Happened, ...ns.map((n) => ({ id, n }))))
  const isEmpty = () => outbox.isEmpty()
  const inLog = (id: string) => outbox.inLog(id)
  const numbers = (id: string) => outbox.numbers(id)

  test('what is said in a transaction that rolls back was never said', async () => {
    await assert.rejects(
      inTransaction(db, async (tx) => {
        await addToOutbox(tx, Happened, { id: 'never', n: 1 })
        throw new Error('no')
      }),
    )
    assert.ok(await isEmpty())
  })

  test('a commit wakes the relay of its own database, and no other of the process', async (t) => {
    const other = await startOutbox()
    t.after(other.stop)
    const woken = { own: 0, other: 0 }
    t.after(onOutbox(db, () => (woken.own += 1)))
    t.after(onOutbox(other.db, () => (woken.other += 1)))
    await sayIt('waking', 1, 2)
    assert.deepEqual(woken, { own: 1, other: 0 })
    await assert.rejects(sayIt('wrong', 1.5))
    assert.deepEqual(woken, { own: 1, other: 0 })
  })

  test('an event that does not fit its schema, or is larger than 512 kB, is refused where it is said', async () => {
    await assert.rejects(sayIt('wrong', 1.5), RangeError)
    await assert.rejects(sayIt('x'.repeat(600_000), 1), RangeError)
    await assert.rejects(sayIt('\u{1f375}'.repeat(300), 1), RangeError)
    assert.ok(await isEmpty())
  })

  test('events reach the log in their order, with CloudEvents headers, and leave the outbox', async () => {
    const relay = startRelay(db, outbox.log, quietLogger)
    for (let n = 0; n < 20; n += 2) await sayIt('ordered', n, n + 1)
    await eventually(isEmpty, 'the outbox is empty')
    await relay.stop()
    assert.deepEqual(
      await numbers('ordered'),
      Array.from({ length: 20 }, (_, n) => n),
    )
    const [first] = await inLog('ordered')
    assert.equal(first?.headers['ce_type'], 'test.happened')
    assert.match(first?.headers['ce_dataschema'] ?? '', /\/3$/)
    assert.match(first?.headers['ce_id'] ?? '', /^[0-9a-f-]{36}$/)
  })

  /** A log that does what it is told `failures` times, and says that it failed, or fails at once. */
  const flaky = (failures: number, when: 'before' | 'after'): EventLog => ({
    ...outbox.log,
    async append(name: string, records: readonly OutgoingRecord[]) {
      const fails = failures-- > 0
      if (fails && when === 'before') throw new Error('no broker')
      await outbox.log.append(name, records)
      if (fails) throw new Error('no answer')
    },
  })

  test('a log that does not answer costs no event: it is said again until it is taken', async () => {
    const relay = startRelay(db, flaky(3, 'before'), quietLogger)
    await sayIt('patient', 1, 2, 3)
    await eventually(isEmpty, 'the outbox is empty')
    await relay.stop()
    assert.deepEqual(await numbers('patient'), [1, 2, 3])
  })

  test('a crash between the log’s yes and our delete repeats events under their own ids, and loses none', async () => {
    const relay = startRelay(db, flaky(1, 'after'), quietLogger)
    await sayIt('twice', 1, 2)
    await eventually(isEmpty, 'the outbox is empty')
    await relay.stop()
    const records = await inLog('twice')
    assert.equal(new Set(records.map((record) => record.headers['ce_id'])).size, 2)
    assert.deepEqual(await numbers('twice'), [1, 2, 1, 2])
  })
})
