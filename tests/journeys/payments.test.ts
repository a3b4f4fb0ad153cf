import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { call, openPayfastPage, payByCard } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import { type MartUnderTest, startMartUnderTest } from './mart-under-test.ts'
import { failToPay, kept, otherThan, type Paying, pay, payingAt, providers } from './paying.ts'

const PRICE = 89_900

describe('payments', () => {
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

  const reserved = async () => (await under.available(tea)).reserved
  const settles = (id: string, status: string) =>
    eventually(async () => (await at.paymentOf(id)).status === status, `the payment is ${status}`)

  for (const method of providers) {
    test(`${method}: paid once, confirmed, and the provider's record says the same`, async () => {
      const bought = await at.place(method)
      const back = await pay(method, await at.linkOf(bought))
      const order = await bought.buyer.waitFor(bought.id, ['confirmed'])
      assert.equal(order.payment.status, 'succeeded')
      assert.match((await call(back, 'GET')).body, /Paid/)
      assert.deepEqual(await at.charged(bought.id), [{ method, paid: PRICE, refunded: 0 }])
      await under.booksHold()
    })

    test(`${method}: it fails, and another method pays, after the older attempt can bring no money`, async () => {
      const bought = await at.place(method)
      const link = await at.linkOf(bought)
      await failToPay(method, link)
      await eventually(async () => (await at.order(bought)).payment.status === 'failed', 'the failure is shown')
      await at.choose(bought, otherThan(method))
      const next = await at.linkOf(bought, link)
      const { attempts } = await at.paymentOf(bought.id)
      assert.deepEqual(
        attempts.map(({ status }) => status),
        ['voided', 'open'],
        'one page at a time',
      )
      assert.equal((await call(link, 'GET')).status, 410)
      await pay(otherThan(method), next)
      await bought.buyer.waitFor(bought.id, ['confirmed'])
      assert.equal(kept(await at.charged(bought.id)), PRICE)
      await under.booksHold()
    })

    test(`${method}: cancelled while the buyer is on the page: void, the goods free, the link closed`, async () => {
      const before = await reserved()
      const bought = await at.place(method)
      const link = await at.linkOf(bought)
      if (method === 'payfast') await openPayfastPage(link)
      else await call(link, 'GET')
      await at.cancel(bought)
      await bought.buyer.waitFor(bought.id, ['cancelled'])
      await settles(bought.id, 'voided')
      await eventually(async () => (await reserved()) === before, 'the goods are free again')
      assert.equal((await call(link, 'GET')).status, 410)
      assert.equal(kept(await at.charged(bought.id)), 0)
      await under.booksHold()
    })

    test(`${method}: two refunds of a part, then the rest: everybody agrees on the sums`, async () => {
      const bought = await at.place(method)
      await pay(method, await at.linkOf(bought))
      await bought.buyer.waitFor(bought.id, ['confirmed'])
      const parts: [number | undefined, number][] = [
        [10_000, 10_000],
        [20_000, 30_000],
        [undefined, PRICE],
      ]
      for (const [index, [amount, inAll]] of parts.entries()) {
        assert.equal((await at.refund(bought.id, amount)).status, 201)
        await eventually(async () => (await at.paymentOf(bought.id)).refunded.amount === inAll, `${inAll} is refunded`)
        const { status } = await at.paymentOf(bought.id)
        assert.equal(status, inAll === PRICE ? 'refunded' : 'partially_refunded')
        await eventually(async () => (await at.order(bought)).payment.status === status, 'the order says the same')
        assert.deepEqual(await at.charged(bought.id), [{ method, paid: PRICE, refunded: inAll }])
        const told = async () => (await at.messages(bought.id, 'payment_refunded')) === index + 1
        await eventually(told, 'the customer is told of each refund')
        const [ledger] = await at.rows`
          select sum(l.amount)::int as sum from ledger l join payments p on p.id = l.payment_id
          where p.order_id = ${bought.id} and l.account = ${`provider:${method}`}`
        assert.equal(ledger!['sum'], PRICE - inAll, 'the ledger has what the provider has kept')
      }
      assert.equal((await at.refund(bought.id)).status, 409, 'nothing is left')
      await under.booksHold()
    })
  }

  test('payfast: paid on a page that was open when the order was cancelled: the money goes back by itself', async () => {
    const bought = await at.place('payfast')
    const page = await openPayfastPage(await at.linkOf(bought))
    await at.cancel(bought)
    await bought.buyer.waitFor(bought.id, ['cancelled'])
    await fetch(page, { method: 'POST', body: new URLSearchParams({ outcome: 'success' }), redirect: 'manual' })
    await eventually(async () => (await at.charged(bought.id))[0]?.refunded === PRICE, 'PayFast has sent it back')
    await under.booksHold()
    assert.deepEqual(await at.charged(bought.id), [{ method: 'payfast', paid: PRICE, refunded: PRICE }])
    assert.equal((await bought.buyer.waitFor(bought.id, ['cancelled'])).payment.status !== 'succeeded', true)
  })

  test('stripe: paid, and the order cancelled before anybody heard of it: the money goes back by itself', async () => {
    await at.control({ drop: true })
    const bought = await at.place('stripe')
    assert.equal((await payByCard(await at.linkOf(bought), { number: '4242424242424242' })).status, 303)
    await at.cancel(bought)
    await bought.buyer.waitFor(bought.id, ['cancelled'])
    await settles(bought.id, 'refunded')
    await at.control()
    await under.booksHold()
    assert.deepEqual(await at.charged(bought.id), [{ method: 'stripe', paid: PRICE, refunded: PRICE }])
  })

  for (const next of providers) {
    for (const first of ['older', 'newer'] as const) {
      test(`payfast, then ${next}, both paid, the ${first} one first: one stays, the other goes back`, async () => {
        const bought = await at.place('payfast')
        const link = await at.linkOf(bought)
        const older = async () => {
          const body = new URLSearchParams({ outcome: 'success' })
          assert.equal((await fetch(page, { method: 'POST', body, redirect: 'manual' })).status, 303)
        }
        const page = await openPayfastPage(link)
        await at.choose(bought, next)
        const newLink = await at.linkOf(bought, link)
        const newer = () => pay(next, newLink)
        for (const act of first === 'older' ? [older, newer] : [newer, older]) await act()
        await bought.buyer.waitFor(bought.id, ['confirmed'])
        await eventually(async () => kept(await at.charged(bought.id)) === PRICE, 'one of the two went back')
        await under.booksHold()
        const charged = await at.charged(bought.id)
        assert.deepEqual(
          charged.map(({ paid, refunded }) => paid - refunded),
          [0, PRICE],
          'the one that was given up goes back',
        )
        const { status, refunds, refunded } = await at.paymentOf(bought.id)
        assert.deepEqual([status, refunds.length, refunded.amount], ['succeeded', 1, 0])
      })
    }
  }
})

describe('payments that nobody makes', () => {
  let under: MartUnderTest
  let tea: string
  before(async () => {
    under = await startMartUnderTest({ env: { PAYMENT_WINDOW_S: '3' } })
    tea = await under.stock(10)
  })
  after(() => under.stop())

  test('abandoned at either provider: cancelled when the time is over, and the goods are free', async () => {
    const at = payingAt(under, tea)
    const left = await Promise.all(providers.map((method) => at.place(method)))
    const links = await Promise.all(left.map((bought) => at.linkOf(bought)))
    for (const { buyer, id } of left) {
      const order = await buyer.waitFor(id, ['cancelled'])
      assert.equal(order.cancel_reason, 'payment_timeout')
    }
    await eventually(async () => (await under.available(tea)).reserved === 0, 'the goods are free again')
    for (const link of links) assert.equal((await call(link, 'GET')).status, 410)
    await at.close()
    await under.booksHold()
  })
})
