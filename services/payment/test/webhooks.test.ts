import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { PaymentDisputed, PaymentFailed, PaymentSucceeded } from '@mart/contracts/events/payment-events'
import { newOrder, notification, staff, startShop, type TestOrder } from './payment-fixture.ts'

describe('Stripe’s notifications', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  let martId: string
  before(async () => {
    shop = await startShop()
    await shop.control({ drop: true })
    martId = (await shop.service.db`select id from mart`)[0]?.['id']
  })
  after(() => shop.stop())

  const post = ({ body, headers }: { body: string; headers: Record<string, string> }) =>
    shop.http('POST', '/webhooks/stripe', { body, headers })
  const storedEvents = () => shop.service.db`select * from provider_events order by received_at`
  const storedOf = (id: string) => shop.service.db`select * from provider_events where event_id = ${id}`

  const nobodys = {
    id: 'cs_x',
    status: 'complete',
    payment_status: 'paid',
    payment_intent: 'pi_x',
    amount_total: 100,
    currency: 'pkr',
    metadata: {},
  }

  /** An order whose page is open, and what Stripe would say of it. */
  async function opened(order: TestOrder = newOrder()) {
    return await wordsOn(order, await shop.open(order))
  }

  async function wordsOn(order: TestOrder, sessionId: string) {
    const [attempt] = await shop.attemptsOf(order)
    const metadata = { order_id: order.order_id, attempt_id: attempt?.['id'], mart_id: martId }
    const charge = `pi_${randomUUID()}`
    const { amount, currency } = order.total
    const session = {
      id: sessionId,
      status: 'complete',
      payment_status: 'paid',
      payment_intent: charge,
      amount_total: amount,
      currency: currency.toLowerCase(),
      client_reference_id: attempt?.['id'],
      metadata,
      customer_details: { email: 'ayesha@example.com', name: 'Ayesha' },
    }
    const intent = { id: charge, status: 'succeeded', amount_received: amount, currency: 'pkr', metadata }
    return { order, session, intent, attempt }
  }

  for (const [what, spoil] of Object.entries<
    (sent: ReturnType<typeof notification>) => ReturnType<typeof notification>
  >({
    'signed with another secret': () => notification('checkout.session.completed', {}, { secret: 'whsec_other' }),
    unsigned: ({ body }) => ({ body, headers: { 'stripe-signature': '' } }),
    'changed by one byte': ({ body, headers }) => ({ body: body.replace('paid', 'raid'), headers }),
    truncated: ({ body, headers }) => ({ body: body.slice(0, -10), headers }),
  })) {
    test(`that are ${what} are refused and leave nothing`, async () => {
      const { order, session } = await opened()
      const before = await storedEvents()
      const answer = await post(spoil(notification('checkout.session.completed', session)))
      assert.equal(answer.status, 400)
      assert.equal(answer.body.code, 'bad_signature')
      assert.equal((await storedEvents()).length, before.length)
      assert.equal((await shop.paymentOf(order))?.['status'], 'action_required')
    })
  }

  test('larger than 256 kB are refused unread', async () => {
    const sent = notification('checkout.session.completed', { padding: 'x'.repeat(257 * 1024) })
    assert.equal((await post(sent)).status, 413)
  })

  test('are verified by their bytes, whatever their form and content type', async () => {
    const { order, session } = await opened()
    const { body } = notification('checkout.session.completed', session)
    const spaced = JSON.stringify(JSON.parse(body), null, 3)
    const Stripe = (await import('stripe')).default
    const signature = Stripe.webhooks.generateTestHeaderString({ payload: spaced, secret: 'whsec_test_secret' })
    const headers = { 'stripe-signature': signature, 'content-type': 'text/plain' }
    assert.equal((await post({ body: spaced, headers })).status, 200)
    assert.equal((await shop.paymentOf(order))?.['status'], 'succeeded')
  })

  test('count once, however often and how close together one comes', async () => {
    const { order, session } = await opened()
    const sent = notification('checkout.session.completed', session, { id: `evt_${order.order_id}` })
    const answers = await Promise.all([post(sent), post(sent), post(sent)])
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    )
    assert.equal((await storedOf(`evt_${order.order_id}`)).length, 1)
    assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
  })

  test('of a decline are told to the buyer once', async () => {
    const { order, intent } = await opened()
    const declined = { ...intent, status: 'requires_payment_method', last_payment_error: { message: 'no funds' } }
    const sent = notification('payment_intent.payment_failed', declined)
    await Promise.all([post(sent), post(sent), post(sent)])
    const said = await shop.saidOf(order, PaymentFailed)
    assert.deepEqual(
      said.map(({ final, reason }) => [final, reason]),
      [[false, 'no funds']],
    )
  })

  test('two different ones about one success, at the same moment, are one success', async () => {
    const { order, session, intent } = await opened()
    const answers = await Promise.all([
      shop.notify('payment_intent.succeeded', intent),
      shop.notify('checkout.session.completed', session),
    ])
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    )
    assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
    assert.deepEqual([...(await shop.tasksOf(order))], [])
  })

  test('and the return page may come at the same moment, 50 times: one success each', async () => {
    const orders = Array.from({ length: 50 }, () => newOrder())
    const sessionIds = await shop.openAll(orders)
    for (const [index, order] of orders.entries()) {
      const { session, attempt } = await wordsOn(order, sessionIds[index] ?? '')
      const back = `/payments/return/${attempt?.['id']}?t=${attempt?.['go_token']}`
      const [page, answer] = await Promise.all([
        shop.http('GET', back),
        shop.notify('checkout.session.completed', session),
      ])
      assert.deepEqual([page.status, answer.status], [200, 200])
      assert.equal((await shop.paymentOf(order))?.['status'], 'succeeded')
      assert.match((await shop.http('GET', back)).body, /Your payment of Rs 1,500 has arrived/)
    }
    const keys = (await shop.published(PaymentSucceeded)).map(({ key }) => key)
    assert.equal(new Set(keys).size, keys.length)
    assert.ok(orders.every(({ order_id }) => keys.includes(order_id)))
  })

  test('of a failure after the success change nothing', async () => {
    const { order, session, intent } = await opened()
    await shop.notify('checkout.session.completed', session)
    await shop.notify('payment_intent.payment_failed', { ...intent, status: 'requires_payment_method' })
    await shop.notify('checkout.session.expired', { ...session, status: 'expired' })
    await shop.notify('checkout.session.async_payment_failed', session)
    assert.equal((await shop.paymentOf(order))?.['status'], 'succeeded')
    assert.deepEqual(await shop.saidOf(order, PaymentFailed), [])
  })

  test('of a payment of this mart that is not here yet are to be said again, for an hour', async () => {
    const session = (createdS: number) => {
      const object = { ...nobodys, client_reference_id: randomUUID(), metadata: { mart_id: martId } }
      return shop.notify('checkout.session.completed', object, { id: `evt_${createdS}`, createdS })
    }
    const nowS = Math.floor(Date.now() / 1000)
    const fresh = await session(nowS)
    assert.deepEqual([fresh.status, fresh.body.code], [404, 'payment_not_here'])
    assert.equal((await storedOf(`evt_${nowS}`)).length, 0)
    assert.equal((await session(nowS - 3_700)).status, 200)
    assert.equal((await storedOf(`evt_${nowS - 3_700}`))[0]?.['outcome'], 'not_ours')
  })

  test('of others who share the account are listed and answered', async () => {
    for (const reference of [randomUUID(), 'cart-17', null]) {
      const id = `evt_${randomUUID()}`
      const object = { ...nobodys, client_reference_id: reference }
      assert.equal((await shop.notify('checkout.session.completed', object, { id })).status, 200)
      assert.equal((await storedOf(id))[0]?.['outcome'], 'not_ours')
    }
  })

  test('of a kind that we do not know are answered, kept, and mean nothing', async () => {
    const id = `evt_${randomUUID()}`
    assert.equal((await shop.notify('customer.created', { id: 'cus_1' }, { id })).status, 200)
    const { body } = await shop.http('GET', '/provider-events?provider=stripe&outcome=ignored', { as: staff })
    const [event] = body.items.filter(({ event_id }: { event_id: string }) => event_id === id)
    assert.equal(event?.type, 'customer.created')
    const replay = await shop.http('POST', `/provider-events/${event.id}/replay`, { as: staff })
    assert.deepEqual([replay.status, replay.body.code], [409, 'nothing_to_replay'])
  })

  test('that are replayed do what they mean, and nothing twice', async () => {
    const { order, session } = await opened()
    const id = `evt_${order.order_id}`
    await shop.notify('checkout.session.completed', session, { id })
    const { db } = shop.service
    const [stored] = await storedOf(id)
    const path = `/provider-events/${stored?.['id']}/replay`
    assert.equal((await shop.http('POST', path, { as: staff })).status, 200)
    assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)

    const other = await opened()
    const lost = `evt_${other.order.order_id}`
    const nobodys = { ...session, client_reference_id: randomUUID(), metadata: {} }
    await shop.notify('checkout.session.completed', nobodys, { id: lost })
    await db`
      update provider_events set payload = jsonb_set(payload, '{data,object}', ${JSON.stringify(other.session)}::text::jsonb)
      where event_id = ${lost}`
    const [row] = await storedOf(lost)
    const answer = await shop.http('POST', `/provider-events/${row?.['id']}/replay`, { as: staff })
    assert.deepEqual([answer.status, answer.body.outcome], [200, 'applied'])
    assert.equal((await shop.paymentOf(other.order))?.['status'], 'succeeded')
  })

  test('that we fail to apply are not stored, so that the next delivery counts', async () => {
    const { order, session } = await opened()
    const { db } = shop.service
    const sent = notification('checkout.session.completed', session, { id: `evt_${order.order_id}` })
    await db`create function fail() returns trigger language plpgsql as $$ begin raise 'broken'; end $$`
    await db`create trigger fail before insert on outbox execute function fail()`
    const answer = await post(sent)
    await db`drop trigger fail on outbox`
    await db`drop function fail`
    assert.equal(answer.status, 500)
    assert.deepEqual([...(await storedOf(`evt_${order.order_id}`))], [])
    assert.equal((await shop.paymentOf(order))?.['status'], 'action_required')
    assert.equal((await post(sent)).status, 200)
    assert.equal((await shop.paymentOf(order))?.['status'], 'succeeded')
  })

  test('of another amount or currency pay nothing and go back', async () => {
    for (const wrong of [{ amount_total: 1_500 }, { currency: 'usd' }, { currency: 'jpy', amount_total: 1_500 }]) {
      const { order, session, intent } = await opened()
      await shop.notify('checkout.session.completed', { ...session, ...wrong })
      const received = { amount_received: wrong.amount_total ?? 150_000, currency: wrong.currency ?? 'pkr' }
      await shop.notify('payment_intent.succeeded', { ...intent, ...received })
      assert.equal((await shop.paymentOf(order))?.['status'], 'failed')
      assert.deepEqual(await shop.saidOf(order, PaymentSucceeded), [])
      const [refund, ...more] = await shop.refundsOf(order)
      assert.deepEqual(more, [])
      assert.deepEqual(
        [refund?.['amount'], refund?.['currency'], refund?.['reason']],
        [received.amount_received, received.currency.toUpperCase(), 'amount_differs'],
      )
    }
  })

  test('of a dispute flag the payment and are told once', async () => {
    const { order, session, intent } = await opened()
    await shop.notify('checkout.session.completed', session)
    const dispute = { id: 'dp_1', payment_intent: intent.id, amount: 150_000, currency: 'pkr', reason: 'fraudulent' }
    await shop.notify('charge.dispute.created', dispute)
    await shop.notify('charge.dispute.created', dispute)
    const row = await shop.paymentOf(order)
    assert.deepEqual([row?.['disputed'], row?.['status']], [true, 'succeeded'])
    const said = await shop.saidOf(order, PaymentDisputed)
    assert.deepEqual(
      said.map(({ disputed, reason }) => [disputed, reason]),
      [[order.total, 'fraudulent']],
    )
  })

  test('are kept without who paid', async () => {
    const { order, session } = await opened()
    await shop.notify('checkout.session.completed', session, { id: `evt_${order.order_id}` })
    const [stored] = await storedOf(`evt_${order.order_id}`)
    assert.equal(stored?.['outcome'], 'applied')
    assert.equal(stored?.['payload'].data.object.amount_total, 150_000)
    assert.doesNotMatch(JSON.stringify(stored), /ayesha/i)
  })
})
