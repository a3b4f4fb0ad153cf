import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '@mart/service-kit/migrate'
import { connectDatabase, type Database, inTransaction } from '@mart/service-kit/postgres'
import { createTestDatabase, eventually } from '@mart/service-kit/testing'
import { leasesOf } from '../src/provider-calls/leases.ts'
import { addFinding } from '../src/reconciliation/reconciliation-store.ts'
import {
  claimReconciliation,
  finishReconciliation,
  goesOn,
  requestReconciliation,
} from '../src/reconciliation/use-cases.ts'
import { staff, startPaymentService } from './payment-fixture.ts'

const leases = leasesOf({ stripe: 10_000, payfast: 60_000 })

describe('two processes on one database', () => {
  let drop: () => Promise<void>
  let one: Database
  let other: Database
  before(async () => {
    const database = await createTestDatabase()
    drop = database.drop
    one = connectDatabase(database.url, { max: 2, applicationName: 'one' })
    other = connectDatabase(database.url, { max: 2, applicationName: 'other' })
    await migrate(one, 'payment', new URL('../migrations/', import.meta.url))
  })
  after(async () => {
    await Promise.all([one.end(), other.end()])
    await drop()
  })
  beforeEach(() => one`truncate reconciliations cascade`)

  const take = (db: Database) => inTransaction(db, (tx) => claimReconciliation(tx, leases))
  const all = () => one`select * from reconciliations order by id`

  test('that both find the hour over begin one reconciliation, and one of them runs it', async () => {
    const taken = await Promise.all([
      inTransaction(one, async (tx) => {
        const mine = await claimReconciliation(tx, leases)
        await sleep(300)
        return mine
      }),
      sleep(100).then(() => take(other)),
    ])
    assert.equal(taken.filter((one) => one !== null).length, 1)
    assert.equal((await all()).length, 1)
  })

  test('run one at a time: what staff ask for meanwhile waits until it is over', async () => {
    const running = await take(one)
    const asked = await inTransaction(other, (tx) => requestReconciliation(tx, staff.id))
    assert.deepEqual([await take(other), await take(one)], [null, null])
    await inTransaction(one, (tx) => finishReconciliation(tx, running!))
    assert.equal((await take(other))?.id, asked)
  })

  test('keep the lease while it goes on, and longer with each step', async () => {
    const running = (await take(one))!
    await one`update reconciliations set lease_until = now() + interval '1 second'`
    await inTransaction(one, (tx) => goesOn(tx, { ...running, leases }, { read: 3 }))
    const [row] = await all()
    assert.ok(row?.['lease_until'] > new Date(Date.now() + 60_000))
    assert.equal(row?.['events_read'], 3)
    assert.equal(await take(other), null)
  })

  test('begin it anew when its process is dead, and that one, if it wakes again, writes nothing more', async () => {
    const dead = (await take(one))!
    await one`update reconciliations set lease_until = now() - interval '1 second'`
    const anew = await take(other)
    assert.equal(anew?.id, dead.id)
    await assert.rejects(
      inTransaction(one, async (tx) => {
        await addFinding(tx, {
          id: dead.id,
          subject: 's',
          attemptId: null,
          method: 'stripe',
          kind: 'mended',
          detail: '',
        })
        await goesOn(tx, { ...dead, leases })
      }),
      /Another process has taken over/,
    )
    assert.equal((await one`select from reconciliation_findings`).length, 0)
    await inTransaction(one, (tx) => finishReconciliation(tx, dead))
    assert.equal((await all())[0]?.['finished_at'], null)
    await inTransaction(other, (tx) => finishReconciliation(tx, anew!))
    assert.ok((await all())[0]?.['finished_at'])
  })
})

test('two services on one database reconcile once an hour, not twice', async () => {
  const first = await startPaymentService()
  const { DATABASE_URL, EVENT_LOG_URL } = first.service.config
  const second = await startPaymentService({ DATABASE_URL, EVENT_LOG_URL })
  const byTheClock = () => first.service.db`select finished_at from reconciliations where asked_by is null`
  try {
    for (const hours of [1, 2, 3]) {
      await eventually(async () => {
        const all = await byTheClock()
        return all.length >= hours && all.every(({ finished_at }) => finished_at !== null)
      }, `the reconciliation of hour ${hours} is finished`)
      await sleep(2_500) // both have looked since
      assert.equal((await byTheClock()).length, hours)
      await first.service.db`update reconciliations set asked_at = asked_at - interval '61 minutes'`
    }
  } finally {
    await second.stop()
    await first.stop()
  }
})
