import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { ReturnShape } from '@mart/contracts/http/return-shapes'
import type { ServiceName } from '@mart/contracts/services'
import { call, newShopper, someAddress } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import { type AuditedDatabase, openAuditedDatabases } from '@mart/tools/books/audited-databases'
import { checkBooks } from '@mart/tools/books/check-books'
import { type MartUnderTest, startMartUnderTest } from './mart-under-test.ts'
import { type Paying, pay, payingAt, providers } from './paying.ts'

const PRICE = 89_900
const SHIPPING = 25_000

const noMoreThanDelivered = 'never more has come back than was delivered'
const inStock = 'stock has of each return what can be sold, and no more'
const refundedRight =
  'what came back is refunded, once, by what was paid for it; the delivery charge with the last piece'
const itsMessages = 'every return has its messages'

interface Wrong {
  readonly where: ServiceName
  readonly make: (sql: TransactionSql) => PromiseLike<unknown>
  readonly undo: Wrong['make']
  /** What the books say is not so. */
  readonly seen: readonly string[]
}
type TransactionSql = Parameters<Parameters<AuditedDatabase['begin']>[1]>[0]

describe('from return to refund', () => {
  let under: MartUnderTest
  let at: Paying
  let tea: string
  before(async () => {
    under = await startMartUnderTest({
      env: { SHIPPING_RATES: `PKR:${SHIPPING}`, STAFF_EMAIL: 'staff@mart.example' },
    })
    tea = await under.stock(500, PRICE)
    at = payingAt(under, tea)
  })
  after(async () => {
    await at.close()
    await under.stop()
  })

  const staff = async (path: string, body: unknown = {}) => {
    const answer = await under.admin.api('order', 'POST', path, { body, headers: { 'idempotency-key': randomUUID() } })
    assert.ok(answer.status < 300, JSON.stringify(answer.body))
    return answer.body
  }
  const approve = (id: string) =>
    call(`${under.mart.addresses.order}/returns/${id}/approve`, 'POST', { token: under.admin.token })
  const deliver = async (id: string) => {
    await under.admin.waitFor(id, ['confirmed'])
    await staff(`/orders/${id}/shipments`, { carrier: 'TCS', tracking_number: 'PK-1' })
    await staff(`/orders/${id}/deliveries`)
  }
  const lines = (quantity: number) => [{ sku: tea, quantity, reason: 'damaged' }]
  const sellable = (quantity: number) => ({ sku: tea, quantity, condition: 'sellable' })
  const becomes = (orderId: string, id: string, status: string) =>
    eventually(async () => {
      const { body } = await under.admin.api('order', 'GET', `/orders/${orderId}/returns`)
      return body.items.find((one: ReturnShape) => one.id === id).status === status
    }, `the return is ${status}`)
  const onHand = async () => (await under.available(tea)).on_hand

  for (const method of providers) {
    test(`${method}: in parts, one of them damaged; the delivery charge with the last piece`, async () => {
      const before = await onHand()
      const buyer = await newShopper(under.mart.addresses)
      const { body: order } = await buyer.order({ lines: [{ sku: tea, quantity: 3 }], payment_method: method })
      const bought = { buyer, id: order.id, method }
      await pay(method, await at.linkOf(bought))
      await deliver(order.id)

      const ask = async (quantity: number): Promise<ReturnShape> => {
        const { status, body } = await buyer.api('order', 'POST', `/orders/${order.id}/returns`, {
          body: { lines: lines(quantity) },
        })
        assert.equal(status, 201, JSON.stringify(body))
        return body
      }
      const [first, second] = [await ask(2), await ask(1)]
      assert.equal((await approve(first.id)).status, 200)
      const damaged = { sku: tea, quantity: 1, condition: 'damaged' }
      await staff(`/returns/${first.id}/receive`, { lines: [sellable(1), damaged] })
      await becomes(order.id, first.id, 'refunded')
      await eventually(async () => (await onHand()) === before - 3 + 1, 'what can be sold is stock again')
      assert.deepEqual(await at.charged(order.id), [{ method, paid: 3 * PRICE + SHIPPING, refunded: 2 * PRICE }])
      await under.booksHold()

      await approve(second.id)
      await staff(`/returns/${second.id}/receive`, { lines: [sellable(1)] })
      await becomes(order.id, second.id, 'refunded')
      const all = 3 * PRICE + SHIPPING
      assert.deepEqual(await at.charged(order.id), [{ method, paid: all, refunded: all }])
      assert.equal((await at.order(bought)).payment.status, 'refunded')
      assert.equal((await at.order(bought)).status, 'delivered')
      for (const kind of [
        'return_requested',
        'return_approved',
        'return_received',
        'payment_refunded',
        'return_to_decide',
      ])
        await eventually(async () => (await at.messages(order.id, kind)) === 2, `both times ${kind} is mailed`)
      await under.booksHold()
    })
  }

  test('cash, as a guest: one is withdrawn, then less comes than was approved, staff send the money, one more is refused', async () => {
    const contact = { name: 'Sana', email: `${randomUUID()}@example.com`, phone: '0300 1234567' }
    const url = `${under.mart.addresses.order}/orders`
    const { body: order } = await call(url, 'POST', {
      body: {
        lines: [{ sku: tea, quantity: 2 }],
        currency: 'PKR',
        payment_method: 'cash_on_delivery',
        shipping_address: someAddress,
        contact,
      },
      headers: { 'idempotency-key': randomUUID() },
    })
    await deliver(order.id)
    const headers = { authorization: `Guest ${order.guest_token}` }
    const ask = async (quantity: number) =>
      await call(`${url}/${order.id}/returns`, 'POST', { body: { lines: lines(quantity) }, headers })
    const kept = (await ask(2)).body
    await approve(kept.id)
    await call(`${url}/${order.id}/returns/${kept.id}/withdraw`, 'POST', { headers })
    for (const kind of ['return_withdrawn', 'return_called_off'])
      await eventually(async () => (await at.messages(order.id, kind)) === 1, `${kind} is mailed`)
    await under.booksHold()
    const one = (await ask(2)).body
    await approve(one.id)
    const received = await staff(`/returns/${one.id}/receive`, { lines: [sellable(1)] })
    assert.equal(received.refund.amount, PRICE)
    let task: { id: string; amount: { amount: number } } | undefined
    await eventually(async () => {
      const { body } = await under.admin.api('payment', 'GET', `/refund-tasks?order_id=${order.id}`)
      task = body.items[0]
      return task !== undefined
    }, 'staff have a task')
    assert.equal(task!.amount.amount, PRICE)
    await under.booksHold()
    await under.admin.api('payment', 'POST', `/refund-tasks/${task!.id}/done`, { body: { note: 'by bank' } })
    await becomes(order.id, one.id, 'refunded')

    const other = (await ask(1)).body
    await staff(`/returns/${other.id}/refuse`, { reason: 'It was opened.' })
    await eventually(async () => (await at.messages(order.id, 'return_refused')) === 1, 'the guest is told why')
    const { body: history } = await call(`${url}/${order.id}/history`, 'GET', { headers })
    assert.deepEqual(
      history.items.slice(-2).map(({ what, reason }: { what: string; reason: string }) => [what, reason]),
      [
        ['return_requested', '1 × Tea 1, 450 g'],
        ['return_refused', 'It was opened.'],
      ],
    )
    await under.booksHold()
  })

  test('the books see what is wrong with a return, in whatever service it went wrong', async () => {
    const databases = openAuditedDatabases(under.mart.databaseUrls)
    const [{ id, order_id } = { id: '', order_id: '' }] = await databases.order<{ id: string; order_id: string }[]>`
      select id, order_id from returns where status = 'refunded' order by id desc limit 1`
    const twoMore = JSON.stringify([{ sku: tea, quantity: 2, condition: 'damaged' }])
    const by = `return ${id}`
    const moreStock =
      (delta: number): Wrong['make'] =>
      async (sql) => {
        const [stock] = await sql`update stock set on_hand = on_hand + ${delta} where sku = ${tea} returning on_hand`
        await sql`insert into movements (sku, delta, reason, on_hand_after, by)
        values (${tea}, ${delta}, 'returned', ${stock!['on_hand']}, ${by})`
      }
    const wrongs: readonly Wrong[] = [
      {
        where: 'order',
        make: (sql) => sql`update returns set refund = refund + 1 where id = ${id}`,
        undo: (sql) => sql`update returns set refund = refund - 1 where id = ${id}`,
        seen: [refundedRight],
      },
      {
        where: 'order',
        make: (sql) => sql`update returns set received = received || ${twoMore}::text::jsonb where id = ${id}`,
        undo: (sql) => sql`update returns set received = received - 1 where id = ${id}`,
        seen: [noMoreThanDelivered, refundedRight],
      },
      { where: 'inventory', make: moreStock(1), undo: moreStock(-1), seen: [inStock] },
      {
        where: 'payment',
        make: (sql) => sql`update refunds set return_id = ${order_id} where return_id = ${id}`,
        undo: (sql) => sql`update refunds set return_id = ${id} where return_id = ${order_id}`,
        seen: [refundedRight],
      },
      {
        where: 'notification',
        make: (sql) =>
          sql`update messages set order_id = ${id} where order_id = ${order_id} and kind = 'return_received'`,
        undo: (sql) => sql`update messages set order_id = ${order_id} where order_id = ${id}`,
        seen: [itsMessages],
      },
    ]
    try {
      for (const { where, make, undo, seen } of wrongs) {
        await databases[where].begin('read write', make)
        const { findings } = await checkBooks(under.mart)
        await databases[where].begin('read write', undo)
        const faulty = findings.filter(({ faults }) => faults.length > 0)
        assert.deepEqual(
          faulty.map(({ says }) => says),
          seen,
          where,
        )
        assert.ok(faulty.every(({ faults: [fault, ...more] }) => fault!.includes(order_id) && more.length === 0))
      }
      await under.booksHold()
    } finally {
      await databases.close()
    }
  })
})
