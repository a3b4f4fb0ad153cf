import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { OrderPaymentDue } from '@mart/contracts/events/order-events'
import {
  PaymentActionRequired,
  PaymentCashAgreed,
  PaymentFailed,
  PaymentRefunded,
  PaymentRefundNeeded,
  PaymentSucceeded,
  PaymentVoided,
} from '@mart/contracts/events/payment-events'
import { eventually } from '@mart/service-kit/testing'
import { due, newOrder, startShop, type TestOrder } from './payment-fixture.ts'

describe('paying on Stripe’s page', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  before(async () => {
    shop = await startShop()
  })
  after(() => shop.stop())

  const sessionsOf = async (order: TestOrder) => {
    const all = await shop.stripe.checkout.sessions.list({ limit: 100 })
    return all.data.filter((session) => session.metadata?.['order_id'] === order.order_id)
  }

  test('the buyer gets one link, which leads to the page; what he pays there pays the order', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    const [action] = await shop.saidOf(order, PaymentActionRequired)
    const link = await fetch(String(action?.['url']).replace('http://127.0.0.1:8008', shop.service.url), {
      redirect: 'manual',
    })
    assert.equal(link.status, 303)
    assert.equal(link.headers.get('location'), `${shop.simulatorUrl}/checkout/pay/${sessionId}`)

    const session = await shop.stripe.checkout.sessions.retrieve(sessionId)
    assert.equal(session.amount_total, 150_000)
    assert.equal(session.customer_email, 'ayesha@example.com')
    assert.equal(session.client_reference_id, action?.['attempt_id'])

    await shop.pay(sessionId)
    await shop.becomes(order, 'succeeded')
    const said = await shop.saidOf(order, PaymentSucceeded)
    assert.equal(said.length, 1)
    assert.deepEqual(said[0]?.['amount'], order.total)
    const [attempt] = await shop.attemptsOf(order)
    assert.equal(attempt?.['basket'], null, 'the e-mail is forgotten')
  })

  test('the same event twice, and an older attempt number, open nothing more', async () => {
    const order = newOrder()
    await shop.open(order, 2)
    await shop.consume(OrderPaymentDue, due(order, 2), due(order, 1))
    assert.equal((await shop.attemptsOf(order)).length, 1)
    assert.equal((await sessionsOf(order)).length, 1)
    assert.equal((await shop.saidOf(order, PaymentActionRequired)).length, 1)
  })

  test('a card that is declined leaves the page open: the next card pays', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    assert.equal((await shop.pay(sessionId, { card_number: '4000000000009995' })).status, 402)
    await eventually(async () => (await shop.saidOf(order, PaymentFailed)).length === 1, 'the decline is told')
    assert.equal((await shop.saidOf(order, PaymentFailed))[0]?.['final'], false)
    await shop.pay(sessionId, { card_number: '4242424242424242' })
    await shop.becomes(order, 'succeeded')
    assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
  })

  test('a bank debit is on its way until the bank has paid', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    await shop.pay(sessionId, { bank_debit: 'waits' })
    await shop.becomes(order, 'processing')
    assert.deepEqual(await shop.saidOf(order, PaymentSucceeded), [])
    await shop.settleDebit(sessionId, 'succeeded')
    await shop.becomes(order, 'succeeded')
    assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
  })

  test('a bank debit that is returned ends the attempt', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    await shop.pay(sessionId, { bank_debit: 'waits' })
    await shop.becomes(order, 'processing')
    await shop.settleDebit(sessionId, 'failed')
    await shop.becomes(order, 'failed')
    const finals = (await shop.saidOf(order, PaymentFailed)).filter((said) => said['final'])
    assert.equal(finals.length, 1)
  })

  test('another attempt closes the older page first, and only one can be paid', async () => {
    const order = newOrder()
    const first = await shop.open(order, 1)
    const second = await shop.open(order, 2)
    assert.equal((await shop.stripe.checkout.sessions.retrieve(first)).status, 'expired')
    assert.equal((await shop.pay(first)).status, 400)
    await shop.pay(second)
    await shop.becomes(order, 'succeeded')
    assert.deepEqual(
      (await shop.attemptsOf(order)).map((attempt) => attempt['status']),
      ['voided', 'succeeded'],
    )
    assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
  })

  test('cash that is chosen later is agreed once the page is closed', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    await shop.consume(OrderPaymentDue, due({ ...order, payment_method: 'cash_on_delivery' }, 2))
    await shop.becomes(order, 'due_on_delivery')
    assert.equal((await shop.stripe.checkout.sessions.retrieve(sessionId)).status, 'expired')
    assert.equal((await shop.saidOf(order, PaymentCashAgreed)).length, 1)
  })

  for (const ifPaid of ['keep', 'refund'] as const) {
    test(`a cancel request (${ifPaid}) closes the page before it is answered`, async () => {
      const order = newOrder()
      const sessionId = await shop.open(order)
      await shop.cancel(order, ifPaid)
      await shop.becomes(order, 'voided')
      assert.equal((await shop.stripe.checkout.sessions.retrieve(sessionId)).status, 'expired')
      assert.deepEqual(await shop.saidOf(order, PaymentVoided), [{ order_id: order.order_id, refunding: false }])
      await shop.consume(OrderPaymentDue, due(order, 2))
      assert.equal((await shop.attemptsOf(order)).length, 1, 'nothing opens later')
    })
  }

  for (const [ifPaid, expected] of [
    ['keep', { status: 'succeeded', voided: 0, succeeded: 1, refunds: 0 }],
    ['refund', { status: 'refunded', voided: 1, succeeded: 0, refunds: 1 }],
  ] as const) {
    test(`a payment that was made before the cancel request (${ifPaid}) got to Stripe decides it`, async () => {
      const order = newOrder()
      const sessionId = await shop.open(order)
      await shop.control({ drop: true })
      await shop.pay(sessionId)
      await shop.cancel(order, ifPaid)
      await shop.becomes(order, expected.status)
      await shop.control({})
      const voided = await shop.saidOf(order, PaymentVoided)
      assert.equal(voided.length, expected.voided)
      assert.ok(voided.every(({ refunding }) => refunding === true))
      assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, expected.succeeded)
      assert.equal((await shop.refundsOf(order)).length, expected.refunds)
      assert.equal((await shop.saidOf(order, PaymentRefunded)).length, expected.refunds)
      assert.equal((await shop.tasksOf(order)).length, 0)
    })
  }

  test('a payment and a cancel request at the same moment end one way or the other, never both', async () => {
    const orders = Array.from({ length: 10 }, () => newOrder())
    const sessionIds = await shop.openAll(orders)
    for (const [index, order] of orders.entries()) {
      const pays = shop.pay(sessionIds[index] ?? '')
      await Promise.all([pays, shop.cancel(order, index % 2 === 0 ? 'keep' : 'refund')])
    }
    for (const order of orders) {
      await eventually(
        async () => ['succeeded', 'voided', 'refunded'].includes(String((await shop.paymentOf(order))?.['status'])),
        'it is decided',
      )
      const status = (await shop.paymentOf(order))?.['status']
      const [succeeded, voided] = await Promise.all([
        shop.saidOf(order, PaymentSucceeded),
        shop.saidOf(order, PaymentVoided),
      ])
      const { status: session } = (await sessionsOf(order))[0] ?? {}
      const refunds = await shop.refundsOf(order)
      if (session === 'expired')
        assert.deepEqual([status, succeeded.length, voided.length, refunds.length], ['voided', 0, 1, 0])
      else if (status === 'succeeded') assert.equal(succeeded.length + voided.length - refunds.length, 1)
      else assert.deepEqual([voided.length, refunds.length], [1, 1])
    }
  })

  test('money that comes after the order is over goes back once, or is a task, and revives nothing', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    await shop.cancel(order, 'keep')
    await shop.becomes(order, 'voided')
    // The page is closed now, so only a webhook that Stripe should never send can say so.
    const session = await shop.stripe.checkout.sessions.retrieve(sessionId)
    for (const id of ['evt_late_1', 'evt_late_2']) {
      const answer = await shop.notify(
        'checkout.session.completed',
        {
          ...session,
          payment_status: 'paid',
          payment_intent: 'pi_late',
        },
        { id },
      )
      assert.equal(answer.status, 200)
    }
    // Stripe knows of no such money: the refund is refused, and a person looks.
    await eventually(async () => (await shop.tasksOf(order)).length > 0, 'it is a task')
    assert.equal((await shop.refundsOf(order)).length, 1)
    assert.equal((await shop.tasksOf(order)).length, 1)
    assert.equal((await shop.saidOf(order, PaymentRefundNeeded)).length, 1)
    assert.deepEqual(await shop.saidOf(order, PaymentSucceeded), [])
  })

  test('a bank debit on its way keeps the order cancelling until its result', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    await shop.pay(sessionId, { bank_debit: 'waits' })
    await shop.becomes(order, 'processing')
    await shop.cancel(order, 'keep')
    await eventually(async () => {
      const [attempt] = await shop.attemptsOf(order)
      const [call] = await shop.callsOf(order)
      return attempt?.['status'] === 'voiding' && call?.['due_at'] > new Date(Date.now() + 120_000)
    }, 'Stripe was asked')
    assert.deepEqual(await shop.saidOf(order, PaymentVoided), [])
    await shop.settleDebit(sessionId, 'failed')
    await shop.becomes(order, 'voided')
    assert.deepEqual(await shop.saidOf(order, PaymentVoided), [{ order_id: order.order_id, refunding: false }])
  })
})
