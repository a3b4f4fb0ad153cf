import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { OrderConfirmed, OrderDelivered } from '@mart/contracts/events/order-events'
import { eventually } from '@mart/service-kit/testing'
import { failNextWrite, readMetric } from '@mart/service-kit/testing-metrics'
import { refusalReasonOf } from '../src/refusal-reason.ts'
import { confirmed, delivered, newOrder, notification, startShop } from './payment-fixture.ts'

test('what providers say in their codes has one word for each cause, and a word for all that is not known', () => {
  const words = ['insufficient_funds', '97', 'incorrect_cvc', '807', 'stolen_card', 'tomorrow', '', undefined]
  assert.deepEqual(words.map(refusalReasonOf), [
    'insufficient_funds',
    'insufficient_funds',
    'wrong_details',
    'authentication_failed',
    'suspected_fraud',
    'other',
    'other',
    'other',
  ])
})

describe('what the payment service tells of its money', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  before(async () => {
    shop = await startShop()
    await shop.control({ drop: true })
  })
  after(() => shop.stop())

  const told = (name: string, labels = {}) => readMetric(shop, name, labels)

  test('a decline and the money after it are counted once, however often told, and though the first try was rolled back', async () => {
    const order = newOrder()
    const sessionId = await shop.open(order)
    assert.equal(await told('provider_calls_total', { method: 'stripe', kind: 'open', outcome: 'opened' }), 1)
    const [attempt] = await shop.attemptsOf(order)
    const [mart] = await shop.service.db`select id from mart`
    const metadata = { order_id: order.order_id, attempt_id: attempt?.['id'], mart_id: mart?.['id'] }
    const intent = { id: `pi_${randomUUID()}`, metadata, currency: 'pkr' }
    const declined = notification('payment_intent.payment_failed', {
      ...intent,
      status: 'requires_payment_method',
      last_payment_error: {
        message: 'Your card has no money.',
        code: 'card_declined',
        decline_code: 'insufficient_funds',
      },
    })
    await shop.pay(sessionId)
    const paid = notification(
      'checkout.session.completed',
      await shop.stripe.checkout.sessions.retrieve(sessionId, { expand: [] }),
    )
    const failure = await failNextWrite(shop.service.db, 'attempts')
    const send = (sent: typeof paid) => shop.http('POST', '/webhooks/stripe', sent)
    for (const sent of [declined, declined, paid, paid]) {
      // Stripe sends again what was not answered by 200.
      await eventually(async () => (await send(sent)).status === 200, 'it is taken')
    }
    assert.ok(await failure.hasFailed())
    assert.equal(await told('payments_refused_total', { method: 'stripe', reason: 'insufficient_funds' }), 1)
    assert.equal(await told('payments_refused_total'), 1)
    assert.equal(await told('revenue_minor_units_total', { currency: 'PKR', method: 'stripe' }), order.total.amount)
    assert.deepEqual(await told('refunded_minor_units_total'), Number.NaN)

    await shop.cancel(order, 'refund')
    await shop.becomes(order, 'refunded')
    assert.equal(await told('refunded_minor_units_total', { currency: 'PKR', method: 'stripe' }), order.total.amount)
    assert.equal(await told('revenue_minor_units_total'), order.total.amount)
  })

  test('cash is revenue once the courier has it', async () => {
    const order = { ...newOrder(), payment_method: 'cash_on_delivery' as const }
    await shop.consume(OrderConfirmed, confirmed(order))
    assert.deepEqual(await told('revenue_minor_units_total', { method: 'cash_on_delivery' }), Number.NaN)
    await shop.consume(OrderDelivered, delivered(order, order.total.amount))
    assert.equal(await told('revenue_minor_units_total', { method: 'cash_on_delivery' }), order.total.amount)
  })

  test('a webhook that nobody has signed is counted by the provider that it names', async () => {
    const { body } = notification('checkout.session.completed', {})
    await shop.http('POST', '/webhooks/stripe', { body, headers: { 'stripe-signature': 't=1,v1=0' } })
    assert.equal(await told('webhooks_refused_total', { provider: 'stripe' }), 1)
    assert.equal(await told('webhooks_refused_total', { provider: 'payfast' }), 0)
  })

  test('what waits for a person is told with its age', async () => {
    const { db } = shop.service
    assert.deepEqual([await told('refund_tasks_open'), await told('refund_tasks_oldest_seconds')], [0, 0])
    const [payment] = await db`select id, order_id from payments limit 1`
    for (const [age, isDone] of [
      ['2 days', false],
      ['1 hour', false],
      ['9 days', true],
    ] as const)
      await db`
        insert into refund_tasks (id, payment_id, order_id, method, amount, currency, reason, created_at, done_at)
        values (uuidv7(), ${payment!['id']}, ${payment!['order_id']}, 'stripe', 100, 'PKR', 'order_cancelled',
          now() - ${age}::interval, ${isDone ? db`now()` : null})`
    assert.equal(await told('refund_tasks_open'), 2)
    const oldest = await told('refund_tasks_oldest_seconds')
    assert.ok(oldest >= 2 * 86_400 && oldest < 2 * 86_400 + 600, `${oldest}`)
  })

  test('what the last reconciliation that has ended left to people is told, and how long ago that was', async () => {
    const { db } = shop.service
    await db`delete from reconciliations`
    const run = async (age: string, hasEnded: boolean, kinds: readonly string[]) => {
      const [row] = await db`
        insert into reconciliations (id, asked_at, finished_at, lease_until)
        values (uuidv7(), now() - ${age}::interval, ${hasEnded ? db`now() - ${age}::interval` : null},
          now() + interval '1 hour') returning id`
      for (const [n, kind] of kinds.entries())
        await db`
          insert into reconciliation_findings (reconciliation_id, kind, detail, subject, method)
          values (${row!['id']}, ${kind}, '', ${`${n}`}, 'stripe')`
    }
    await run('3 hours', true, ['unconfirmed'])
    await run('2 hours', true, ['mended', 'undecided', 'differs', 'differs'])
    await run('1 minute', false, ['missing_here'])
    const found = (kind: string) => told('reconciliation_findings_open', { kind })
    assert.deepEqual([await found('differs'), await found('unconfirmed'), await found('missing_here')], [2, 0, 0])
    assert.deepEqual([await found('mended'), await found('undecided')], [Number.NaN, Number.NaN])
    const age = await told('reconciliation_age_seconds')
    assert.ok(age >= 7_200 && age < 7_800, `${age}`)
  })
})
