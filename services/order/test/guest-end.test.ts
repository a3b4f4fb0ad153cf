import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockRefused, StockReserved } from '@mart/contracts/events/inventory-events'
import { OrderClaimed, OrderGuestForgotten, OrderPaymentDue } from '@mart/contracts/events/order-events'
import { UserErased, UserProfileChanged } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { inTransaction } from '@mart/service-kit/postgres'
import { type Answer, eventually, type TestPerson } from '@mart/service-kit/testing'
import { claimOrders } from '../src/use-cases/claim-orders.ts'
import { forgetGuests } from '../src/use-cases/forget-guests.ts'
import { forgetPerson } from '../src/use-cases/forget-person.ts'
import { type GuestShop, guest, guestBasket, startGuestShop } from './guest-fixture.ts'
import { basket } from './order-fixture.ts'

let shop: GuestShop
before(async () => {
  shop = await startGuestShop({ MAX_OPEN_ORDERS: '4' })
})
after(() => shop.stop())

const rowOf = async (id: string) => (await shop.service.db`select * from orders where id = ${id}`)[0]!
const wordsOf = async (id: string) =>
  (await shop.service.db`select word from order_words where order_id = ${id}`).map(({ word }) => word)
const over = (...orders: { id: string }[]) =>
  shop.consume(StockRefused, ...orders.map(({ id }) => ({ order_id: id, missing: [] })))

