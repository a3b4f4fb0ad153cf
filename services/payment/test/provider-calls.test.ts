import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { OrderPaymentDue } from '@mart/contracts/events/order-events'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { connectDatabase, inTransaction } from '@mart/service-kit/postgres'
import { createTestDatabase, eventually } from '@mart/service-kit/testing'
import { leasesOf } from '../src/provider-calls/leases.ts'
import { claimCalls, giveBackCalls } from '../src/provider-calls/use-cases.ts'
import { requestRefund } from '../src/refunds/use-cases.ts'
import { newPayfastOrder, startPayfastShop } from './payfast-fixture.ts'
import { due, newOrder, startShop, type TestOrder } from './payment-fixture.ts'

const leases = leasesOf({ stripe: 10_000, payfast: 60_000 })

describe('a call that a fault of ours stops', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  before(async () => {
    shop = await startShop()
  })
  after(() => shop.stop())

  /** From now on nothing of this order's attempts can be written when `condition` holds. */
  async function poison(number: string, condition = 'true') {
    const { db } = shop.service
    await db.unsafe(`
      create function poison() returns trigger language plpgsql as $$ begin raise 'poisoned'; end $$;
      create trigger poison before update on attempts for each row
        when (new.basket->>'number' = '${number}' and ${condition}) execute function poison()`)
    return () => db.unsafe('drop trigger poison on attempts; drop function poison')
  }
  const isSetAside = (order: TestOrder) =>
    eventually(async () => {
      const [call] = await shop.callsOf(order)
      return call?.['error'] === 'poisoned' && call['tries'] > 0 && call['claimed_until'] === null
    }, 'it is set aside, with its reason')
  const counted = async () =>
    /provider_calls_set_aside_total\{[^}]*kind="[^"]+"[^}]*\} [1-9]/.test((await shop.http('GET', '/metrics')).body)

  test('before it is made holds up no other, is seen, and made once the fault is mended', async () => {
    const mend = await poison('M-666')
    const [bad, ...good] = Array.from({ length: 20 }, () => newOrder())
    assert.ok(bad)
    await shop.consume(OrderPaymentDue, due(bad, 1, { number: 'M-666' }), ...good.map((order) => due(order)))
    for (const order of good) await shop.becomes(order, 'action_required')
    await isSetAside(bad)
    assert.ok(await counted())
    await mend()
    await shop.service.db`update provider_calls set due_at = now()`
    await shop.becomes(bad, 'action_required')
  })

  test('when its answer is written down is repeated later with the same key, not when its claim ends', async () => {
    const mend = await poison('M-667', "new.status = 'open'")
    const bad = newOrder()
    await shop.consume(OrderPaymentDue, due(bad, 1, { number: 'M-667' }))
    await isSetAside(bad)
    await mend()
    await shop.service.db`update provider_calls set due_at = now()`
    await shop.becomes(bad, 'action_required')
    const sessions = await shop.stripe.checkout.sessions.list({ limit: 100 })
    assert.equal(sessions.data.filter(({ metadata }) => metadata?.['order_id'] === bad.order_id).length, 1)
  })
})

test('a PayFast refund that is claimed in the very moment of stopping was not made, and is made by the next', async () => {
  const shop = await startPayfastShop()
  try {
    const { db } = shop.service
    const order = newPayfastOrder()
    await shop.press(await shop.follow(await shop.open(order)))
    await shop.becomes(order, 'succeeded')
    const paymentId: string = (await shop.paymentOf(order))?.['id']
    const { calls } = await inTransaction(db, async (tx) => {
      await requestRefund(tx, { paymentId, reason: 'broken', by: randomUUID() })
      return await claimCalls(tx, { kinds: ['refund'], leases, atMost: 1 })
    })
    assert.deepEqual(
      calls.map(({ refund }) => refund?.status),
      ['calling'],
    )
    await inTransaction(db, (tx) => giveBackCalls(tx, calls))
    await shop.becomes(order, 'refunded')
    assert.deepEqual([...(await shop.tasksOf(order))], [])
  } finally {
    await shop.stop()
  }
})

test('two processes that claim at the same moment never claim the same call', async () => {
  const { url, drop } = await createTestDatabase()
  const processes = ['one', 'other'].map((applicationName) => connectDatabase(url, { max: 2, applicationName }))
  const [db] = processes
  try {
    await migrate(db!, 'kit', kitMigrations)
    await migrate(db!, 'payment', new URL('../migrations/', import.meta.url))
    await db!.unsafe(`
      with p as (
        insert into payments (id, order_id, method, status, amount, currency)
        select uuidv7(), uuidv7(), 'stripe', 'pending', 1000, 'PKR' from generate_series(1, 200) returning id),
      a as (
        insert into attempts (id, payment_id, number, method, status, go_token)
        select uuidv7(), id, 1, 'stripe', 'created', 't' from p returning id, payment_id)
      insert into provider_calls (payment_id, kind, attempt_id, due_at) select payment_id, 'open', id, now() from a`)
    const claimed: string[] = []
    await Promise.all(
      processes.flatMap((process) =>
        [1, 2].map(async () => {
          for (let again = 'at once'; again !== 'when woken'; ) {
            const got = await inTransaction(process, (tx) =>
              claimCalls(tx, { kinds: ['open', 'end'], leases, atMost: 7 }),
            )
            claimed.push(...got.calls.map(({ id }) => id))
            again = got.again
          }
        }),
      ),
    )
    assert.deepEqual([claimed.length, new Set(claimed).size], [200, 200])
  } finally {
    await Promise.all(processes.map((process) => process.end()))
    await drop()
  }
})
