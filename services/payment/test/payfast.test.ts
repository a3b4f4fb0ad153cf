import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { OrderPaymentDue } from '@mart/contracts/events/order-events'
import {
  PaymentActionRequired,
  PaymentFailed,
  PaymentRefundNeeded,
  PaymentSucceeded,
  PaymentVoided,
} from '@mart/contracts/events/payment-events'
import { eventually } from '@mart/service-kit/testing'
import { encoded, formIn, newPayfastOrder, SECURED_KEY, startPayfastShop, told } from './payfast-fixture.ts'
import { due, staff } from './payment-fixture.ts'

describe('PayFast', () => {
  let shop: Awaited<ReturnType<typeof startPayfastShop>>
  before(async () => {
    shop = await startPayfastShop()
  })
  after(() => shop.stop())
  afterEach(() => shop.control({}))

  const path = (url: string) => url.slice(shop.service.url.length)
  const outcomesOf = async (id: string) => (await shop.eventsOf(id)).map(({ outcome }) => outcome)

  test('is paid on its own page, by a link of ours that fetches a token just then', async () => {
    const order = newPayfastOrder()
    const attempt = await shop.open(order)
    const [action] = await shop.saidOf(order, PaymentActionRequired)
    assert.equal(action?.['url'], shop.service.url + shop.goPath(attempt))
    const back = await shop.press(await shop.follow(attempt))
    await shop.becomes(order, 'succeeded')
    const page = await shop.http('GET', path(back))
    assert.match(page.body, /Your payment of Rs 1,500 has arrived/)
    assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
    assert.deepEqual([...(await shop.tasksOf(order))], [])
  })

  test('its link makes a token each time, and posts nothing to anybody else', async () => {
    const attempt = await shop.open(newPayfastOrder())
    const [one, other] = [await shop.http('GET', shop.goPath(attempt)), await shop.http('GET', shop.goPath(attempt))]
    assert.notEqual(formIn(one.body)['TOKEN'], formIn(other.body)['TOKEN'])
    assert.equal(formIn(one.body)['CUSTOMER_MOBILE_NO'], '03001234567')
    assert.match(one.headers.get('content-security-policy') ?? '', new RegExp(`form-action ${shop.simulatorUrl};`))
    assert.equal(one.headers.get('cache-control'), 'no-store')
    assert.equal((await shop.http('GET', `/payments/attempts/${attempt.id}/go?t=guessed`)).status, 404)
  })

  for (const [what, wanted] of Object.entries({
    down: { down: true },
    'answering a web page': { html_answers: true },
    'answering half of it': { half_answers: true },
  })) {
    test(`that is ${what} costs nothing: the link says so, and works later`, async () => {
      const order = newPayfastOrder()
      const attempt = await shop.open(order)
      await shop.control(wanted)
      const { status, body } = await shop.http('GET', shop.goPath(attempt))
      assert.equal(status, 503)
      assert.match(body, /Nothing was charged/)
      await shop.control({})
      await shop.press(await shop.follow(attempt))
      await shop.becomes(order, 'succeeded')
    })
  }

  for (const [what, wanted] of Object.entries({
    'a form': { notify_as: 'form' },
    'the query of a GET': { notify_as: 'get' },
    'the query of a POST': { notify_as: 'query' },
    JSON: { notify_as: 'json' },
    'a form, five times': { duplicate: 4 },
  })) {
    test(`may tell by ${what}: it counts once`, async () => {
      const order = newPayfastOrder()
      const attempt = await shop.open(order)
      await shop.control(wanted)
      await shop.press(await shop.follow(attempt))
      await shop.becomes(order, 'succeeded')
      await eventually(async () => (await outcomesOf(attempt.id)).join() === 'applied', 'it is kept once')
      assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
    })
  }

  test('whose notification is lost is found by the buyer who comes back, by GET or POST', async () => {
    for (const method of ['GET', 'POST']) {
      const order = newPayfastOrder()
      const attempt = await shop.open(order)
      await shop.control({ drop: true })
      const back = new URL(await shop.press(await shop.follow(attempt)))
      const link = `${back.pathname}?t=${attempt.go_token}`
      back.searchParams.delete('t')
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer =
        method === 'GET'
          ? await shop.http('GET', `${link}&${back.searchParams}`)
          : await shop.http('POST', link, { body: back.searchParams.toString(), headers })
      assert.equal(answer.status, 200)
      await shop.becomes(order, 'succeeded')
    }
  })

  test('whose notification is lost, and whose buyer does not come back, is found by looking', async () => {
    const order = newPayfastOrder()
    const attempt = await shop.open(order)
    await shop.control({ drop: true })
    await shop.press(await shop.follow(attempt))
    await shop.pollNow(attempt.id)
    await shop.becomes(order, 'succeeded')
    assert.deepEqual([...(await shop.eventsOf(attempt.id))], [])
  })

  test('return page, notification and look at the same moment, 50 times: one success each', async () => {
    await shop.control({ drop: true })
    const orders = Array.from({ length: 50 }, () => newPayfastOrder())
    await shop.consume(OrderPaymentDue, ...orders.map((order) => due(order)))
    for (const order of orders) {
      const attempt = await shop.opened(order)
      const back = new URL(await shop.press(await shop.follow(attempt)))
      const [page, answer] = await Promise.all([
        shop.http('GET', back.pathname + back.search),
        shop.http('GET', `/webhooks/payfast${back.search}`),
        shop.pollNow(attempt.id),
      ])
      assert.deepEqual([page.status, answer.status], [200, 200])
      await shop.becomes(order, 'succeeded')
    }
    const keys = (await shop.published(PaymentSucceeded)).map(({ key }) => key)
    for (const { order_id } of orders) assert.equal(keys.filter((key) => key === order_id).length, 1)
  })

  test('a decline is told once, and the same link may be tried again', async () => {
    const order = newPayfastOrder()
    const attempt = await shop.open(order)
    await shop.press(await shop.follow(attempt), 'insufficient_balance')
    await eventually(async () => (await shop.saidOf(order, PaymentFailed)).length > 0, 'the decline is told')
    await shop.pollNow(attempt.id)
    await shop.polled(attempt.id)
    const said = await shop.saidOf(order, PaymentFailed)
    assert.deepEqual(
      said.map(({ final, reason }) => [final, reason]),
      [[false, 'the balance is insufficient (PayFast 97)']],
    )
    assert.equal((await shop.paymentOf(order))?.['status'], 'action_required')
    await shop.press(await shop.follow(attempt))
    await shop.becomes(order, 'succeeded')
  })

  test('a buyer who cancels there may come again', async () => {
    const order = newPayfastOrder()
    const attempt = await shop.open(order)
    await shop.press(await shop.follow(attempt), 'cancel')
    await eventually(async () => (await shop.attemptOf(order))?.error !== null, 'it is known')
    assert.match(String((await shop.attemptOf(order))?.error), /cancelled/)
    await shop.press(await shop.follow(attempt))
    await shop.becomes(order, 'succeeded')
  })

  for (const code of ['002', '001', '4711']) {
    test(`a code ${code} decides nothing and is asked again until it does`, async () => {
      const order = newPayfastOrder()
      const attempt = await shop.open(order)
      const buttons = await shop.follow(attempt)
      await shop.press(buttons, { code })
      await shop.polled(attempt.id)
      assert.equal((await shop.paymentOf(order))?.['status'], 'action_required')
      assert.deepEqual(await shop.saidOf(order, PaymentFailed, PaymentSucceeded), [])
      if (code === '4711') return
      await shop.control({ drop: true })
      await shop.settle(buttons.split('/').at(-1) ?? '')
      await shop.pollNow(attempt.id)
      await shop.becomes(order, 'succeeded')
    })
  }

  test('can’t close a page: a cancel reads its record, and money that comes later is to be sent back', async () => {
    const order = newPayfastOrder()
    const attempt = await shop.open(order)
    const buttons = await shop.follow(attempt)
    await shop.cancel(order, 'keep')
    await shop.becomes(order, 'voided')
    assert.deepEqual(await shop.saidOf(order, PaymentVoided), [{ order_id: order.order_id, refunding: false }])
    await shop.control({ drop: true })
    await shop.press(buttons)
    await shop.pollNow(attempt.id)
    await eventually(
      async () =>
        (await shop.service.db`select from refunds where attempt_id = ${attempt.id}`).length +
          (await shop.tasksOf(order)).length >
        0,
      'it is to be sent back',
    )
    assert.deepEqual(await shop.saidOf(order, PaymentSucceeded), [])
  })

  test('a cancel that comes after the payment finds it, and the clock’s keeps the order', async () => {
    const order = newPayfastOrder()
    const attempt = await shop.open(order)
    await shop.control({ drop: true })
    await shop.press(await shop.follow(attempt))
    await shop.cancel(order, 'keep')
    await shop.becomes(order, 'succeeded')
    assert.deepEqual(await shop.saidOf(order, PaymentVoided), [])
  })

  for (const [what, over] of Object.entries({
    'another hash': { validation_hash: '0'.repeat(64) },
    'no hash': { validation_hash: '' },
    'half a hash': { validation_hash: 'e8192a7554dd6999' },
    'a hash that is of another code': { err_code: '00', validation_hash: '' },
  })) {
    test(`notifications with ${what} are refused, counted, and leave nothing`, async () => {
      const order = newPayfastOrder()
      const attempt = await shop.open(order)
      const genuine = told(attempt.id)
      const fields = { ...genuine, ...over }
      if (what.startsWith('a hash')) fields.validation_hash = genuine['validation_hash'] ?? ''
      const counted = await refused()
      const answer = await shop.notify(fields)
      assert.deepEqual([answer.status, answer.body.code], [400, 'bad_signature'])
      assert.equal(await refused(), counted + 1)
      assert.deepEqual([...(await shop.eventsOf(attempt.id))], [])
      assert.equal((await shop.paymentOf(order))?.['status'], 'action_required')
    })
  }

  async function refused(): Promise<number> {
    const { body } = await shop.http('GET', '/metrics')
    return Number(/webhooks_refused_total\{[^}]*payfast[^}]*\} (\d+)/.exec(body)?.[1] ?? 0)
  }

  test('half of a JSON, an empty body and a foreign type are refused', async () => {
    const { id } = await shop.open(newPayfastOrder())
    const json = JSON.stringify(told(id))
    for (const [body, type] of [
      [json.slice(0, -20), 'application/json'],
      ['', 'text/plain'],
      ['<xml/>', 'application/xml'],
    ] as const) {
      const { status } = await shop.http('POST', '/webhooks/payfast', { body, headers: { 'content-type': type } })
      assert.equal(status, 400)
    }
    const plain = await shop.http('POST', '/webhooks/payfast', {
      body: json,
      headers: { 'content-type': 'text/plain' },
    })
    assert.equal(plain.status, 200)
  })

  test('notifications of 10 MB are refused unread', async () => {
    const body = `padding=${'x'.repeat(10 * 1024 * 1024)}`
    const answer = await shop.http('POST', '/webhooks/payfast', { body }).catch(() => ({ status: 413 }))
    assert.equal(answer.status, 413)
  })

  for (const [what, over, outcome] of [
    ['the success of a page that nobody paid', {}, 'waiting'],
    ['another amount', { merchant_amount: '1.00', transaction_amount: '1.00' }, 'differs'],
    ['another currency', { transaction_currency: 'USD' }, 'differs'],
    ['the transaction of somebody else', { transaction_id: 'aaaaaaaa-0000-4000-8000-000000000001' }, 'waiting'],
  ] as const) {
    test(`a right hash with ${what} is believed in nothing`, async () => {
      const order = newPayfastOrder()
      const attempt = await shop.open(order)
      assert.equal((await shop.notify(told(attempt.id, over))).status, 200)
      await shop.polled(attempt.id)
      assert.equal((await shop.paymentOf(order))?.['status'], 'action_required')
      assert.deepEqual(await outcomesOf(attempt.id), [outcome])
      assert.deepEqual(await shop.saidOf(order, PaymentSucceeded, PaymentFailed, PaymentRefundNeeded), [])
    })
  }

  test('the transaction of another order, which is paid, pays nothing here', async () => {
    const [cheap, dear] = [newPayfastOrder(), newPayfastOrder()]
    const paid = await shop.open(cheap)
    const back = new URL(await shop.press(await shop.follow(paid)))
    await shop.becomes(cheap, 'succeeded')
    const attempt = await shop.open(dear)
    const transaction_id = back.searchParams.get('transaction_id') ?? ''
    await shop.notify(told(attempt.id, { transaction_id }))
    await shop.polled(attempt.id)
    assert.equal((await shop.paymentOf(dear))?.['status'], 'action_required')
    await shop.control({ drop: true })
    await shop.press(await shop.follow(attempt))
    await shop.pollNow(attempt.id)
    await shop.becomes(dear, 'succeeded')
  })

  test('a changed amount in a genuine notification is kept as such; PayFast’s record decides', async () => {
    const order = newPayfastOrder()
    const attempt = await shop.open(order)
    await shop.control({ change: { merchant_amount: '1.00' } })
    await shop.press(await shop.follow(attempt))
    await shop.becomes(order, 'succeeded')
    assert.deepEqual(await outcomesOf(attempt.id), ['differs'])
  })

  test('a right hash for a basket that is not ours is answered and listed', async () => {
    for (const basket of ['ORD-1001', crypto.randomUUID()]) {
      assert.equal((await shop.notify(told(basket))).status, 200)
    }
    const { body } = await shop.http('GET', '/provider-events?provider=payfast&outcome=not_ours', { as: staff })
    const baskets = body.items.map(({ payload }: { payload: { basket_id: string } }) => payload.basket_id)
    assert.ok(baskets.includes('ORD-1001'))
  })

  test('1,000 notifications for one payment keep 50 at most, and cost no success', async () => {
    const order = newPayfastOrder()
    const attempt = await shop.open(order)
    const buttons = await shop.follow(attempt)
    const sent = Array.from({ length: 1_000 }, (_, at) => told(attempt.id, { transaction_id: `made-up-${at % 200}` }))
    const statuses = new Set<number>()
    for (let at = 0; at < sent.length; at += 50) {
      const answers = await Promise.all(sent.slice(at, at + 50).map((fields) => shop.notify(fields)))
      for (const { status } of answers) statuses.add(status)
    }
    assert.deepEqual([...statuses], [200])
    assert.equal((await shop.eventsOf(attempt.id)).length, 50)
    await shop.control({ drop: true })
    await shop.press(buttons)
    await shop.pollNow(attempt.id)
    await shop.becomes(order, 'succeeded')
  })

  test('what we fail to keep is answered 5xx, and counts when it comes again', async () => {
    const { db } = shop.service
    const order = newPayfastOrder()
    const attempt = await shop.open(order)
    await db`create function fail() returns trigger language plpgsql as $$ begin raise 'broken'; end $$`
    await db`create trigger fail before insert on provider_calls execute function fail()`
    const answer = await shop.notify(told(attempt.id))
    await db`drop trigger fail on provider_calls`
    await db`drop function fail`
    assert.equal(answer.status, 500)
    assert.deepEqual([...(await shop.eventsOf(attempt.id))], [])
    assert.equal((await shop.notify(told(attempt.id))).status, 200)
    assert.equal((await shop.eventsOf(attempt.id)).length, 1)
  })

  test('what it tells is kept without who paid, listed for staff alone, and may be replayed', async () => {
    const order = newPayfastOrder()
    const attempt = await shop.open(order)
    await shop.press(await shop.follow(attempt))
    await shop.becomes(order, 'succeeded')
    await eventually(async () => (await outcomesOf(attempt.id)).join() === 'applied', 'it is kept')
    const payment = await shop.paymentOf(order)
    const list = `/provider-events?payment_id=${payment?.['id']}`
    assert.equal((await shop.http('GET', list)).status, 401)
    const { body } = await shop.http('GET', list, { as: staff })
    assert.equal(body.items.length, 1)
    assert.doesNotMatch(JSON.stringify(body), /sana|3001234567|512345|validation_hash/i)
    const { id } = body.items[0]
    const replayed = await shop.http('POST', `/provider-events/${id}/replay`, { as: staff })
    assert.deepEqual([replayed.status, replayed.body.outcome], [200, 'waiting'])
    await eventually(async () => (await outcomesOf(attempt.id)).join() === 'applied', 'it was looked at again')
    assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
    const unknown = await shop.http('POST', `/provider-events/${crypto.randomUUID()}/replay`, { as: staff })
    assert.equal(unknown.status, 404)
  })

  test('a return opened by hand, twice, by another, or with changed codes shows the truth and changes nothing', async () => {
    const order = newPayfastOrder()
    const attempt = await shop.open(order)
    const back = `/payments/return/${attempt.id}?t=${attempt.go_token}`
    for (const more of ['', '&err_code=000', `&${encoded({ ...told(attempt.id), validation_hash: '0'.repeat(64) })}`]) {
      const { status, body } = await shop.http('GET', back + more)
      assert.equal(status, 200)
      assert.match(body, /has not reached us yet/)
    }
    const stranger = await shop.http('GET', `/payments/return/${attempt.id}?t=guessed&${encoded(told(attempt.id))}`)
    assert.match(stranger.body, /Thank you/)
    await sleep(50)
    assert.equal((await shop.paymentOf(order))?.['status'], 'action_required')
    assert.deepEqual([...(await shop.eventsOf(attempt.id))], [])
  })

  test('events of more than 90 days are dropped', async () => {
    const { db } = shop.service
    await shop.notify(told('OLD-1'))
    await db`update provider_events set received_at = now() - interval '91 days' where payload->>'basket_id' = 'OLD-1'`
    const { dropExpiredEvents } = await import('../src/provider-events/use-cases.ts')
    await db.begin((tx) => dropExpiredEvents(tx as never))
    assert.deepEqual([...(await db`select from provider_events where payload->>'basket_id' = 'OLD-1'`)], [])
  })
})

