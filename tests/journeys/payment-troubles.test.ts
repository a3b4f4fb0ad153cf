import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { call, openPayfastPage, payByPayfast } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import { type MartUnderTest, startMartUnderTest } from './mart-under-test.ts'
import { type Bought, kept, type Paying, pay, payingAt, providers } from './paying.ts'

const PRICE = 89_900
const DOWN_MS = 8_000

describe('payments while providers fail', () => {
  let under: MartUnderTest
  let at: Paying
  let tea: string
  before(async () => {
    under = await startMartUnderTest({ env: { SHIPPING_RATES: 'PKR:0' } })
    tea = await under.stock(500, PRICE)
    at = payingAt(under, tea)
  })
  after(async () => {
    await at.close()
    await under.stop()
  })

  const placeMany = (count: number): Promise<Bought[]> =>
    Promise.all(Array.from({ length: count }, (_, n) => at.place(providers[n % 2]!)))
  const openAndPay = async (bought: Bought) => pay(bought.method, await at.linkOf(bought))

  test('both providers go down in a rush: nothing is lost, and all settles when they are back', async () => {
    const paid = await placeMany(6)
    await Promise.all(paid.map(openAndPay))
    const [open, givenUp] = [await placeMany(6), await placeMany(4)]
    await Promise.all([...open, ...givenUp].map((bought) => at.linkOf(bought)))
    for (const { buyer, id } of paid) await buyer.waitFor(id, ['confirmed'])

    await at.control({ down: true })
    const downUntil = Date.now() + DOWN_MS
    const meanwhile = await placeMany(10)
    for (const bought of givenUp) await at.cancel(bought)
    for (const { id } of paid.slice(0, 4)) assert.equal((await at.refund(id, 10_000)).status, 201)
    for (const bought of open.filter(({ method }) => method === 'payfast')) {
      assert.equal((await call(await at.linkOf(bought), 'GET')).status, 503, 'the buyer is told to try again')
    }
    await sleep(downUntil - Date.now())
    for (const bought of meanwhile) assert.equal((await at.order(bought)).status, 'awaiting_payment')
    await at.control()

    await Promise.all([...open, ...meanwhile].map(openAndPay))
    for (const { buyer, id } of [...open, ...meanwhile]) await buyer.waitFor(id, ['confirmed'], 60_000)
    for (const { buyer, id } of givenUp) await buyer.waitFor(id, ['cancelled'], 60_000)
    await under.booksHold()
    for (const { id } of [...open, ...meanwhile]) assert.equal(kept(await at.charged(id)), PRICE)
    for (const { id } of givenUp) assert.equal(kept(await at.charged(id)), 0)
    for (const { id } of paid.slice(0, 4)) await sentOnceOrTask(id)
  })

  /** A refund asked for while its provider was down: sent once, or, where nobody can know, a task of staff. */
  async function sentOnceOrTask(orderId: string): Promise<void> {
    const { refunds } = await at.paymentOf(orderId)
    const sent = PRICE - kept(await at.charged(orderId))
    assert.equal(refunds.length, 1)
    if (refunds[0]!.status === 'succeeded') return assert.equal(sent, 10_000)
    const { body } = await under.admin.api('payment', 'GET', `/refund-tasks?order_id=${orderId}`)
    assert.equal(body.items.length, 1, `refund ${refunds[0]!.status}: ${refunds[0]!.error}`)
    assert.equal(sent, 0)
  }

  test('payfast: the notification is lost, the buyer who comes back makes us look', async () => {
    await at.control({ drop: true })
    const bought = await at.place('payfast')
    await call(await payByPayfast(await at.linkOf(bought)), 'GET')
    await bought.buyer.waitFor(bought.id, ['confirmed'])
    await at.control()
    await under.booksHold()
  })

  test('payfast: the notification is lost and the buyer never comes back: the poll that was planned finds the money', async () => {
    await at.control({ drop: true })
    const bought = await at.place('payfast')
    const page = await openPayfastPage(await at.linkOf(bought))
    await fetch(page, { method: 'POST', body: new URLSearchParams({ outcome: 'success' }), redirect: 'manual' })
    const planned = await at.rows.begin(
      'read write',
      (tx) => tx`
        update provider_calls c set due_at = now() from payments p
        where p.id = c.payment_id and p.order_id = ${bought.id} and c.kind = 'poll'
          and c.due_at < now() + interval '1 minute'`,
    )
    assert.equal(planned.count, 1, 'a poll within a minute was planned')
    await bought.buyer.waitFor(bought.id, ['confirmed'])
    await at.control()
    await under.booksHold()
  })

  for (const method of providers) {
    test(`${method}: every notification of a payment is lost, and reconciliation finds and mends it`, async () => {
      await at.control({ drop: true })
      const bought = await at.place(method)
      const link = await at.linkOf(bought)
      // Only what is open for an hour is asked about. PayFast is told the day before it is asked by it.
      await at.rows.begin(
        'read write',
        (tx) => tx`
          update attempts a set created_at = a.created_at - interval '2 hours' from payments p
          where p.id = a.payment_id and p.order_id = ${bought.id}`,
      )
      if (method === 'stripe') await pay(method, link)
      else {
        const body = new URLSearchParams({ outcome: 'success' })
        await fetch(await openPayfastPage(link), { method: 'POST', body, redirect: 'manual' })
      }
      assert.equal((await under.admin.api('payment', 'POST', '/reconciliations', reconcile())).status, 202)
      await bought.buyer.waitFor(bought.id, ['confirmed'])
      await at.control()
      await eventually(async () => {
        const { body } = await under.admin.api('payment', 'GET', '/reconciliations')
        return body.items[0].finished_at !== null
      }, 'the reconciliation ends')
      const { body } = await under.admin.api('payment', 'GET', '/reconciliations')
      const found: { order_id: string; kind: string }[] = body.items[0].findings
      assert.deepEqual(
        new Set(found.map(({ order_id, kind }) => `${order_id} ${kind}`)),
        new Set([`${bought.id} mended`]),
      )
      await under.booksHold()
    })
  }

  test('stripe: money for a cancelled order, of which no notification comes: reconciliation sends it back', async () => {
    const bought = await at.place('stripe')
    await at.linkOf(bought)
    // As if Stripe had closed its page: it does so for certain, so that money can't come this late by itself.
    const [attempt] = await at.rows.begin(
      'read write',
      (tx) => tx`
        update attempts a set status = 'voided' from payments p
        where p.id = a.payment_id and p.order_id = ${bought.id} returning a.session_id`,
    )
    await at.cancel(bought)
    await bought.buyer.waitFor(bought.id, ['cancelled'])
    await at.control({ drop: true })
    const page = `${under.mart.addresses.simulators}/control/sessions/${attempt!['session_id']}/pay`
    assert.equal((await call(page, 'POST', { body: {} })).status, 200)
    await at.control()
    assert.equal(kept(await at.charged(bought.id)), PRICE)
    assert.equal((await under.admin.api('payment', 'POST', '/reconciliations', reconcile())).status, 202)
    await eventually(async () => kept(await at.charged(bought.id)) === 0, 'the money has gone back')
    await eventually(async () => (await at.paymentOf(bought.id)).status === 'refunded', 'the payment is refunded')
    await under.booksHold()
  })
})

const reconcile = () => ({ body: {}, headers: { 'idempotency-key': crypto.randomUUID() } })
