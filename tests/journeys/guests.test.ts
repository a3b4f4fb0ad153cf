import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { OrderShape } from '@mart/contracts/http/order-shapes'
import { call, provenShopper, someAddress } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import { type MartUnderTest, startMartUnderTest } from './mart-under-test.ts'
import { type Paying, pay, payingAt, providers } from './paying.ts'

const PRICE = 89_900

interface Guest {
  readonly id: string
  readonly ask: (method: string, path?: string, body?: unknown) => Promise<{ status: number; body: OrderShape }>
  readonly becomes: (status: string) => Promise<OrderShape>
}

describe('guests', () => {
  let under: MartUnderTest
  let at: Paying
  before(async () => {
    under = await startMartUnderTest({ env: { SHIPPING_RATES: 'PKR:0' } })
    at = payingAt(under, await under.stock(500, PRICE))
  })
  after(async () => {
    await at.close()
    await under.stop()
  })

  const buy = async (sku: string, payment_method: string, email = `${randomUUID()}@example.com`): Promise<Guest> => {
    const url = `${under.mart.addresses.order}/orders`
    const contact = { name: 'Sana', email, phone: '0300 1234567', language: 'en' }
    const { status, body } = await call(url, 'POST', {
      body: { lines: [{ sku, quantity: 1 }], currency: 'PKR', payment_method, shipping_address: someAddress, contact },
      headers: { 'idempotency-key': randomUUID() },
    })
    assert.equal(status, 201, JSON.stringify(body))
    const ask: Guest['ask'] = (method, path = '', sent) =>
      call(`${url}/${body.id}${path}`, method, { body: sent, headers: { authorization: `Guest ${body.guest_token}` } })
    return {
      id: body.id,
      ask,
      async becomes(wanted) {
        await eventually(async () => (await ask('GET')).body.status === wanted, `the guest's order is ${wanted}`)
        return (await ask('GET')).body
      },
    }
  }
  const linkOf = async (guest: Guest) => {
    const url = async () => (await guest.ask('GET')).body.payment.action?.url
    await eventually(async () => (await url()) !== undefined, 'there is a link to pay')
    return (await url())!
  }

  for (const method of providers) {
    test(`${method}: a guest pays by the link of his order, is mailed, and may cancel: his money goes back`, async () => {
      const sku = await under.stock(3, PRICE)
      const guest = await buy(sku, method)
      await pay(method, await linkOf(guest))
      assert.equal((await guest.becomes('confirmed')).payment.status, 'succeeded')
      assert.deepEqual(await at.charged(guest.id), [{ method, paid: PRICE, refunded: 0 }])
      await eventually(async () => (await at.messages(guest.id, 'order_confirmed')) === 1, 'he is mailed')
      assert.equal((await guest.ask('POST', '/cancel', {})).status, 200)
      await guest.becomes('cancelled')
      await eventually(async () => (await at.charged(guest.id))[0]?.refunded === PRICE, 'the money is back')
      await eventually(async () => (await under.available(sku)).available === 3, 'the goods are free again')
      await under.booksHold()
    })
  }

  test('thirty guests want the last five at once: five get them', async () => {
    const sku = await under.stock(5, PRICE)
    const guests = await Promise.all(Array.from({ length: 30 }, () => buy(sku, 'cash_on_delivery')))
    const isAnswered = async ({ ask }: Guest) => (await ask('GET')).body.status !== 'placed'
    await eventually(async () => (await Promise.all(guests.map(isAnswered))).every(Boolean), 'all are answered')
    const statuses = await Promise.all(guests.map(async ({ ask }) => (await ask('GET')).body.status))
    assert.equal(statuses.filter((status) => status === 'confirmed').length, 5)
    assert.equal(statuses.filter((status) => status === 'cancelled').length, 25)
    assert.equal((await under.available(sku)).available, 0)
    await under.booksHold()
  })

  test('who signs up with the address of his orders has them, and their payments and messages', async () => {
    const sku = await under.stock(2, PRICE)
    const buyer = await provenShopper(under.mart.addresses, 'Sana')
    // That he has proven it is heard: what he orders from here on does not become his by itself.
    await under.booksHold()
    const guest = await buy(sku, 'stripe', buyer.email)
    await pay('stripe', await linkOf(guest))
    await guest.becomes('confirmed')
    assert.deepEqual((await buyer.api('order', 'POST', '/orders/claim')).body, { claimed: 1 })
    assert.equal((await guest.ask('GET')).status, 404)
    const ids = async (service: 'order' | 'payment' | 'notification', path: string, field: string) =>
      (await buyer.api(service, 'GET', path)).body.items.map((one: Record<string, string>) => one[field])
    assert.deepEqual(await ids('order', '/orders', 'id'), [guest.id])
    await eventually(
      async () => (await ids('payment', '/payments', 'order_id')).includes(guest.id),
      'payment has heard',
    )
    const messages = () => ids('notification', '/notifications', 'order_id')
    await eventually(async () => (await messages()).includes(guest.id), 'notification has heard')
    await under.booksHold()
  })
})
