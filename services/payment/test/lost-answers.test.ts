import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { OrderPaymentDue } from '@mart/contracts/events/order-events'
import { PaymentActionRequired, PaymentSucceeded, PaymentVoided } from '@mart/contracts/events/payment-events'
import { eventually } from '@mart/service-kit/testing'
import { due, newOrder, startShop, type TestOrder } from './payment-fixture.ts'

describe('when an answer of Stripe is lost', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  before(async () => {
    shop = await startShop()
  })
  afterEach(() => shop.control({}))
  after(() => shop.stop())

  const sessionsOf = async (order: TestOrder) => {
    const all = await shop.stripe.checkout.sessions.list({ limit: 100 })
    return all.data.filter((session) => session.metadata?.['order_id'] === order.order_id)
  }
  const isCalling = (order: TestOrder) =>
    eventually(async () => (await shop.attemptsOf(order))[0]?.['status'] === 'calling', 'Stripe is called')
  const isOpen = (order: TestOrder) =>
    eventually(async () => (await shop.attemptsOf(order))[0]?.['status'] === 'open', 'the page is open')

  /** As after a crash between the call and its record: the lease is over, and nothing is known. */
  const forgetAnswer = (order: TestOrder, more = shop.service.db``) => shop.service.db`
    with forgotten as (
      update attempts a set status = 'calling', session_id = null, url = null ${more}
      from payments p where p.id = a.payment_id and p.order_id = ${order.order_id}
      returning a.id, a.payment_id)
    insert into provider_calls (payment_id, kind, attempt_id, due_at) select payment_id, 'open', id, now() from forgotten`

  test('because we crashed, the call is repeated with the same key and finds the same page', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    await forgetAnswer(order)
    await isOpen(order)
    assert.equal((await shop.attemptsOf(order))[0]?.['session_id'], sessionId)
    assert.equal((await sessionsOf(order)).length, 1)
    await shop.pay(sessionId)
    await shop.becomes(order, 'succeeded')
    assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
  })

  test('and we would ask for something else now, what the first call made is looked up', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    await forgetAnswer(order, shop.service.db`, basket = basket || '{"email": null}'`)
    await isOpen(order)
    assert.equal((await shop.attemptsOf(order))[0]?.['session_id'], sessionId)
    assert.equal((await sessionsOf(order)).length, 1)
  })

  test('because Stripe did it and answered 500, which it repeats for the key, the page is looked up', async () => {
    const order = newOrder()
    await shop.control({ fail_after_doing: 1 })
    await shop.open(order)
    assert.equal((await sessionsOf(order)).length, 1)
    assert.equal((await shop.saidOf(order, PaymentActionRequired)).length, 1)
  })

  test('and the order is cancelled meanwhile, the call is repeated and what it made is ended', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    await shop.control({ down: true })
    await forgetAnswer(order)
    await shop.cancel(order, 'refund')
    assert.equal((await shop.attemptsOf(order))[0]?.['status'], 'voiding')
    assert.deepEqual(await shop.saidOf(order, PaymentVoided), [])
    await shop.control({})
    await shop.becomes(order, 'voided')
    assert.equal((await shop.stripe.checkout.sessions.retrieve(sessionId)).status, 'expired')
    assert.equal((await sessionsOf(order)).length, 1)
    assert.equal((await shop.saidOf(order, PaymentVoided)).length, 1)
  })

  test('for a while, a cancel request waits for the call under way and ends its page before anybody sees it', async () => {
    const order = newOrder()
    await shop.control({ answer_delay_ms: 700 })
    await shop.consume(OrderPaymentDue, due(order))
    await isCalling(order)
    await shop.cancel(order, 'refund')
    await shop.becomes(order, 'voided')
    assert.deepEqual(await shop.saidOf(order, PaymentActionRequired), [])
    assert.deepEqual(
      (await sessionsOf(order)).map(({ status }) => status),
      ['expired'],
    )
  })

  test('because Stripe is down, it is asked again until it is up', async () => {
    const order = newOrder()
    await shop.control({ down: true })
    await shop.consume(OrderPaymentDue, due(order))
    await eventually(async () => (await shop.callsOf(order))[0]?.['tries'] > 0, 'it failed once')
    assert.match((await shop.attemptsOf(order))[0]?.['error'], /Stripe is down/)
    await shop.control({})
    await isOpen(order)
    assert.equal((await sessionsOf(order)).length, 1)
  })

  test('to the end of a page, it is asked again, and the answer is given then', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    await shop.control({ fail_after_doing: 1 })
    await shop.cancel(order, 'keep')
    await shop.becomes(order, 'voided')
    assert.equal((await shop.stripe.checkout.sessions.retrieve(sessionId)).status, 'expired')
    assert.equal((await shop.saidOf(order, PaymentVoided)).length, 1)
  })

  test('nothing starts after it is due', async () => {
    const order = newOrder()
    await shop.consume(OrderPaymentDue, due(order, 1, { due_at: new Date(Date.now() - 1_000).toISOString() }))
    await eventually(async () => (await shop.attemptsOf(order))[0]?.['status'] === 'expired', 'it has expired')
    assert.deepEqual(await sessionsOf(order), [])
    await shop.cancel(order, 'keep')
    assert.equal((await shop.saidOf(order, PaymentVoided)).length, 1)
  })
})
