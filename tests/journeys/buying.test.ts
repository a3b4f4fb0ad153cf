import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { call, newShopper, payByCard, type Shopper } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import { type MartUnderTest, startMartUnderTest } from './mart-under-test.ts'

const good = { number: '4242424242424242' }
const declined = { number: '4000000000000002' }

describe('buying', () => {
  let under: MartUnderTest
  let tea: string
  before(async () => {
    under = await startMartUnderTest()
    tea = await under.stock(500)
  })
  after(() => under.stop())

  const mailsTo = async (email: string): Promise<string[]> => {
    const { body } = await call(
      `${under.mart.addresses.mail}/api/v1/search?query=to:${encodeURIComponent(email)}`,
      'GET',
    )
    return body.messages.map((mail: { Subject: string }) => mail.Subject)
  }
  const control = (settings: Record<string, unknown>) =>
    call(`${under.mart.addresses.simulators}/control`, 'PUT', { body: settings })
  const cardOrder = async (buyer: Shopper) => {
    const { body, status } = await buyer.order({ lines: [{ sku: tea, quantity: 1 }], payment_method: 'stripe' })
    assert.equal(status, 201, JSON.stringify(body))
    return body.id as string
  }
  const paymentLink = async (buyer: Shopper, id: string): Promise<string> => {
    let link: string | undefined
    await eventually(async () => {
      link = (await buyer.api('order', 'GET', `/orders/${id}`)).body.payment.action?.url
      return link !== undefined
    }, 'the order shows a link to pay')
    return link!
  }

  test('with cash on delivery: confirmed, announced by mail, shipped, delivered', async () => {
    const buyer = await newShopper(under.mart.addresses)
    const before = await under.available(tea)
    const { status, body } = await buyer.order({
      lines: [{ sku: tea, quantity: 2 }],
      payment_method: 'cash_on_delivery',
    })
    assert.equal(status, 201)
    await buyer.waitFor(body.id, ['confirmed'])
    assert.equal((await under.available(tea)).reserved, before.reserved + 2)
    await eventually(
      async () => (await mailsTo(buyer.email)).length >= 3,
      'the link to prove the address, received and confirmed are mailed',
    )

    const parcel = { carrier: 'TCS', tracking_number: 'PK-1' }
    assert.equal((await under.admin.api('order', 'POST', `/orders/${body.id}/shipments`, { body: parcel })).status, 200)
    await eventually(
      async () => (await under.available(tea)).on_hand === before.on_hand - 2,
      'the goods have left the shelf',
    )
    assert.equal((await under.admin.api('order', 'POST', `/orders/${body.id}/deliveries`, { body: {} })).status, 200)
    await eventually(async () => {
      const { body: payments } = await buyer.api('payment', 'GET', `/payments?order_id=${body.id}`)
      return payments.items[0]?.status === 'succeeded'
    }, 'the cash is in the books')
    await under.booksHold()
  })

  test('by card: paid on the provider’s page, confirmed by its webhook, however often that comes', async () => {
    const buyer = await newShopper(under.mart.addresses)
    await control({ duplicate: 2 })
    const id = await cardOrder(buyer)
    const paid = await payByCard(await paymentLink(buyer, id), good)
    assert.equal(paid.status, 303)
    const order = await buyer.waitFor(id, ['confirmed'])
    assert.equal(order.payment.status, 'succeeded')
    const back = await call(paid.location!, 'GET')
    assert.equal(back.status, 200)
    await control({})
    const { body: history } = await buyer.api('order', 'GET', `/orders/${id}/history`)
    const successes = history.items.filter((line: { what: string }) => line.what === 'payment_succeeded')
    assert.equal(successes.length, 1)
    await under.booksHold()
  })

  test('a declined card is no end: the same link takes another card', async () => {
    const buyer = await newShopper(under.mart.addresses)
    const id = await cardOrder(buyer)
    const link = await paymentLink(buyer, id)
    assert.equal((await payByCard(link, declined)).status, 402)
    await eventually(
      async () => (await buyer.api('order', 'GET', `/orders/${id}`)).body.payment.status === 'failed',
      'the failure is shown',
    )
    assert.equal((await payByCard(link, good)).status, 303)
    await buyer.waitFor(id, ['confirmed'])
    await under.booksHold()
  })

  test('cancelled while unpaid: the session is void, and the goods are free only after that', async () => {
    const buyer = await newShopper(under.mart.addresses)
    const before = await under.available(tea)
    const id = await cardOrder(buyer)
    const link = await paymentLink(buyer, id)
    assert.equal((await buyer.api('order', 'POST', `/orders/${id}/cancel`, { body: {} })).status, 200)
    await buyer.waitFor(id, ['cancelled'])
    await eventually(async () => (await under.available(tea)).reserved === before.reserved, 'the goods are free again')
    const late = await call(link, 'GET')
    assert.notEqual(late.status, 303, 'the link leads to no provider any more')
    await under.booksHold()
  })

  test('cancelling at the moment the payment succeeds ends cancelled, the money that came goes back, ten times', async () => {
    const ends = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const buyer = await newShopper(under.mart.addresses)
        const id = await cardOrder(buyer)
        const link = await paymentLink(buyer, id)
        const cancel = () => buyer.api('order', 'POST', `/orders/${id}/cancel`, { body: {} })
        const pay = () => payByCard(link, good).catch(() => null)
        const [one, other] = n % 2 === 0 ? [pay(), cancel()] : [cancel(), pay()]
        const [answer] = (await Promise.all([one, other])).filter((part) => part !== null && 'location' in part)
        const order = await buyer.waitFor(id, ['cancelled', 'confirmed'])
        return { order, wasPaid: answer?.status === 303 }
      }),
    )
    assert.ok(
      ends.every(({ order }) => order.status === 'cancelled'),
      'a person asked, so each ends cancelled',
    )
    await under.booksHold()
    for (const { order, wasPaid } of ends) {
      const { body } = await under.admin.api('payment', 'GET', `/payments?order_id=${order.id}`)
      const { status, refunds } = body.items[0]
      assert.equal(status, wasPaid ? 'refunded' : 'voided', `order ${order.number}: all back exactly when money came`)
      assert.equal(refunds.length, wasPaid ? 1 : 0)
    }
  })

  test('another way to pay: from card to cash, and the card is void', async () => {
    const buyer = await newShopper(under.mart.addresses)
    const id = await cardOrder(buyer)
    const link = await paymentLink(buyer, id)
    const chosen = await buyer.api('order', 'POST', `/orders/${id}/payment`, {
      body: { payment_method: 'cash_on_delivery' },
    })
    assert.equal(chosen.status, 200)
    const order = await buyer.waitFor(id, ['confirmed'])
    assert.equal(order.payment.status, 'due_on_delivery')
    assert.notEqual((await call(link, 'GET')).status, 303)
    await under.booksHold()
  })

  test('erased: the account is gone at once, the books stay', async () => {
    const buyer = await newShopper(under.mart.addresses, 'Bilal Vanishing')
    const { body } = await buyer.order({ lines: [{ sku: tea, quantity: 1 }], payment_method: 'cash_on_delivery' })
    await buyer.waitFor(body.id, ['confirmed'])
    await buyer.api('order', 'POST', `/orders/${body.id}/cancel`, { body: {} })
    await buyer.waitFor(body.id, ['cancelled'])
    assert.equal((await buyer.api('user', 'DELETE', '/users/me')).status, 204)
    assert.ok([401, 404].includes((await buyer.api('user', 'GET', '/users/me')).status))
    await eventually(async () => {
      const order = await under.admin.api('order', 'GET', `/orders/${body.id}`)
      const messages = await under.admin.api('notification', 'GET', `/messages?order_id=${body.id}`)
      return !JSON.stringify([order.body, messages.body]).includes('Bilal') && order.body.shipping_address.line1 === ''
    }, 'nobody knows the person any more')
    await under.booksHold()
  })
})
