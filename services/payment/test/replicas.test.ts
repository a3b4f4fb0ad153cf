import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { OrderPaymentDue } from '@mart/contracts/events/order-events'
import { PaymentActionRequired, PaymentSucceeded } from '@mart/contracts/events/payment-events'
import { eventually, type Replica } from '@mart/service-kit/testing'
import { due, newOrder, notification, startShop } from './payment-fixture.ts'

describe('two replicas of the payment service', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  let other: Replica
  before(async () => {
    shop = await startShop()
    other = await shop.startReplica()
    await shop.control({ drop: true })
  })
  after(() => shop.stop())

  const callsMade = async ({ http }: Pick<Replica, 'http'>) => {
    const { body } = await http('GET', '/metrics')
    const lines = [...(body as string).matchAll(/^provider_calls_total\{[^}]*kind="open"[^}]*\} (\d+)$/gm)]
    return lines.reduce((sum, [, count]) => sum + Number(count), 0)
  }

  test('open one page for each order between them', async () => {
    const orders = Array.from({ length: 200 }, () => newOrder())
    // Slow enough that the one is not done before the other has looked.
    await shop.control({ drop: true, answer_delay_ms: 400 })
    await shop.consume(OrderPaymentDue, ...orders.map((order) => due(order)))
    const opened = () => shop.service.db`select from attempts where status = 'open'`
    await eventually(async () => (await opened()).length === 200, 'all pages are open', 60_000)
    await shop.control({ drop: true })
    const counts = [await callsMade(shop), await callsMade(other)]
    assert.ok(
      counts.every((count) => count > 0),
      `both took part: ${counts}`,
    )
    assert.equal(counts[0]! + counts[1]!, 200)
    const said = await shop.published(PaymentActionRequired)
    assert.equal(said.length, 200)
    assert.equal(new Set(said.map(({ key }) => key)).size, 200)
  })

  test('count a notification once that comes to both at the same moment', async () => {
    const orders = Array.from({ length: 10 }, () => newOrder())
    const sessions = await shop.openAll(orders)
    const [mart] = await shop.service.db`select id from mart`
    for (const [n, order] of orders.entries()) {
      const [attempt] = await shop.attemptsOf(order)
      const metadata = { order_id: order.order_id, attempt_id: attempt?.['id'], mart_id: mart?.['id'] }
      const { amount, currency } = order.total
      const paid = { status: 'complete', payment_status: 'paid', payment_intent: `pi_${order.order_id}`, metadata }
      const sum = { amount_total: amount, currency: currency.toLowerCase(), client_reference_id: attempt?.['id'] }
      const sent = notification('checkout.session.completed', { id: sessions[n], ...paid, ...sum })
      const answers = await Promise.all([shop, other].map(({ http }) => http('POST', '/webhooks/stripe', sent)))
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200],
      )
      await shop.becomes(order, 'succeeded')
      assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
      assert.deepEqual(Object.values(await shop.ledgerOf(order)).toSorted(), [-amount, amount].toSorted())
    }
  })
})
