import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { consumeRecords } from '@mart/service-kit/consumer'
import type { EventLog } from '@mart/service-kit/event-log'
import { handlerTable, on } from '@mart/service-kit/handlers'
import { addToOutbox } from '@mart/service-kit/outbox'
import { type Database, inTransaction } from '@mart/service-kit/postgres'
import { startRelay } from '@mart/service-kit/relay'
import { dropOldSent, resendSince } from '@mart/service-kit/resend'
import { eventually, quietLogger } from '@mart/service-kit/testing'
import { Happened, startOutbox, topic } from './outbox-fixture.ts'

describe('a relay whose log is slow, and what it sent', () => {
  let outbox: Awaited<ReturnType<typeof startOutbox>>
  let db: Database
  before(async () => {
    outbox = await startOutbox()
    db = outbox.db
  })
  after(() => outbox.stop())
  beforeEach(() => outbox.empty())

  const sayIt = (id: string, ns: readonly number[], filling = '') =>
    inTransaction(db, (tx) => addToOutbox(tx, Happened, ...ns.map((n) => ({ id, n, filling }))))
  const isEmpty = () => outbox.isEmpty()
  const inLog = (id: string) => outbox.inLog(id)
  const numbers = (id: string) => outbox.numbers(id)
  const kept = async () => (await db`select seq from outbox_sent order by seq`).map((row) => row['seq'] as number)
  const asKafka = (): EventLog => ({ ...outbox.log, engine: 'kafka' })
  const relayAll = async (log: EventLog) => {
    const relay = startRelay(db, log, quietLogger)
    await eventually(isEmpty, 'the outbox is empty').finally(() => relay.stop())
  }
  /** The log, but each append waits for `gate`; `begun` is when the first one waits. */
  const waiting = (gate: Promise<unknown>) => {
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const log: EventLog = {
      ...asKafka(),
      async append(...append) {
        resolve()
        await gate
        await outbox.log.append(...append)
      },
    }
    return { log, begun }
  }

  test('a relay whose log takes 7 s keeps its lease, so no other relay sends the same beside it', async () => {
    await sayIt('slow', [1, 2])
    const { log, begun } = waiting(sleep(7_000))
    const first = startRelay(db, log, quietLogger)
    await begun
    const second = startRelay(db, outbox.log, quietLogger)
    await eventually(isEmpty, 'the outbox is empty').finally(() => Promise.all([first.stop(), second.stop()]))
    assert.deepEqual(await numbers('slow'), [1, 2])
  })

  test('a log that takes nothing is told with its reason, logged once, and forgotten when it takes events again', async (t) => {
    let isFull = true
    const log: EventLog = {
      ...outbox.log,
      async append(...append) {
        if (isFull) throw Object.assign(new Error('could not extend file'), { code: '53100' })
        await outbox.log.append(...append)
      },
    }
    const warned = t.mock.method(quietLogger, 'warn').mock
    await sayIt('full', [1])
    const relay = startRelay(db, log, quietLogger)
    t.after(() => relay.stop())
    await eventually(async () => relay.failure() !== null, 'it is told')
    assert.equal(relay.failure(), 'the outbox waits: the disk of the database is full')
    await sleep(1_000)
    assert.equal(warned.callCount(), 1)
    isFull = false
    await eventually(isEmpty, 'the outbox is empty')
    await eventually(async () => relay.failure() === null, 'it is forgotten')
  })

  test('a relay that stops while its log hangs gives up after its time, and another goes on once the lease ends', async () => {
    await sayIt('left', [1])
    const { log, begun } = waiting(new Promise(() => undefined))
    const first = startRelay(db, log, quietLogger)
    await begun
    const before = Date.now()
    await first.stop(200)
    assert.ok(Date.now() - before < 2_000)
    await relayAll(outbox.log)
    assert.deepEqual(await numbers('left'), [1])
  })

  test('a relay that hung, lost its lease and comes back repeats what it had, under the same ids, and no more', async () => {
    await sayIt('back', [1, 2])
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const { log, begun } = waiting(gate)
    const hung = startRelay(db, log, quietLogger)
    await begun
    await db`update relay_lease set holder = 'nobody', held_until = '-infinity'`
    const other = startRelay(db, asKafka(), quietLogger)
    await eventually(isEmpty, 'the other has taken over').finally(open)
    await eventually(async () => (await inLog('back')).length === 4, 'the first has come back')
    await sayIt('back', [3])
    await eventually(isEmpty, 'the outbox is empty').finally(() => Promise.all([hung.stop(), other.stop()]))
    const records = await inLog('back')
    assert.deepEqual(await numbers('back'), [1, 2, 1, 2, 3])
    assert.equal(new Set(records.map((record) => record.headers['ce_id'])).size, 3)
    assert.equal((await kept()).length, 3)
  })

  test('a batch is at most 4 MB, and one event that is larger goes alone', async () => {
    const sizes: number[] = []
    const measured: EventLog = {
      ...outbox.log,
      async append(name, records) {
        sizes.push(records.reduce((sum, record) => sum + Buffer.byteLength(record.value), 0))
        await outbox.log.append(name, records)
      },
    }
    const numbersSaid = Array.from({ length: 20 }, (_, n) => n)
    await sayIt('large', numbersSaid, 'é'.repeat(250_000))
    await db`
      insert into outbox (topic, key, value, headers)
      values (${topic.name}, 'huge', to_jsonb(repeat('x', 5000000))::text, '{}')`
    await relayAll(measured)
    assert.deepEqual(await numbers('large'), numbersSaid)
    assert.equal(sizes.at(-1), 5_000_002)
    assert.ok(Math.max(...sizes.slice(0, -1)) <= 4 * 1024 * 1024, `${sizes}`)
    assert.ok(sizes.length <= 5, `${sizes}`)
  })

  test('what a Kafka was sent is kept; what the log in PostgreSQL has is not', async () => {
    await sayIt('kept', [1, 2, 3])
    const said = await db`select seq, topic, key, value, headers, said_at from outbox order by seq`
    await relayAll(asKafka())
    assert.deepEqual(await db`select seq, topic, key, value, headers, said_at from outbox_sent order by seq`, said)
    await sayIt('gone', [1])
    await relayAll(outbox.log)
    assert.equal((await kept()).length, 3)
  })

  test('resending repeats what was sent since then, before what waits, and each is heard once', async () => {
    await sayIt('old', [1])
    await relayAll(asKafka())
    await db`update outbox_sent set sent_at = now() - interval '11 minutes'`
    await sayIt('again', [1, 2])
    await relayAll(asKafka())
    await sayIt('again', [3])
    assert.equal(await resendSince(db, 600_000), 2)
    await relayAll(asKafka())
    assert.deepEqual(await numbers('again'), [1, 2, 1, 2, 3])
    assert.deepEqual(await numbers('old'), [1])
    const records = await inLog('again')
    assert.equal(new Set(records.map((record) => record.headers['ce_id'])).size, 3)

    const heard: number[] = []
    const table = handlerTable([on(Happened, async (_tx, event) => heard.push(event.data.n))], [Happened])
    for (const record of records)
      await consumeRecords({ db, table, logger: quietLogger }, [record], new AbortController().signal)
    assert.deepEqual(heard, [1, 2, 3])
  })

  test('thousands are put back in their order, and each is put back once', async () => {
    const all = Array.from({ length: 5_000 }, (_, n) => n)
    await sayIt('many', all)
    await relayAll(asKafka())
    assert.equal(await resendSince(db, 600_000), all.length)
    assert.deepEqual(await kept(), [])
    assert.equal(await resendSince(db, 600_000), 0)
    await relayAll(asKafka())
    assert.deepEqual((await numbers('many')).slice(all.length), all)
  })

  test('the slot that is written next is emptied, by two at once; this hour and the last one stay', async () => {
    await db`
      insert into outbox_sent (slot, seq, topic, key, value, headers, said_at, sent_at)
      select floor(extract(epoch from at) / 3600)::bigint % 3, hours, 't', 'k', '{}', '{}', at, at
      from generate_series(0, 2) hours, lateral (select now() - hours * interval '1 hour' as at) times`
    await Promise.all([dropOldSent(db), dropOldSent(db)])
    await dropOldSent(db)
    assert.deepEqual(await kept(), [0, 1])
  })

  test('a slot that is being read is emptied later, and nobody waits for it', async () => {
    await db`
      insert into outbox_sent (slot, seq, topic, key, value, headers, said_at)
      select (floor(extract(epoch from now()) / 3600)::bigint + 1) % 3, 1, 't', 'k', '{}', '{}', now()`
    await inTransaction(db, async (tx) => {
      await tx`select from outbox_sent`
      const before = Date.now()
      await dropOldSent(db)
      assert.ok(Date.now() - before < 2_000)
    })
    assert.deepEqual(await kept(), [1])
    await dropOldSent(db)
    assert.deepEqual(await kept(), [])
  })
})