describe('a guest becomes an account', () => {
  const claim = (as: TestPerson) => shop.http('POST', '/orders/claim', { as })

  test('what he has ordered with his proven address is his, once, and the link is no good any more', async () => {
    const contact = guest()
    const orders = [await shop.ordered({ contact }), await shop.ordered({ contact: { ...contact, name: 'Sana M' } })]
    const others = await shop.ordered()
    const as = { id: newId(), email: contact.email.toUpperCase() }
    const answers = await Promise.all([claim(as), claim(as)])
    assert.deepEqual(answers.map(({ body }) => body.claimed).toSorted(), [0, 2])
    assert.deepEqual((await claim(as)).body, { claimed: 0 })

    const listed = (await shop.http('GET', '/orders', { as })).body.items.map(({ id }: { id: string }) => id)
    assert.deepEqual(listed.toSorted(), orders.map(({ id }) => id).toSorted())
    for (const { id, guest_token: link } of orders) {
      const lines = [{ sku: 'TEA-1', quantity: 1, reason: 'other' }]
      for (const [method, path, body] of [
        ['GET', ''],
        ['GET', '/history'],
        ['POST', '/cancel', {}],
        ['POST', '/payment', { payment_method: 'stripe' }],
        ['POST', '/returns', { lines }],
        ['POST', `/returns/${newId()}/withdraw`],
      ] as const) {
        const { status, body: told } = await shop.ask(link, method, `/orders/${id}${path}`, body)
        assert.deepEqual([status, told.code], [404, 'order_in_account'], path)
      }
      const wrong = await shop.ask(`${link.slice(0, -1)}_`, 'GET', `/orders/${id}`)
      assert.deepEqual([wrong.status, wrong.body.code], [404, 'not_found'])
      const history = (await shop.http('GET', `/orders/${id}/history`, { as })).body.items
      assert.deepEqual(
        history.map(({ what, by }: Answer['body']) => [what, by.who]),
        [
          ['placed', 'you'],
          ['claimed', 'you'],
        ],
      )
    }
    assert.equal((await rowOf(others.id))['customer_id'], null)
    const told = (await shop.published(OrderClaimed)).filter(({ data }) => data.customer_id === as.id)
    assert.deepEqual(told.map(({ key }) => key).toSorted(), orders.map(({ id }) => id).toSorted())
    await shop.consume(StockReserved, { order_id: orders[0].id })
    const due = (await shop.published(OrderPaymentDue)).find(({ key }) => key === orders[0].id)
    assert.equal(due?.data.customer_id, as.id)
  })

  test('by itself, once he has proven his address; not before, nor when he was erased', async () => {
    const contact = guest()
    const { id } = await shop.ordered({ contact })
    const person = newId()
    const told = (user_id: string, email_verified: boolean) => ({
      ...{ user_id, email_verified, email: String(contact.email).toUpperCase(), name: 'Sana' },
      changed_at: new Date().toISOString(),
    })
    const erased = newId()
    await shop.consume(UserErased, { user_id: erased, erased_at: new Date().toISOString() })
    await shop.consume(UserProfileChanged, told(person, false), told(erased, true))
    assert.equal((await rowOf(id))['customer_id'], null)
    assert.equal((await shop.service.db`select from parked`).length, 0)
    for (const _ of [1, 2]) await shop.consume(UserProfileChanged, told(person, true))
    assert.equal((await rowOf(id))['customer_id'], person)
    assert.equal((await shop.published(OrderClaimed)).filter(({ key }) => key === id).length, 1)
  })

  test('not by an address that is not proven, nor by another', async () => {
    const contact = guest()
    const { id } = await shop.ordered({ contact })
    const unproven = await claim({ id: newId(), email: contact.email, emailVerified: false })
    assert.deepEqual([unproven.status, unproven.body.code], [403, 'email_not_proven'])
    for (const email of [`x${contact.email}`, '%', contact.phone as string])
      assert.equal((await claim({ id: newId(), email })).body.claimed, 0)
    assert.equal((await shop.http('POST', '/orders/claim')).status, 401)
    assert.equal((await rowOf(id))['customer_id'], null)
  })

  test('his open orders count as the account’s, and no longer as the guest’s', async () => {
    const contact = guest()
    const as = { id: newId(), email: contact.email }
    for (let n = 0; n < 4; n += 1) await shop.ordered({ contact })
    await claim(as)
    assert.equal((await shop.place(basket({ payment_method: 'stripe' }), as)).status, 429)
    assert.equal((await shop.order(guestBasket({ contact }))).status, 201)
  })

  test('who is erased at the same moment leaves nothing of himself', async () => {
    const contact = guest()
    const orders = [await shop.ordered({ contact }), await shop.ordered({ contact })]
    await over(...orders)
    const as = { id: newId(), email: contact.email }
    const { db } = shop.service
    let erasing: Promise<void> = Promise.resolve()
    await inTransaction(db, async (tx) => {
      assert.equal(await claimOrders(tx, as), 2)
      erasing = inTransaction(db, (other) => forgetPerson(other, as.id))
      const waiting = () => tx`select from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))`
      await eventually(async () => (await waiting()).length > 0, 'the erasure waits for the claim')
    })
    await erasing
    for (const { id } of orders) assert.equal((await rowOf(id))['contact'].email, '')
    const late = await claim({ ...as, issuedAt: Math.floor(Date.now() / 1000) + 30 })
    assert.deepEqual([late.status, late.body.code], [403, 'account_erased'])
  })

  test('what was claimed goes with the account', async () => {
    const contact = guest()
    const order = await shop.ordered({ contact })
    const as = { id: newId(), email: contact.email }
    const headers = { authorization: `Guest ${order.guest_token}`, 'idempotency-key': newId() }
    await shop.http('POST', `/orders/${order.id}/cancel`, { body: {}, headers })
    await claim(as)
    await shop.service.db`update orders set status = 'cancelled' where id = ${order.id}`
    const answers = () => shop.service.db`select from idempotency_keys where position(${order.id} in answer) > 0`
    assert.equal((await answers()).length, 2)
    await shop.consume(UserErased, { user_id: as.id, erased_at: new Date().toISOString() })
    assert.deepEqual([(await rowOf(order.id))['contact'].email, (await answers()).length], ['', 0])
  })
})