test('the secured key is in no answer, no header and no line of the log', async (t) => {
  const lines: string[] = []
  const write = process.stdout.write.bind(process.stdout)
  t.mock.method(process.stdout, 'write', (text: string, ...more: never[]) => {
    if (!String(text).startsWith('{"level"')) return write(text, ...more)
    lines.push(text)
    return true
  })
  const shop = await startPayfastShop({ LOG_LEVEL: 'trace' })
  const seen: string[] = []
  try {
    const keep = ({ body, headers }: { body: unknown; headers: Headers }) =>
      seen.push(JSON.stringify(body), JSON.stringify([...headers]))
    const order = newPayfastOrder()
    const attempt = await shop.open(order)
    keep(await shop.http('GET', shop.goPath(attempt)))
    await shop.control({ html_answers: 1 })
    keep(await shop.http('GET', shop.goPath(attempt)))
    await shop.control({ down: true })
    keep(await shop.http('GET', shop.goPath(attempt)))
    await shop.control({})
    const back = new URL(await shop.press(await shop.follow(attempt)))
    await shop.becomes(order, 'succeeded')
    keep(await shop.http('GET', back.pathname + back.search))
    keep(await shop.notify(told(attempt.id)))
    keep(await shop.notify({ ...told(attempt.id), validation_hash: '0'.repeat(64) }))
    for (const path of [
      '/payments',
      '/provider-events',
      '/metrics',
      '/openapi.json',
      '/health/ready',
      '/payment-methods?currency=PKR&country=PK',
    ]) {
      keep(await shop.http('GET', path, { as: staff }))
    }
    const rows = await shop.service.db`select payload::text from provider_events`
    seen.push(JSON.stringify(rows))
  } finally {
    await shop.stop()
    t.mock.restoreAll()
  }
  assert.ok(seen.length > 20 && lines.some((line) => line.includes('PayFast gave no token')))
  for (const text of [...seen, ...lines]) assert.ok(!text.includes(SECURED_KEY), text.slice(0, 300))
  assert.ok(!seen.some((text) => /SECURED_KEY/i.test(text)))
})
