import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { connectDatabase, inTransaction } from '@mart/service-kit/postgres'
import { createTestDatabase } from '@mart/service-kit/testing'
import { lockDue } from '../src/message-store.ts'

const WAITING = 20_000

test('taking fifty reads some hundred rows, however many messages wait and addresses are proven', async (t) => {
  const { url, drop } = await createTestDatabase()
  const db = connectDatabase(url, { max: 1, applicationName: 'test' }) // a session knows what it has read itself
  t.after(async () => {
    await db.end()
    await drop()
  })
  await migrate(db, 'service-kit', kitMigrations)
  await migrate(db, 'notification', new URL('../migrations/', import.meta.url))
  await db`
    with people as (
      insert into proven_addresses select gen_random_uuid(), n || '@mart.example' from generate_series(1, ${WAITING}) n
      returning *)
    insert into messages (cause_id, kind, person_id, order_id, order_number, language, recipient, data, status)
    select gen_random_uuid(), 'order_confirmed', person_id, gen_random_uuid(), 'M-1', 'en', address, '{}', 'pending'
    from people`
  await db`analyze messages, proven_addresses`
  const rowsRead = async () => {
    await db`select pg_stat_force_next_flush()`
    const [row] = await db<{ n: number }[]>`
      select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as n from pg_stat_user_tables
      where relname in ('messages', 'proven_addresses', 'erased_people')`
    return row!.n
  }
  const before = await rowsRead()
  const due = await inTransaction(db, (tx) => lockDue(tx, 50))
  assert.equal(due.filter(({ is_proven }) => is_proven).length, 50)
  const read = (await rowsRead()) - before
  assert.ok(read < 1_000, `${read} rows were read`)
})
