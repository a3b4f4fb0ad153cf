import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { OrderCancelRequested, OrderConfirmed, OrderDelivered } from '@mart/contracts/events/order-events'
import { PaymentRefunded } from '@mart/contracts/events/payment-events'
import { eventually } from '@mart/service-kit/testing'
import { cancelRequest, confirmed, delivered, newOrder, staff, startShop, type TestOrder } from './payment-fixture.ts'

describe('payments by HTTP', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  before(async () => {
    shop = await startShop({ PUBLIC_URL: 'https://shop.example/', COD_LIMIT: 'PKR:200000', COD_CITIES: 'Lahore' })
  })
  after(() => shop.stop())

  const paidOrder = async (order: TestOrder = newOrder()) => {
    await shop.pay(await shop.open(order))
    await shop.becomes(order, 'succeeded')
    return order
  }
  const ask = async (order: TestOrder, body: object, headers = {}) => {
    const row = await shop.paymentOf(order)
    return await shop.http('POST', `/payments/${row?.['id']}/refunds`, { as: staff, body, headers })
  }
  const tasksOf = async (order: TestOrder, state = 'open') =>
    (await shop.http('GET', `/refund-tasks?state=${state}&order_id=${order.order_id}`, { as: staff })).body.items

  describe('the ways to pay', () => {
    const listed = async (query: string) => {
      const { body } = await shop.http('GET', `/payment-methods?${query}`)
      return body.items.map((item: { method: string }) => item.method)
    }

    test('are listed in order, with words to show, to anybody', async () => {
      const { status, body } = await shop.http('GET', '/payment-methods?currency=PKR&country=PK')
      assert.equal(status, 200)
      assert.deepEqual(
        body.items.map((item: { method: string; name: string }) => [item.method, item.name]),
        [
          ['stripe', 'Card'],
          ['cash_on_delivery', 'Cash on delivery'],
        ],
      )
    })

    test('take cash only in Pakistan, in rupees, where couriers do, and up to the limit', async () => {
      assert.deepEqual(await listed('currency=USD&country=US'), ['stripe'])
      assert.deepEqual(await listed('currency=USD&country=PK'), ['stripe'])
      assert.deepEqual(await listed('currency=PKR&country=PK&city=lahore&total=200000'), ['stripe', 'cash_on_delivery'])
      assert.deepEqual(await listed('currency=PKR&country=PK&city=Karachi'), ['stripe'])
      assert.deepEqual(await listed('currency=PKR&country=PK&total=200001'), ['stripe'])
    })

    test('that are not offered are told with why, in the words that a buyer reads', async () => {
      const unavailable = async (query: string) =>
        (await shop.http('GET', `/payment-methods?${query}`)).body.unavailable as { method: string; code: string }[]
      const card = { method: 'stripe', name: 'Card' }
      const cash = { method: 'cash_on_delivery', name: 'Cash on delivery' }
      assert.deepEqual(await unavailable('currency=PKR&country=PK&city=Lahore&total=200000'), [])
      assert.deepEqual(await unavailable('currency=PKR&country=PK&city=Lahore&total=200001'), [
        { ...cash, code: 'sum_too_large', message: 'Couriers take up to Rs 2,000.' },
      ])
      assert.deepEqual(await unavailable('currency=PKR&country=PK&city=Karachi&total=13999'), [
        { ...card, code: 'sum_too_small', message: 'A payment by card must be Rs 140 or more.' },
        { ...cash, code: 'city', message: 'Couriers take cash in Lahore alone.' },
      ])
      const codes = async (query: string) => (await unavailable(query)).map(({ method, code }) => [method, code])
      assert.deepEqual(await codes('currency=PKR&country=US'), [['cash_on_delivery', 'country']])
      assert.deepEqual(await codes('currency=USD&country=PK'), [['cash_on_delivery', 'currency']])
    })

    test('need a currency and a country: every fault is named', async () => {
      const { status, body } = await shop.http('GET', '/payment-methods?currency=rupees')
      assert.equal(status, 400)
      assert.deepEqual(body.errors.map((error: { field: string }) => error.field).sort(), ['country', 'currency'])
    })
  })

  describe('a payment', () => {
    test('is shown to its buyer and to staff, and to nobody else', async () => {
      const order = newOrder()
      await shop.open(order)
      const path = `/payments?order_id=${order.order_id}`
      const mine = await shop.http('GET', path, { as: { id: order.customer_id ?? '' } })
      assert.equal(mine.status, 200)
      const [shown] = mine.body.items
      assert.deepEqual(shown.amount, { amount: 150_000, currency: 'PKR' })
      assert.deepEqual([shown.status, shown.collected, shown.disputed], ['action_required', null, false])
      assert.match(shown.action.url, /^https:\/\/shop\.example\/payments\/attempts\/[0-9a-f-]{36}\/go\?t=[\w-]{24}$/)
      assert.deepEqual([shown.attempts.length, shown.attempts[0].status], [1, 'open'])
      assert.doesNotMatch(JSON.stringify(shown.attempts), /token|session|ayesha/)
      assert.deepEqual((await shop.http('GET', path, { as: staff })).body.items, mine.body.items)
      assert.deepEqual((await shop.http('GET', path, { as: { id: randomUUID() } })).body.items, [])
      assert.equal((await shop.http('GET', path)).status, 401)
    })

    test('is on a page of its listing', async () => {
      const customer = randomUUID()
      const orders = [newOrder(customer), newOrder(customer), newOrder(customer)]
      await shop.consume(
        OrderConfirmed,
        ...orders.map((order) => confirmed({ ...order, payment_method: 'cash_on_delivery' })),
      )
      const first = await shop.http('GET', '/payments?limit=2', { as: { id: customer } })
      assert.equal(first.body.items.length, 2)
      const rest = await shop.http('GET', `/payments?limit=2&cursor=${first.body.next_cursor}`, {
        as: { id: customer },
      })
      const shown = [...first.body.items, ...rest.body.items].map((item) => item.order_id)
      assert.deepEqual(shown.sort(), orders.map(({ order_id }) => order_id).sort())
      assert.equal(rest.body.next_cursor, null)
      assert.equal((await shop.http('GET', '/payments?cursor=nonsense', { as: staff })).status, 400)
      assert.equal((await shop.http('GET', '/payments?order_id=1', { as: staff })).status, 400)
    })
  })

  describe('the links of a buyer', () => {
    const linksOf = async (order: TestOrder) => {
      const [attempt] = await shop.attemptsOf(order)
      const { id, go_token: token } = attempt as unknown as { id: string; go_token: string }
      return { go: `/payments/attempts/${id}/go`, back: `/payments/return/${id}`, token }
    }
    const follow = (path: string) => fetch(shop.service.url + path, { redirect: 'manual' })

    test('lead to the provider with their token, and nowhere without it', async () => {
      const order = newOrder()
      const sessionId = await shop.open(order)
      const { go, token } = await linksOf(order)
      const answer = await follow(`${go}?t=${token}`)
      assert.equal(answer.status, 303)
      assert.equal(answer.headers.get('location'), `${shop.simulatorUrl}/checkout/pay/${sessionId}`)
      assert.equal(answer.headers.get('cache-control'), 'no-store')
      for (const path of [
        go,
        `${go}?t=`,
        `${go}?t=guess`,
        `/payments/attempts/${randomUUID()}/go?t=${token}`,
        '/payments/attempts/1/go',
      ]) {
        assert.equal((await follow(path)).status, 404, path)
      }
    })

    test('say plainly that a page is closed', async () => {
      const order = newOrder()
      await shop.open(order)
      const { go, token } = await linksOf(order)
      await shop.cancel(order, 'keep')
      await shop.becomes(order, 'voided')
      const answer = await follow(`${go}?t=${token}`)
      assert.equal(answer.status, 410)
      assert.match(await answer.text(), /This payment page is closed/)
    })

    test('back from the provider believe nothing: opened by hand they show the truth, and change nothing', async () => {
      const order = newOrder()
      const sessionId = await shop.open(order)
      const { back, token } = await linksOf(order)
      for (const query of [`?t=${token}`, `?t=${token}&session_id=${sessionId}&payment_status=paid`]) {
        const page = await follow(back + query)
        assert.equal(page.status, 200)
        assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
        assert.match(await page.text(), /has not reached us yet/)
      }
      assert.equal((await shop.paymentOf(order))?.['status'], 'action_required')
      await shop.pay(sessionId)
      await shop.becomes(order, 'succeeded')
      assert.match(await (await follow(`${back}?t=${token}`)).text(), /Your payment of Rs 1,500 has arrived/)
    })

    test('back from the provider tell the buyer who is signed in, and thank everybody else', async () => {
      const order = newOrder()
      await shop.open(order)
      const { back } = await linksOf(order)
      const asBuyer = await shop.http('GET', back, { as: { id: order.customer_id ?? '' } })
      assert.match(asBuyer.body, /has not reached us yet/)
      for (const path of [back, `${back}?t=guess`, `/payments/return/${randomUUID()}`]) {
        const page = await (await follow(path)).text()
        assert.match(page, /Thank you/)
        assert.doesNotMatch(page, /1,500/)
      }
      assert.match((await shop.http('GET', back, { as: { id: randomUUID() } })).body, /Thank you/)
    })
  })

  describe('a refund', () => {
    test('that staff ask for is made, once for each key, and told', async () => {
      const order = await paidOrder()
      const body = { amount: { amount: 50_000, currency: 'PKR' }, reason: 'a broken jar' }
      const headers = { 'idempotency-key': randomUUID() }
      const first = await ask(order, body, headers)
      assert.deepEqual([first.status, first.body.status, first.body.amount], [201, 'requested', body.amount])
      await shop.becomes(order, 'partially_refunded')
      const again = await ask(order, body, headers)
      assert.deepEqual([again.status, again.body], [201, first.body])
      const [refund, ...more] = await shop.refundsOf(order)
      assert.deepEqual(more, [])
      assert.deepEqual(
        [refund?.['id'], refund?.['status'], refund?.['reason']],
        [first.body.id, 'succeeded', body.reason],
      )
      const [there, ...others] = (await shop.stripe.refunds.list({ limit: 100 })).data.filter(
        ({ metadata }) => metadata?.['order_id'] === order.order_id,
      )
      assert.deepEqual([there?.id, there?.amount, others], [refund?.['provider_refund_id'], 50_000, []])
      const { body: page } = await shop.http('GET', `/payments?order_id=${order.order_id}`, { as: staff })
      assert.deepEqual(
        page.items[0].refunds.map(({ id, status, amount }: { id: string; status: string; amount: object }) => [
          id,
          status,
          amount,
        ]),
        [[first.body.id, 'succeeded', body.amount]],
      )
      assert.equal((await shop.saidOf(order, PaymentRefunded)).length, 1)
      assert.deepEqual(await tasksOf(order), [])
    })

    test('without an amount is the rest; nothing is left after it', async () => {
      const order = await paidOrder()
      assert.equal((await ask(order, { amount: { amount: 1, currency: 'PKR' }, reason: 'x' })).status, 201)
      assert.deepEqual((await ask(order, { reason: 'all of it' })).body.amount, { amount: 149_999, currency: 'PKR' })
      assert.equal((await ask(order, { reason: 'more' })).body.code, 'nothing_to_refund')
    })

    test('twice at the same moment never asks for more than there is', async () => {
      const order = await paidOrder()
      const body = { amount: { amount: 100_000, currency: 'PKR' }, reason: 'x' }
      const answers = await Promise.all([ask(order, body), ask(order, body), ask(order, body)])
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409])
      assert.equal((await shop.refundsOf(order)).length, 1)
    })

    test('above what is left, of nothing, negative, in another currency or unpaid is refused, and nothing changes', async () => {
      const order = await paidOrder()
      const money = (amount: number, currency = 'PKR') => ({ amount: { amount, currency }, reason: 'x' })
      const refusals: [object, number, string][] = [
        [money(150_001), 409, 'refund_exceeds'],
        [money(0), 422, 'invalid_input'],
        [money(-1), 422, 'invalid_input'],
        [money(1.5), 422, 'invalid_input'],
        [money(1, 'USD'), 422, 'invalid_input'],
        [{ ...money(1), amount_sent: 5 }, 422, 'invalid_input'],
        [{ reason: '' }, 422, 'invalid_input'],
        [{ reason: 'nul \u0000' }, 422, 'invalid_input'],
      ]
      for (const [body, status, code] of refusals) {
        const answer = await ask(order, body)
        assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(body))
      }
      const open = newOrder()
      await shop.open(open)
      assert.equal((await ask(open, money(1))).body.code, 'nothing_to_refund')
      assert.deepEqual(await tasksOf(order), [])
      const id = randomUUID()
      assert.equal((await shop.http('POST', `/payments/${id}/refunds`, { as: staff, body: money(1) })).status, 404)
    })

    test('is for staff only', async () => {
      const order = await paidOrder()
      const { id } = (await shop.paymentOf(order)) as unknown as { id: string }
      const buyer = { id: order.customer_id ?? '' }
      const body = { reason: 'please' }
      assert.equal((await shop.http('POST', `/payments/${id}/refunds`, { as: buyer, body })).status, 403)
      assert.equal((await shop.http('POST', `/payments/${id}/refunds`, { body })).status, 401)
      assert.equal((await shop.http('GET', '/refund-tasks', { as: buyer })).status, 403)
    })
  })

  describe('a refund task', () => {
    test('is made when Stripe refuses, taken by one, done with a note, and then told with its sums', async () => {
      const order = await paidOrder()
      const { db } = shop.service
      // Told later, the charge would look like a second one.
      await eventually(async () => {
        const told = await db`
          select from provider_events e join payments p on p.id = e.payment_id
          where p.order_id = ${order.order_id} and e.type in ('payment_intent.succeeded', 'checkout.session.completed')`
        return told.length === 2
      }, 'both notifications have come')
      await db`
        update attempts set provider_payment_id = ${`pi_gone_${order.order_id}`}
        where status = 'succeeded' and payment_id = (select id from payments where order_id = ${order.order_id})`
      const part = await ask(order, { amount: { amount: 50_000, currency: 'PKR' }, reason: 'a broken jar' })
      await eventually(async () => (await tasksOf(order)).length === 1, 'it is a task')
      const [task] = await tasksOf(order)
      assert.deepEqual([task.kind, task.refund_id, task.reason], ['refund', part.body.id, 'a broken jar'])
      assert.match(task.problem, /No such payment_intent/)
      assert.ok(task.age_s >= 0)
      const path = `/refund-tasks/${task.id}`
      const taken = await shop.http('POST', `${path}/take`, { as: staff })
      assert.deepEqual([taken.status, taken.body.taken_by], [200, staff.id])
      assert.equal((await shop.http('POST', `${path}/take`, { as: staff })).status, 200)
      const other = { id: randomUUID(), role: 'admin' as const }
      assert.equal((await shop.http('POST', `${path}/take`, { as: other })).body.code, 'already_taken')

      const body = { note: 'bank transfer 17' }
      const headers = { 'idempotency-key': randomUUID() }
      const done = await shop.http('POST', `${path}/done`, { as: staff, body, headers })
      assert.deepEqual([done.status, done.body.done_by, done.body.note], [200, staff.id, body.note])
      assert.equal((await shop.http('POST', `${path}/done`, { as: staff, body, headers })).status, 200)
      assert.equal((await shop.paymentOf(order))?.['status'], 'partially_refunded')
      const again = await shop.http('POST', `${path}/done`, { as: staff, body: { note: 'again' } })
      assert.deepEqual([again.status, again.body.code], [409, 'already_done'])
      assert.equal((await shop.http('POST', `${path}/take`, { as: other })).body.code, 'already_done')
      const said = await shop.saidOf(order, PaymentRefunded)
      assert.deepEqual(
        said.map(({ refund_id, refunded_in_all }) => [refund_id, refunded_in_all]),
        [[part.body.id, { amount: 50_000, currency: 'PKR' }]],
      )
      assert.deepEqual(await tasksOf(order), [])
      assert.equal((await tasksOf(order, 'done')).length, 1)
      assert.deepEqual(await shop.ledgerOf(order), {
        'provider:stripe': 150_000,
        sales: -150_000,
        refunds: 50_000,
        by_hand: -50_000,
      })
    })

    test('is not needed for a paid order that a person cancels', async () => {
      const order = await paidOrder()
      await shop.consume(OrderCancelRequested, cancelRequest(order, 'refund'))
      await shop.becomes(order, 'refunded')
      const [said] = await shop.saidOf(order, PaymentRefunded)
      assert.deepEqual(said?.['refunded_in_all'], { amount: 150_000, currency: 'PKR' })
      assert.deepEqual(await tasksOf(order), [])
    })

    test('of collected cash can be asked for', async () => {
      const order: TestOrder = { ...newOrder(), payment_method: 'cash_on_delivery' }
      await shop.consume(OrderConfirmed, confirmed(order))
      await shop.consume(OrderDelivered, delivered(order, 120_000))
      assert.equal((await ask(order, { amount: { amount: 120_001, currency: 'PKR' }, reason: 'x' })).status, 409)
      const asked = await ask(order, { reason: 'the tea was stale' })
      const [short, task] = await tasksOf(order)
      assert.deepEqual([short.kind, short.amount.amount], ['cash_short', 30_000])
      assert.deepEqual(
        [task.refund_id, task.method, task.provider_payment_id],
        [asked.body.id, 'cash_on_delivery', null],
      )
    })

    test('that is not there, or done without a note, is refused', async () => {
      const path = `/refund-tasks/${randomUUID()}`
      assert.equal((await shop.http('POST', `${path}/take`, { as: staff })).status, 404)
      assert.equal((await shop.http('POST', `${path}/done`, { as: staff, body: { note: 'x' } })).status, 404)
      assert.equal((await shop.http('POST', `${path}/done`, { as: staff, body: {} })).status, 422)
      assert.equal((await shop.http('POST', '/refund-tasks/1/take', { as: staff })).status, 404)
    })
  })
})
