import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockRefused, StockReserved } from '@mart/contracts/events/inventory-events'
import { PaymentCashAgreed } from '@mart/contracts/events/payment-events'
import { newId } from '@mart/service-kit/ids'
import { connectDatabase } from '@mart/service-kit/postgres'
import type { Answer } from '@mart/service-kit/testing'
import { createOrderWriter } from '../src/order-writer.ts'
import { type GuestShop, guest, guestBasket, startGuestShop } from './guest-fixture.ts'

describe('what guests may have open', () => {
  let shop: GuestShop
  before(async () => {
    shop = await startGuestShop({ MAX_OPEN_ORDERS: '4', COD_UNVERIFIED_LIMIT: 'PKR:100000' })
  })
  after(() => shop.stop())

  const count = (answers: readonly Answer[]) => ({
    taken: answers.filter(({ status }) => status === 201).length,
    refused: answers.filter(({ status }) => status === 429).length,
  })
  const times = <Result>(n: number, work: (n: number) => Promise<Result>) =>
    Promise.all(Array.from({ length: n }, (_, at) => work(at)))
  const cash = { payment_method: 'cash_on_delivery' }

  test('so many of one e-mail address, in whatever spelling, also at the same moment', async () => {
    const { email } = guest()
    const spellings = [email, email.toUpperCase(), email.replace('@', '+shop@')]
    const answers = await times(12, (n) => shop.order(guestBasket({ contact: guest({ email: spellings[n % 3] }) })))
    assert.deepEqual(count(answers), { taken: 4, refused: 8 })
    assert.equal(answers.find(({ status }) => status === 429)?.body.code, 'too_many_open_orders')
  })

  test('so many of one phone, however it is written', async () => {
    const writings = ['0300 9998887', '+92 300 999 8887', '(0300) 9998887']
    const answers = await times(12, (n) => shop.order(guestBasket({ contact: guest({ phone: writings[n % 3] }) })))
    assert.deepEqual(count(answers), { taken: 4, refused: 8 })
  })

  test('five times as many of one network, of IPv6 its /64', async () => {
    for (const from of [(_: number) => '192.0.2.7', (n: number) => `2001:db8:0:1::${n.toString(16)}`]) {
      const answers = await times(24, (n) => shop.order(guestBasket(), { 'x-forwarded-for': from(n) }))
      assert.deepEqual(count(answers), { taken: 20, refused: 4 })
    }
  })

  test('two replicas on one database take no more between them', async () => {
    const { id } = await shop.ordered()
    const [model] = await shop.service.db`select * from orders where id = ${id}`
    const pools = [0, 1, 2].map((n) =>
      connectDatabase(shop.service.config.DATABASE_URL, { max: 2, applicationName: `replica ${n}` }),
    )
    const replicas = pools.map((pool) => createOrderWriter(pool, { most: 4, unprovenCash: {} }))
    const wanted = (n: number) => ({
      order: { ...(model as never as object), id: newId(), number: newId(), open_slot: null } as never,
      isUnprovenCash: false,
      holders: [`mail ${n % 4}`, `phone ${n % 4}`].map((holder) => ({ holder, most: 4 })),
      idempotency: null,
      cartId: null,
    })
    const taken = await times(120, (n) => replicas[n % 3]!.place(wanted(n)))
    const rows = await shop.service.db`
      select from guest_slots where holder like 'mail %' or holder like 'phone %'`
    assert.deepEqual([taken.filter(Boolean).length, rows.length], [16, 32])
    await Promise.all(pools.map((pool) => pool.end()))
  })

  test('an order that is no longer open leaves its place to another', async () => {
    const contact = guest()
    const orders: Answer['body'][] = []
    for (let n = 0; n < 4; n += 1) orders.push(await shop.ordered({ contact }))
    assert.equal((await shop.order(guestBasket({ contact }))).status, 429)
    await shop.consume(StockRefused, { order_id: orders[1].id, missing: [] })
    assert.deepEqual(count(await times(3, () => shop.order(guestBasket({ contact })))), { taken: 1, refused: 2 })
    assert.equal((await shop.service.db`select from guest_slots where order_id = ${orders[1].id}`).length, 0)
  })

  test('one open cash order of an e-mail address and of a phone, up to a sum', async () => {
    const contact = guest()
    const large = { lines: [{ sku: 'TEA', quantity: 4 }], ...cash }
    const refused = await shop.order(guestBasket({ contact, ...large }))
    assert.deepEqual([refused.status, refused.body.errors[0].code], [422, 'email_not_proven'])
    const order = (who: object) => shop.order(guestBasket({ contact: who, ...cash }))
    assert.deepEqual(count(await times(5, () => order(contact))), { taken: 1, refused: 4 })
    assert.equal((await order(guest({ email: contact.email }))).body.code, 'email_not_proven')
    assert.equal((await order(guest({ phone: contact.phone }))).status, 429)
    assert.equal((await order(guest())).status, 201)
    assert.equal((await shop.order(guestBasket({ contact }))).status, 201, 'by card he may')
  })

  test('… and neither by choosing cash afterwards', async () => {
    const contact = guest()
    const awaiting = async () => {
      const order = await shop.ordered({ contact })
      await shop.consume(StockReserved, { order_id: order.id })
      return order
    }
    const orders = [await awaiting(), await awaiting(), await awaiting()]
    const choose = ({ id, guest_token }: Answer['body']) =>
      shop.ask(guest_token, 'POST', `/orders/${id}/payment`, { payment_method: 'cash_on_delivery' })
    const answers = await Promise.all(orders.map(choose))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 429, 429])
    const chosen = orders[answers.findIndex(({ status }) => status === 200)]
    assert.equal((await choose(chosen)).status, 200, 'the one that has it keeps it')
    await shop.consume(PaymentCashAgreed, {
      ...{ order_id: chosen.id, payment_id: newId() },
      ...{ method: 'cash_on_delivery', amount: chosen.total },
    })
    assert.equal((await choose(orders.find((one) => one !== chosen))).status, 429)
  })
})