describe('a guest is forgotten', () => {
  const forget = ({ id, guest_token: link }: Answer['body']) => shop.ask(link, 'DELETE', `/orders/${id}/contact`)
  const work = (days = 180) => inTransaction(shop.service.db, (tx) => forgetGuests(tx, days))
  const isBlank = async (id: string) => {
    const { contact, shipping_address, note } = await rowOf(id)
    const isGone = contact.email === '' && contact.name === '' && shipping_address.line1 === '' && note === null
    return isGone && (await wordsOf(id)).join() === 'rice'
  }
  const told = async (id: string) => (await shop.published(OrderGuestForgotten)).filter(({ key }) => key === id).length

  test('when he asks, at once if his order is over: in the order, its words and the answers that were kept', async () => {
    const contact = guest()
    const order = await shop.ordered({ contact, note: 'ring twice' })
    const headers = { authorization: `Guest ${order.guest_token}`, 'idempotency-key': newId() }
    await shop.http('POST', `/orders/${order.id}/cancel`, { body: {}, headers })
    const kept = () => shop.service.db`select from idempotency_keys where position(${order.id} in answer) > 0`
    assert.equal((await kept()).length, 2)
    await shop.service.db`update orders set status = 'cancelled' where id = ${order.id}`
    assert.equal((await forget(order)).status, 204)
    assert.equal(await isBlank(order.id), true)
    assert.deepEqual([(await kept()).length, await told(order.id)], [0, 1])
    assert.equal((await shop.ask(order.guest_token, 'GET', `/orders/${order.id}`)).body.contact.email, '')
    assert.equal((await forget(order)).status, 204)
  })

  test('… else as soon as it is over, since the courier has to find the door', async () => {
    const [asked, other] = [await shop.ordered(), await shop.ordered()]
    assert.equal((await forget(asked)).status, 204)
    await work()
    assert.equal(await isBlank(asked.id), false)
    await over(asked, other)
    await work()
    assert.deepEqual([await isBlank(asked.id), await isBlank(other.id)], [true, false])
    assert.deepEqual([await told(asked.id), await told(other.id)], [1, 0])
  })

  test('so many days after his order was over, by itself, in batches, and told once', async () => {
    const contact = guest()
    const [old, late, open, mine] = [
      await shop.ordered({ contact }),
      await shop.ordered({ contact }),
      await shop.ordered({ contact }),
      await shop.placed(basket(), { id: newId() }),
    ]
    await over(old, late, mine)
    const age = (column: string, ...orders: { id: string }[]) =>
      shop.service.db`
        update orders set ${shop.service.db(column)} = now() - interval '181 days'
        where id = any(${orders.map(({ id }) => id)}::uuid[])`
    await age('placed_at', old, late, open, mine)
    await age('updated_at', old, open, mine)
    await shop.service.db`update order_words w set placed_at = o.placed_at from orders o where o.id = w.order_id`
    await Promise.all([work(), work(), work()])
    const blank = await Promise.all([old, late, open, mine].map(({ id }) => isBlank(id)))
    assert.deepEqual(blank, [true, false, false, false])
    await work()
    assert.equal(await told(old.id), 1)
  })

  test('several workers that look at the same moment tell it once', async () => {
    const order = await shop.ordered()
    await over(order)
    const { contact } = await rowOf(order.id)
    const rounds = 80
    for (let n = 0; n < rounds; n += 1) {
      await shop.service.db`
        update orders set contact = ${shop.service.db.json(contact)}, forget_asked_at = now() where id = ${order.id}`
      await Promise.all(Array.from({ length: 4 }, () => work()))
    }
    assert.equal(await told(order.id), rounds)
  })

  test('an account is not forgotten so, but erased as a whole', async () => {
    const as = { id: newId() }
    const { id } = await shop.placed(basket(), as)
    assert.equal((await shop.http('DELETE', `/orders/${id}/contact`, { as })).status, 404)
    assert.equal((await rowOf(id))['forget_asked_at'], null)
  })
})
