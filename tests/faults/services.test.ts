import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { serviceNames } from '@mart/contracts/services'
import { knownShopper, newShopper, type Shopper } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import { connectDatabase } from '@mart/service-kit/postgres'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { type Replica, startReplica } from './replica.ts'
import { settles, startMartWithFaults, startRush, tell } from './under-load.ts'

/** What each hearer writes when it hears of an order, so that a lock on it holds a batch in its middle. */
const written = { inventory: 'reservations', payment: 'payments', order: 'order_history', notification: 'messages' }

describe('services on Kafka', () => {
  let under: MartUnderTest
  let buyer: Shopper
  let skus: string[]
  before(async () => {
    under = await startMartWithFaults()
    buyer = await newShopper(under.mart.addresses)
    skus = [await under.stock(20_000), await under.stock(40)]
  })
  after(() => under.stop())

  /** Kills the service while the transaction of a batch has heard some of its events and cannot go on. */
  const killMidBatch = async (name: keyof typeof written) => {
    const db = connectDatabase(under.mart.databaseUrls[name], { max: 2, applicationName: 'fault' })
    try {
      await db.begin(async (tx) => {
        await tx.unsafe(`lock table ${written[name]} in share mode`)
        await eventually(async () => {
          const [row] = await db<{ hearing: boolean }[]>`
            select exists (
              select from pg_stat_activity a join pg_locks waits on waits.pid = a.pid and not waits.granted
              join pg_locks has on has.pid = a.pid and has.granted and has.mode = 'RowExclusiveLock'
              where a.datname = current_database() and has.relation = 'inbox'::regclass) as hearing`
          return row!.hearing
        }, `${name} is in the middle of a batch`)
        under.mart.services[name].kill('SIGKILL')
      })
    } finally {
      await db.end()
    }
  }

  test('each hearer is killed in the middle of a batch: what it had begun is heard again, and counts once', async (t) => {
    const rush = startRush([buyer], skus)
    await sleep(1_000)
    for (const name of ['notification', 'inventory', 'payment', 'order'] as const) {
      const restarts = under.mart.services[name].restartCount
      await killMidBatch(name)
      await eventually(async () => under.mart.services[name].restartCount > restarts, `${name} is started again`)
    }
    await sleep(1_000)
    await rush.end()
    await settles(under, buyer, rush.accepted)
    tell(t, { accepted: rush.accepted.length, 'sent again': rush.refused.length })
  })

  test('two replicas of every service, one of each is killed and another one added: each partition finds a hearer', async (t) => {
    const startAll = () => Promise.all(serviceNames.map((name) => startReplica(under, name)))
    const endAll = (replicas: readonly Replica[], signal: 'SIGKILL' | 'SIGTERM') =>
      Promise.all(replicas.map((replica) => replica.end(signal)))
    const second = await startAll()
    t.after(() => endAll(second, 'SIGKILL'))
    const order = second[serviceNames.indexOf('order')]!
    const { adminEmail, adminPassword, addresses } = under.mart
    const elsewhere = await knownShopper({ ...addresses, order: order.url }, adminEmail, adminPassword)
    const both = startRush([buyer, elsewhere], skus)
    await sleep(3_000)
    await both.end()
    assert.deepEqual(both.refused, [])

    const rush = startRush([buyer], skus)
    await sleep(1_000)
    await endAll(second, 'SIGKILL')
    const beforeThird = rush.accepted.length
    const third = await startAll()
    t.after(() => endAll(third, 'SIGTERM'))
    await sleep(2_000)
    await rush.end()
    assert.ok(rush.accepted.length > beforeThird)
    const accepted = [...both.accepted, ...rush.accepted]
    const admin = { ...buyer, waitFor: under.admin.waitFor }
    await settles(under, admin, accepted)
    tell(t, { accepted: accepted.length, 'while members changed': rush.accepted.length })
  })
})
