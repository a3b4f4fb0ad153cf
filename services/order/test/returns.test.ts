import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockReserved } from '@mart/contracts/events/inventory-events'
import {
  OrderGuestForgotten,
  ReturnApproved,
  ReturnReceived,
  ReturnRefused,
  ReturnRequested,
  ReturnWithdrawn,
} from '@mart/contracts/events/order-events'
import { PaymentNothingToRefund, PaymentRefunded } from '@mart/contracts/events/payment-events'
import { UserErased } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { inTransaction } from '@mart/service-kit/postgres'
import { type Answer, eventually, type TestPerson } from '@mart/service-kit/testing'
import { forgetGuests } from '../src/use-cases/forget-guests.ts'
import { type GuestShop, startGuestShop } from './guest-fixture.ts'
import { basket, startOrderShop } from './order-fixture.ts'

type Body = Answer['body']
const staff: TestPerson = { id: newId(), role: 'staff' }
const wish = (quantity: number, sku = 'TEA', reason = 'damaged') => ({ sku, quantity, reason })
const came = (quantity: number, condition = 'sellable', sku = 'TEA') => ({ sku, quantity, condition })
const rupees = (amount: number) => ({ amount, currency: 'PKR' })

describe('returns', () => {
  let shop: GuestShop
  before(async () => {
    shop = await startGuestShop({ MAX_OPEN_ORDERS: '100' })
  })
  after(() => shop.stop())

  const deliver = async (id: string) => {
    await shop.consume(StockReserved, { order_id: id })
    const parcel = { carrier: 'TCS', tracking_number: '1' }
    assert.equal((await shop.http('POST', `/orders/${id}/shipments`, { as: staff, body: parcel })).status, 200)
    assert.equal((await shop.http('POST', `/orders/${id}/deliveries`, { as: staff, body: {} })).status, 200)
  }
  const lines = [
    { sku: 'TEA', quantity: 3 },
    { sku: 'RICE', quantity: 1 },
  ]
  /** Three teas and rice for 610 rupees, 250 for the delivery; brought to the buyer. */
  const delivered = async (
    as: TestPerson = { id: newId() },
  ): Promise<{ id: string; as: TestPerson; number: string }> => {
    const { id, number } = await shop.placed(basket({ lines }), as)
    await deliver(id)
    return { id, as, number }
  }
  const deliveredToGuest = async (): Promise<{ id: string; link: string }> => {
    const { id, guest_token: link } = await shop.ordered({ lines, payment_method: 'cash_on_delivery' })
    await deliver(id)
    return { id, link }
  }
  const ask = (id: string, as: TestPerson, ...wanted: ReturnType<typeof wish>[]) =>
    shop.http('POST', `/orders/${id}/returns`, { as, body: { lines: wanted } })
  const asked = async (id: string, as: TestPerson, ...wanted: ReturnType<typeof wish>[]): Promise<Body> => {
    const answer = await ask(id, as, ...wanted)
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return answer.body
  }
  const step = (one: { id: string }, what: string, body?: unknown, as = staff) =>
    shop.http('POST', `/returns/${one.id}/${what}`, { as, body })
  /** Approved and received. */
  const back = async (one: { id: string }, ...received: ReturnType<typeof came>[]): Promise<Body> => {
    assert.equal((await step(one, 'approve')).status, 200)
    const answer = await step(one, 'receive', { lines: received })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body
  }
  const returnsOf = async (id: string): Promise<Body> =>
    (await shop.http('GET', `/orders/${id}/returns`, { as: staff })).body
  const historyOf = async (id: string, as = staff): Promise<Body[]> =>
    (await shop.http('GET', `/orders/${id}/history`, { as })).body.items
  const whatOf = async (id: string) => (await historyOf(id)).map(({ what }) => what)
  const orderOf = async (id: string) => (await shop.http('GET', `/orders/${id}`, { as: staff })).body
  const refunded = (order_id: string, return_id: string, amount: number, inAll = amount) => ({
    order_id,
    return_id,
    payment_id: newId(),
    refund_id: newId(),
    method: 'cash_on_delivery' as const,
    amount: rupees(86_000),
    refunded: rupees(amount),
    refunded_in_all: rupees(inAll),
  })
  const said = async (id: string, ...events: Parameters<typeof shop.published>[0][]) =>
    (await Promise.all(events.map((event) => shop.published(event)))).flat().filter(({ key }) => key === id)

  test('from the request to the money: answers, states, events and history, while the order stays delivered', async () => {
    const { id, as, number } = await delivered()
    const body = { lines: [wish(2), wish(1, 'rice', 'changed_mind')], note: ' the lid\r\nis off ' }
    const { status, body: one } = await shop.http('POST', `/orders/${number}/returns`, { as, body })
    assert.equal(status, 201, JSON.stringify(one))
    assert.deepEqual(
      { ...one, id: '', requested_at: '', updated_at: '' },
      {
        id: '',
        order_id: id,
        order_number: number,
        customer_id: as.id,
        status: 'requested',
        lines: [
          { ...wish(2), name: 'TEA' },
          { ...wish(1, 'RICE', 'changed_mind'), name: 'RICE' },
        ],
        received: [],
        note: 'the lid\nis off',
        refusal: null,
        refund: rupees(41_000),
        refunded: null,
        requested_at: '',
        updated_at: '',
      },
    )
    const { items, returnable } = (await shop.http('GET', `/orders/${id}/returns`, { as })).body
    assert.deepEqual(items, [one])
    assert.deepEqual(returnable.lines, [{ sku: 'TEA', name: 'TEA', quantity: 1 }])

    const received = await back(one, came(1), came(1, 'damaged'))
    assert.deepEqual([received.status, received.refund, received.refunded], ['received', rupees(40_000), null])
    await shop.consume(PaymentRefunded, refunded(id, one.id, 40_000))
    const [end] = (await returnsOf(id)).items
    assert.deepEqual([end.status, end.refunded], ['refunded', rupees(40_000)])
    const order = await orderOf(id)
    assert.deepEqual([order.status, order.payment.status], ['delivered', 'partially_refunded'])

    const steps = (await historyOf(id, as)).slice(4)
    assert.deepEqual(
      steps.map(({ what, reason, by }) => [what, reason, by.who]),
      [
        ['return_requested', '2 × TEA, 1 × RICE', 'you'],
        ['return_approved', '2 × TEA, 1 × RICE', 'shop'],
        ['return_received', '1 × TEA, 1 × TEA', 'shop'],
        ['return_refunded', undefined, 'system'],
      ],
    )
    assert.equal(steps.at(-1)?.cause.type, 'payment.refunded')
    const events = await said(id, ReturnRequested, ReturnApproved, ReturnReceived)
    assert.deepEqual(
      events.map(({ data }) => [data['return_id'], data['number'], data['refund']]),
      [
        [one.id, number, rupees(41_000)],
        [one.id, number, rupees(41_000)],
        [one.id, number, rupees(40_000)],
      ],
    )
    assert.deepEqual(events.at(-1)?.data['received'], [came(1), came(1, 'damaged')])
    assert.equal(JSON.stringify(events).includes('lid'), false, 'the note is in no event')
  })

  test('is refused with words that the buyer reads', async () => {
    const { id, as } = await delivered()
    const one = await asked(id, as, wish(1))
    const { status, body } = await step(one, 'refuse', { reason: 'It was opened.' })
    assert.deepEqual([status, body.status, body.refusal, body.refund], [200, 'refused', 'It was opened.', rupees(0)])
    const last = (await historyOf(id, as)).at(-1)
    assert.deepEqual([last.what, last.reason], ['return_refused', 'It was opened.'])
    const [event] = await said(id, ReturnRefused)
    assert.equal(event?.data['reason'], 'It was opened.')
    assert.equal((await ask(id, as, wish(3))).status, 201, 'it may be asked for again')
  })

  const withdraw = (orderId: string, one: { id: string }) => `/orders/${orderId}/returns/${one.id}/withdraw`

  test('is withdrawn by its buyer, approved or not: answer, state, history and event; pressed again it is that', async () => {
    const { id, as, number } = await delivered()
    const one = await asked(id, as, wish(3), wish(1, 'RICE'))
    assert.equal((await step(one, 'approve')).status, 200)
    const { status, body } = await shop.http('POST', withdraw(number, one), { as })
    assert.deepEqual([status, body.id, body.status, body.refund], [200, one.id, 'withdrawn', rupees(0)])
    const again = await shop.http('POST', withdraw(id, one), { as })
    assert.deepEqual([again.status, again.body], [200, body])

    const last = (await historyOf(id, as)).at(-1)
    assert.deepEqual([last.what, last.reason, last.by.who], ['return_withdrawn', '3 × TEA, 1 × RICE', 'you'])
    assert.equal((await whatOf(id)).filter((what) => what === 'return_withdrawn').length, 1)
    const events = await said(id, ReturnWithdrawn)
    assert.deepEqual(
      events.map(({ data }) => [data['return_id'], data['number'], data['refund']]),
      [[one.id, number, rupees(0)]],
    )
    assert.equal((await step(one, 'receive', { lines: [came(1)] })).body.code, 'not_approved')
    assert.equal((await ask(id, as, wish(3), wish(1, 'RICE'))).status, 201, 'all of it may be asked for again')
    assert.equal((await rowOf(id))['return_open'], true)
  })

  test('what has come or was refused is not withdrawn', async () => {
    const { id, as } = await delivered()
    const [come, refused_] = [await asked(id, as, wish(1)), await asked(id, as, wish(1))]
    await back(come, came(1))
    await step(refused_, 'refuse', { reason: 'no' })
    for (const one of [come, refused_]) {
      const { status, body } = await shop.http('POST', withdraw(id, one), { as })
      assert.deepEqual([status, body.code], [409, 'not_withdrawable'])
    }
    assert.equal((await said(id, ReturnWithdrawn)).length, 0)
  })

  test('withdrawn and received at once: one wins, the other is told', async () => {
    const { id, as } = await delivered()
    const [mine, theirs] = [await shop.tokenFor(as), await shop.tokenFor(staff)].map((token) => ({
      authorization: `Bearer ${token}`,
    }))
    for (let n = 0; n < 3; n += 1) {
      const one = await asked(id, as, wish(1))
      await step(one, 'approve')
      const [kept, come] = await Promise.all([
        shop.http('POST', withdraw(id, one), { headers: mine! }),
        shop.http('POST', `/returns/${one.id}/receive`, { headers: theirs!, body: { lines: [came(1)] } }),
      ])
      assert.deepEqual([kept.status, come.status].toSorted(), [200, 409])
      const [now] = (await returnsOf(id)).items
      assert.equal(now.status, kept.status === 200 ? 'withdrawn' : 'received')
    }
  })

  test('the delivery charge goes back with the last piece', async () => {
    const { id, as } = await delivered()
    const first = await back(await asked(id, as, wish(3)), came(3))
    const last = await back(await asked(id, as, wish(1, 'RICE')), came(1, 'sellable', 'RICE'))
    assert.deepEqual([first.refund, last.refund], [rupees(60_000), rupees(26_000)])
  })

  test('what is not delivered, or long ago, or of a shop that takes nothing back, is refused', async () => {
    const as = { id: newId() }
    const open = await shop.placed(basket({ lines }), as)
    assert.deepEqual((await ask(open.id, as, wish(1))).body.code, 'not_returnable')
    assert.deepEqual((await returnsOf(open.id)).returnable, { until: null, lines: [] })
    await deliver(open.id)
    await shop.service.db`
      update order_history set at = at - interval '15 days' where order_id = ${open.id} and status = 'delivered'`
    const late = await ask(open.id, as, wish(1))
    assert.deepEqual([late.status, late.body.code], [409, 'return_period_over'])
    assert.deepEqual((await returnsOf(open.id)).returnable.lines, [])
    const { published } = shop
    assert.ok(!(await published(ReturnRequested)).some(({ key }) => key === open.id))
  })

  test('bad input names every faulty field, and nothing is taken', async () => {
    const { id, as } = await delivered()
    const send = (body: unknown) => shop.http('POST', `/orders/${id}/returns`, { as, body })
    const cases: [unknown, string[]][] = [
      [{ lines: [] }, ['lines']],
      [{}, ['lines']],
      [{ lines: [wish(-1), wish(1.5), wish(1e9)] }, ['lines[0].quantity', 'lines[1].quantity', 'lines[2].quantity']],
      [{ lines: [wish(1, 'TEA', 'because')] }, ['lines[0].reason']],
      [{ lines: [{ ...wish(1), price: 1 }] }, ['lines[0].price']],
      [{ lines: [wish(1)], refund: 1 }, ['refund']],
      [{ lines: [wish(1)], note: 'x'.repeat(1_001) }, ['note']],
      [{ lines: [wish(4)] }, ['lines[0].quantity']],
      [{ lines: [wish(1, 'SALT')] }, ['lines[0].sku']],
      [{ lines: Array.from({ length: 101 }, () => wish(1)) }, ['lines']],
    ]
    for (const [body, fields] of cases) {
      const answer = await send(body)
      assert.equal(answer.status, 422, JSON.stringify(body))
      assert.deepEqual(
        answer.body.errors.map(({ field }: { field: string }) => field),
        fields,
      )
    }
    assert.deepEqual((await returnsOf(id)).items, [])
  })

  test('asked for twice at once: never more than was delivered', async () => {
    const { id, as } = await delivered()
    const token = await shop.tokenFor(as)
    const send = () =>
      shop.http('POST', `/orders/${id}/returns`, {
        body: { lines: [wish(2)] },
        headers: { authorization: `Bearer ${token}` },
      })
    const answers = await Promise.all([send(), send(), send()])
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 422, 422])
    assert.equal((await returnsOf(id)).items.length, 1)
  })

  test('sent again with its key it is one return', async () => {
    const { id, as } = await delivered()
    const send = () =>
      shop.http('POST', `/orders/${id}/returns`, {
        as,
        body: { lines: [wish(1)] },
        headers: { 'idempotency-key': 'once' },
      })
    const [first, second] = [await send(), await send()]
    assert.equal(second.body.id, first.body.id)
    assert.equal(second.headers.get('idempotency-replayed'), 'true')
    assert.equal((await said(id, ReturnRequested)).length, 1)
  })

  test('approved and refused at once: one wins, the other is told', async () => {
    const { id, as } = await delivered()
    const headers = { authorization: `Bearer ${await shop.tokenFor(staff)}` }
    for (let n = 0; n < 3; n += 1) {
      const one = await asked(id, as, wish(1))
      const [yes, no] = await Promise.all([
        shop.http('POST', `/returns/${one.id}/approve`, { headers }),
        shop.http('POST', `/returns/${one.id}/refuse`, { headers, body: { reason: 'worn' } }),
      ])
      assert.deepEqual([yes.status, no.status].toSorted(), [200, 409])
      const [now] = (await returnsOf(id)).items
      assert.equal(now.status, yes.status === 200 ? 'approved' : 'refused')
      if (now.status === 'approved')
        assert.equal((await step(one, 'refuse', { reason: 'never came', expected_status: 'approved' })).status, 200)
    }
    assert.equal((await said(id, ReturnApproved, ReturnRefused)).length >= 3, true)
  })

  test('received twice at once: once', async () => {
    const { id, as } = await delivered()
    const one = await asked(id, as, wish(1))
    await step(one, 'approve')
    const headers = { authorization: `Bearer ${await shop.tokenFor(staff)}` }
    const receive = () => shop.http('POST', `/returns/${one.id}/receive`, { headers, body: { lines: [came(1)] } })
    const answers = await Promise.all([receive(), receive()])
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409])
    assert.equal((await said(id, ReturnReceived)).length, 1)
  })

  test('the money told twice, or with nothing left, ends a return once', async () => {
    const { id, as } = await delivered()
    const [one, other] = [await asked(id, as, wish(1)), await asked(id, as, wish(1))]
    await back(one, came(1))
    await back(other, came(1))
    const event = refunded(id, one.id, 15_000)
    await shop.consume(PaymentRefunded, event, event)
    const { refunded: _, refunded_in_all: __, refund_id: ___, ...nothing } = event
    await shop.consume(PaymentNothingToRefund, { ...nothing, return_id: other.id })
    const { items } = await returnsOf(id)
    assert.deepEqual(
      items.map(({ status, refunded: gone }: Body) => [status, gone.amount]),
      [
        ['refunded', 0],
        ['refunded', 15_000],
      ],
    )
    assert.deepEqual((await whatOf(id)).slice(-3), ['return_refunded', 'payment_refunded', 'nothing_to_refund'])
    await shop.consume(PaymentRefunded, refunded(id, newId(), 1, 86_000))
    assert.equal((await orderOf(id)).payment.status, 'refunded', 'a return that is not known is money all the same')
  })

  test('refunds of returns and others that come together keep their order', async () => {
    const { id, as } = await delivered()
    const one = await asked(id, as, wish(1))
    await back(one, came(1))
    const { return_id: _, ...byStaff } = refunded(id, '', 66_000, 86_000)
    await shop.consume(PaymentRefunded, refunded(id, one.id, 20_000), byStaff)
    assert.equal((await orderOf(id)).payment.status, 'refunded')
  })

  test('who may: its buyer, its guest and staff; nobody else learns that it is there', async () => {
    const { id, as } = await delivered()
    const guest = await deliveredToGuest()
    const other = await deliveredToGuest()
    const one = await asked(id, as, wish(1))
    const ofGuest = (await shop.ask(guest.link, 'POST', `/orders/${guest.id}/returns`, { lines: [wish(1)] })).body
    const bearer = (person: TestPerson) => (method: string, path: string, body?: unknown) =>
      shop.http(method, path, { as: person, body })
    const who = {
      nobody: (method: string, path: string, body?: unknown) => shop.http(method, path, { body }),
      guest: (method: string, path: string, body?: unknown) => shop.ask(guest.link, method, path, body),
      otherGuest: (method: string, path: string, body?: unknown) => shop.ask(other.link, method, path, body),
      buyer: bearer(as),
      otherBuyer: bearer({ id: newId() }),
      staff: bearer(staff),
      admin: bearer({ id: newId(), role: 'admin' }),
    }
    const body = { lines: [wish(1, 'RICE')] }
    const bad = { lines: [wish(9)] }
    // 422: he may, and asks for too much. 409: staff may, and it is in another state.
    const table: [string, string, unknown, Record<keyof typeof who, number>][] = [
      [
        'GET',
        `/orders/${id}/returns`,
        undefined,
        { nobody: 401, guest: 404, otherGuest: 404, buyer: 200, otherBuyer: 404, staff: 200, admin: 200 },
      ],
      [
        'POST',
        `/orders/${id}/returns`,
        bad,
        { nobody: 401, guest: 404, otherGuest: 404, buyer: 422, otherBuyer: 404, staff: 422, admin: 422 },
      ],
      [
        'GET',
        `/orders/${guest.id}/returns`,
        undefined,
        { nobody: 401, guest: 200, otherGuest: 404, buyer: 404, otherBuyer: 404, staff: 200, admin: 200 },
      ],
      [
        'POST',
        `/orders/${guest.id}/returns`,
        bad,
        { nobody: 401, guest: 422, otherGuest: 404, buyer: 404, otherBuyer: 404, staff: 422, admin: 422 },
      ],
      // 404 of its buyer: of another order there is no such return.
      [
        'POST',
        withdraw(guest.id, one),
        undefined,
        { nobody: 401, guest: 404, otherGuest: 404, buyer: 404, otherBuyer: 404, staff: 404, admin: 404 },
      ],
      [
        'POST',
        withdraw(id, one),
        undefined,
        { nobody: 401, guest: 404, otherGuest: 404, buyer: 200, otherBuyer: 404, staff: 200, admin: 200 },
      ],
      [
        'POST',
        withdraw(guest.id, ofGuest),
        undefined,
        { nobody: 401, guest: 200, otherGuest: 404, buyer: 404, otherBuyer: 404, staff: 200, admin: 200 },
      ],
      [
        'GET',
        '/returns',
        undefined,
        { nobody: 401, guest: 401, otherGuest: 401, buyer: 200, otherBuyer: 200, staff: 200, admin: 200 },
      ],
      [
        'POST',
        `/returns/${one.id}/receive`,
        { lines: [came(1)] },
        { nobody: 401, guest: 401, otherGuest: 401, buyer: 403, otherBuyer: 403, staff: 409, admin: 409 },
      ],
      [
        'POST',
        `/returns/${one.id}/refuse`,
        { reason: 'no', expected_status: 'approved' },
        { nobody: 401, guest: 401, otherGuest: 401, buyer: 403, otherBuyer: 403, staff: 409, admin: 409 },
      ],
      [
        'POST',
        `/returns/${newId()}/approve`,
        undefined,
        { nobody: 401, guest: 401, otherGuest: 401, buyer: 403, otherBuyer: 403, staff: 404, admin: 404 },
      ],
    ]
    for (const [method, path, sent, expected] of table) {
      const seen: Record<string, number> = {}
      for (const [name, send] of Object.entries(who)) seen[name] = (await send(method, path, sent)).status
      assert.deepEqual(seen, expected, `${method} ${path}`)
    }
    assert.equal((await who.guest('POST', `/orders/${guest.id}/returns`, body)).status, 201)
    assert.equal((await who.staff('POST', `/orders/${id}/returns`, body)).status, 201)
    assert.equal((await historyOf(id)).at(-1)?.by.who, 'staff')
    assert.equal((await historyOf(guest.id)).at(-1)?.by.who, 'guest')
  })

  test('staff list them by state, the oldest first, page by page', async () => {
    const { id, as } = await delivered()
    const ids: string[] = []
    for (let n = 0; n < 3; n += 1) ids.push((await asked(id, as, wish(1))).id)
    await step({ id: ids[1]! }, 'approve')
    const list = async (query: string) => (await shop.http('GET', `/returns?${query}`, { as: staff })).body
    const all: string[] = []
    for (let cursor = ''; ; ) {
      const page = await list(`status=requested&limit=2${cursor}`)
      all.push(...page.items.map((one: Body) => one.id))
      if (page.next_cursor === null) break
      cursor = `&cursor=${page.next_cursor}`
    }
    assert.deepEqual(
      all.filter((one) => ids.includes(one)),
      [ids[0], ids[2]],
    )
    assert.ok((await list('status=approved')).items.some((one: Body) => one.id === ids[1]))
    assert.equal((await shop.http('GET', '/returns?status=lost', { as: staff })).status, 400)
    assert.equal((await shop.http('GET', '/returns?cursor=x', { as: staff })).status, 400)
  })

  test('a customer lists his own, page by page, whoever’s he asks for; staff somebody’s', async () => {
    const [mine, theirs] = [await delivered(), await delivered()]
    const ids = [(await asked(mine.id, mine.as, wish(1))).id, (await asked(mine.id, mine.as, wish(1))).id]
    await asked(theirs.id, theirs.as, wish(1))
    const list = async (as: TestPerson, query: string): Promise<Body> =>
      (await shop.http('GET', `/returns?${query}`, { as })).body
    const idsIn = (page: Body) => page.items.map((one: Body) => one.id)
    const first = await list(mine.as, `limit=1&customer=${theirs.as.id}`)
    const rest = await list(mine.as, `limit=1&cursor=${first.next_cursor}`)
    assert.deepEqual([idsIn(first), idsIn(rest), rest.next_cursor], [[ids[0]], [ids[1]], null])
    assert.deepEqual(idsIn(await list(staff, `customer=${mine.as.id}`)), ids)
    assert.deepEqual(idsIn(await list({ id: newId() }, '')), [])
  })

  test('its stream goes on while a return is under way, and ends with it', async () => {
    const { id, as } = await delivered()
    const one = await asked(id, as, wish(1))
    const reading = shop.http('GET', `/orders/${id}/events`, { as })
    await new Promise((resolve) => setTimeout(resolve, 100))
    await step(one, 'refuse', { reason: 'no' })
    const told = [...((await reading).body as string).matchAll(/id: (\d+)\nevent: order/g)].map(([, n]) => n)
    assert.deepEqual(told, ['5', '6'])
    const { status } = await shop.http('GET', `/orders/${id}/events`, { as, headers: { 'last-event-id': '6' } })
    assert.equal(status, 204)
  })

  const rowOf = async (id: string) => (await shop.service.db`select * from orders where id = ${id}`)[0]!
  const noteOf = async (id: string) =>
    (await shop.service.db`select note from returns where order_id = ${id}`)[0]?.['note']

  test('an erased customer is forgotten once his return is over, with what he wrote', async () => {
    const { id, as } = await delivered()
    const body = { lines: [wish(1)], note: 'ring at Sana’s' }
    const one = (await shop.http('POST', `/orders/${id}/returns`, { as, body })).body
    await shop.consume(UserErased, { user_id: as.id, erased_at: new Date().toISOString() })
    assert.deepEqual([(await rowOf(id))['contact'].name, await noteOf(id)], ['Test Person', 'ring at Sana’s'])
    await shop.http('POST', withdraw(id, one), { as: staff })
    assert.deepEqual([(await rowOf(id))['contact'].name, await noteOf(id)], ['', null])
  })

  test('so is a guest who asked for it', async () => {
    const { id, link } = await deliveredToGuest()
    const one = (await shop.ask(link, 'POST', `/orders/${id}/returns`, { lines: [wish(1)], note: 'mine' })).body
    assert.equal((await shop.ask(link, 'DELETE', `/orders/${id}/contact`)).status, 204)
    const forget = () => inTransaction(shop.service.db, (tx) => forgetGuests(tx, 180))
    await forget()
    assert.deepEqual([(await rowOf(id))['contact'].name, await noteOf(id)], ['Sana', 'mine'])
    await step(one, 'refuse', { reason: 'no' })
    await forget()
    await eventually(async () => (await rowOf(id))['contact'].name === '', 'he is forgotten')
    assert.equal(await noteOf(id), null)
    assert.equal((await said(id, OrderGuestForgotten)).length, 1)
  })
})

test('a shop that takes nothing back says so', async () => {
  const shop = await startOrderShop({ RETURN_DAYS: '0' })
  const as = { id: newId() }
  const { id } = await shop.placed(basket(), as)
  await shop.consume(StockReserved, { order_id: id })
  await shop.http('POST', `/orders/${id}/shipments`, { as: staff, body: { carrier: 'TCS', tracking_number: '1' } })
  await shop.http('POST', `/orders/${id}/deliveries`, { as: staff, body: {} })
  const answer = await shop.http('POST', `/orders/${id}/returns`, { as, body: { lines: [wish(1, 'RICE')] } })
  assert.deepEqual([answer.status, answer.body.code], [409, 'not_returnable'])
  const { returnable } = (await shop.http('GET', `/orders/${id}/returns`, { as })).body
  assert.deepEqual(returnable, { until: null, lines: [] })
  await shop.stop()
})
