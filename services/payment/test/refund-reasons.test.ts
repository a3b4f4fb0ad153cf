import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { OrderConfirmed, OrderDelivered } from '@mart/contracts/events/order-events'
import { PaymentRefundNeeded } from '@mart/contracts/events/payment-events'
import { eventually } from '@mart/service-kit/testing'
import { confirmed, delivered, newOrder, staff, startShop, type TestOrder } from './payment-fixture.ts'

const NOTE = 'a liar, third time this month'

describe('why money goes back', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  before(async () => {
    shop = await startShop()
  })
  after(() => shop.stop())

  const buyerOf = (order: TestOrder) => ({ id: order.customer_id!, role: 'customer' as const })
  const seenBy = async (as: typeof staff, order: TestOrder) =>
    (await shop.http('GET', `/payments?order_id=${order.order_id}`, { as })).body.items[0]
  const everythingSaid = async () =>
    JSON.stringify([...(await shop.service.db`select * from outbox`), ...(await shop.published(PaymentRefundNeeded))])

  async function paid(): Promise<{ order: TestOrder; paymentId: string }> {
    const order = newOrder()
    await shop.pay(await shop.open(order))
    await shop.becomes(order, 'succeeded')
    return { order, paymentId: (await shop.paymentOf(order))?.['id'] }
  }

  test('is read by staff in their own words, by the customer in those meant for him', async () => {
    const { order, paymentId } = await paid()
    const body = { reason: NOTE, public_reason: 'It arrived broken.', amount: { amount: 50_000, currency: 'PKR' } }
    assert.equal((await shop.http('POST', `/payments/${paymentId}/refunds`, { as: staff, body })).status, 201)
    await shop.becomes(order, 'partially_refunded')
    const [ofStaff] = (await seenBy(staff, order)).refunds
    assert.deepEqual([ofStaff.reason, ofStaff.public_reason, ofStaff.asked_by], [NOTE, 'It arrived broken.', staff.id])
    const seen = await seenBy(buyerOf(order), order)
    const [ofBuyer] = seen.refunds
    assert.deepEqual([ofBuyer.reason, ofBuyer.public_reason], ['It arrived broken.', 'It arrived broken.'])
    assert.deepEqual([ofBuyer.asked_by, ofBuyer.error], [null, null])
    assert.doesNotMatch(JSON.stringify(seen), new RegExp(`${NOTE}|${staff.id}`))
  })

  test('is a word of ours to the customer where staff wrote nothing for him', async () => {
    const { order, paymentId } = await paid()
    await shop.http('POST', `/payments/${paymentId}/refunds`, { as: staff, body: { reason: NOTE } })
    await shop.becomes(order, 'refunded')
    assert.equal((await seenBy(buyerOf(order), order)).refunds[0].reason, 'refunded_by_shop')
  })

  test('is told to nobody by an event, also where a person must send it back', async () => {
    const order = { ...newOrder(), payment_method: 'cash_on_delivery' as const }
    await shop.consume(OrderConfirmed, confirmed(order))
    await shop.consume(OrderDelivered, delivered(order, null))
    await shop.becomes(order, 'succeeded')
    const paymentId = (await shop.paymentOf(order))?.['id']
    await shop.http('POST', `/payments/${paymentId}/refunds`, { as: staff, body: { reason: NOTE } })
    const needed = await shop.saidOf(order, PaymentRefundNeeded)
    assert.deepEqual(
      needed.map(({ reason }) => reason),
      ['refunded_by_shop'],
    )
    const { body } = await shop.http('GET', `/refund-tasks?order_id=${order.order_id}`, { as: staff })
    assert.deepEqual([body.items[0].reason, body.items[0].asked_by], [NOTE, staff.id])
    const done = { as: staff, body: { note: NOTE } }
    assert.equal((await shop.http('POST', `/refund-tasks/${body.items[0].id}/done`, done)).body.done_by, staff.id)
    assert.doesNotMatch(JSON.stringify(await seenBy(buyerOf(order), order)), /liar/)
    assert.doesNotMatch(await everythingSaid(), /liar/)
  })

  test('a code of ours is read by everybody', async () => {
    const { order } = await paid()
    await shop.cancel(order, 'refund')
    await shop.becomes(order, 'refunded')
    assert.equal((await seenBy(buyerOf(order), order)).refunds[0].reason, 'order_cancelled')
  })

  test('a replayed event says who of staff had it done', async () => {
    const { order } = await paid()
    let event: { id: string; replayed_by: string | null } | undefined
    await eventually(async () => {
      const { body } = await shop.http('GET', '/provider-events?outcome=applied', { as: staff })
      event = body.items[0]
      return event !== undefined
    }, 'an event is there')
    assert.equal(event!.replayed_by, null)
    const { body } = await shop.http('POST', `/provider-events/${event!.id}/replay`, { as: staff })
    assert.equal(body.replayed_by, staff.id)
    assert.ok(body.replayed_at)
    assert.ok(order)
  })

  test('what went wrong between us and a provider is told to staff alone', async () => {
    const order = newOrder()
    await shop.open(order)
    const { db } = shop.service
    await db`
      update attempts set status = 'calling', error = 'Stripe: Invalid API Key provided: sk_test_secret'
      where payment_id = (select id from payments where order_id = ${order.order_id})`
    assert.match((await seenBy(staff, order)).attempts[0].error, /Invalid API Key/)
    assert.equal((await seenBy(buyerOf(order), order)).attempts[0].error, null)
  })
})
