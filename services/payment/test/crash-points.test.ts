import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { PaymentRefunded, PaymentSucceeded } from '@mart/contracts/events/payment-events'
import { inTransaction } from '@mart/service-kit/postgres'
import { eventually } from '@mart/service-kit/testing'
import { leasesOf } from '../src/provider-calls/leases.ts'
import { claimCalls } from '../src/provider-calls/use-cases.ts'
import { requestRefund } from '../src/refunds/use-cases.ts'
import { connectStripe } from '../src/stripe/stripe-client.ts'
import { readEvent } from '../src/stripe/stripe-event.ts'
import { startPayments } from '../src/use-cases/follow-order.ts'
import { updateRecords } from '../src/use-cases/record-update.ts'
import { API_KEY, due, newOrder, SECRET, startShop, type TestOrder } from './payment-fixture.ts'

/** Each test does the worker's steps by itself up to a point and goes no further, as a process that is killed there. */
describe('killed', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  before(async () => {
    shop = await startShop()
  })
  after(() => shop.stop())

  const leases = leasesOf({ stripe: 10_000, payfast: 60_000 })
  const provider = () =>
    connectStripe({
      secretKey: API_KEY,
      webhookSecrets: [SECRET],
      apiUrl: shop.simulatorUrl,
      timeoutMs: 10_000,
      publicUrl: 'http://127.0.0.1:8008',
    })
  const paymentId = async (order: TestOrder): Promise<string> => (await shop.paymentOf(order))?.['id']
  /** Another process takes over once the lease is over. */
  const restart = async (order: TestOrder) => {
    const { db } = shop.service
    await db`
      update provider_calls set due_at = now(), claimed_until = null where payment_id = ${await paymentId(order)}`
  }
  const sessionsOf = async (order: TestOrder) =>
    (await shop.stripe.checkout.sessions.list({ limit: 100 })).data.filter(
      ({ metadata }) => metadata?.['order_id'] === order.order_id,
    )

  const leaseAttempt = (order: TestOrder) =>
    inTransaction(shop.service.db, async (tx) => {
      const { total, due_at, attempt, lines, shipping, number } = due(order)
      await startPayments(tx, [
        {
          orderId: order.order_id,
          customerId: order.customer_id,
          total,
          number: attempt,
          method: 'stripe',
          dueAt: new Date(due_at),
          basket: { number, email: null, lines: [...lines], shipping: shipping.amount },
        },
      ])
      return (await claimCalls(tx, { kinds: ['open', 'end'], leases, atMost: 1 })).calls[0] ?? null
    })

  async function paidOrder(): Promise<TestOrder> {
    const order = newOrder()
    await shop.pay(await shop.open(order))
    await shop.becomes(order, 'succeeded')
    return order
  }
  const leaseRefund = async (order: TestOrder) => {
    const asked = { paymentId: await paymentId(order), reason: 'x', by: randomUUID() }
    return await inTransaction(shop.service.db, async (tx) => {
      await requestRefund(tx, asked)
      const [call] = (await claimCalls(tx, { kinds: ['refund'], leases, atMost: 1 })).calls
      return call?.refund ? { ...call, refund: call.refund } : null
    })
  }
  const refundsAt = async (order: TestOrder) =>
    (await shop.stripe.refunds.list({ limit: 100 })).data.filter(
      ({ metadata }) => metadata?.['order_id'] === order.order_id,
    )

  for (const point of ['before the call', 'between the call and its record'] as const) {
    test(`${point} that opens a page, the page is opened once, and paid once`, async () => {
      const order = newOrder()
      const call = await leaseAttempt(order)
      assert.ok(call)
      if (point !== 'before the call') assert.equal((await provider().open(call)).news.kind, 'opened')
      await restart(order)
      await shop.becomes(order, 'action_required')
      const [session, ...more] = await sessionsOf(order)
      assert.equal(more.length, 0)
      await shop.pay(session?.id ?? '')
      await shop.becomes(order, 'succeeded')
      assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
    })

    test(`${point} that ends a page, the page is ended and the cancel request answered`, async () => {
      const order = newOrder()
      await shop.open(order)
      await shop.control({ down: true })
      await shop.cancel(order, 'refund')
      const [attempt] = await shop.attemptsOf(order)
      assert.equal(attempt?.['status'], 'voiding')
      await shop.control({})
      if (point !== 'before the call') await shop.stripe.checkout.sessions.expire(attempt?.['session_id'])
      await restart(order)
      await shop.becomes(order, 'voided')
      assert.deepEqual(
        (await sessionsOf(order)).map(({ status }) => status),
        ['expired'],
      )
    })

    test(`${point} that sends money back, it goes back once`, async () => {
      const order = await paidOrder()
      const call = await leaseRefund(order)
      assert.ok(call)
      if (point !== 'before the call') {
        await shop.control({ drop: true })
        assert.equal((await provider().refund(call)).kind, 'succeeded')
        await shop.control({})
      }
      assert.equal((await shop.refundsOf(order))[0]?.['status'], 'calling')
      await restart(order)
      await shop.becomes(order, 'refunded')
      assert.equal((await refundsAt(order)).length, 1)
      assert.equal((await shop.saidOf(order, PaymentRefunded)).length, 1)
    })
  }

  test('before a notification is committed, nothing of it stays, and its repeat pays once', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    await shop.control({ drop: true })
    await shop.pay(sessionId)
    await shop.control({})
    const session = await shop.stripe.checkout.sessions.retrieve(sessionId)
    const event = { id: 'evt_crash', type: 'checkout.session.completed', created: 0, data: { object: session } }
    const notified = readEvent(event)
    assert.ok(notified)
    const stored = { provider: 'stripe', id: event.id, type: event.type, payload: event } as const
    const crash = inTransaction(shop.service.db, async (tx) => {
      const { news, about, martId } = notified
      await updateRecords(tx, [{ news, about, notification: { event: stored, happenedAt: new Date(), martId } }])
      throw new Error('killed')
    })
    await assert.rejects(crash, /killed/)
    assert.equal((await shop.paymentOf(order))?.['status'], 'action_required')
    await shop.notify(event.type, session, { id: event.id })
    await shop.notify(event.type, session, { id: event.id })
    await shop.becomes(order, 'succeeded')
    assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
    assert.deepEqual(await shop.ledgerOf(order), { 'provider:stripe': 150_000, sales: -150_000 })
  })

  test('after a refund was recorded, nothing is left to do', async () => {
    const order = await paidOrder()
    const call = await leaseRefund(order)
    assert.ok(call)
    await provider().refund(call)
    await shop.becomes(order, 'refunded')
    await eventually(async () => (await shop.callsOf(order)).length === 0, 'no call is due')
    assert.equal((await refundsAt(order)).length, 1)
  })
})
