import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { PaymentDisputed, PaymentRefunded, PaymentSucceeded } from '@mart/contracts/events/payment-events'
import { eventually } from '@mart/service-kit/testing'
import { newOrder, startShop, type TestOrder } from './payment-fixture.ts'
import { reconcile } from './reconciling.ts'

type Shop = Awaited<ReturnType<typeof startShop>>
type Report = Awaited<ReturnType<typeof reconcile>>

const typesOf = ({ findings }: Report, { order_id }: TestOrder) =>
  findings
    .filter((finding) => finding.order_id === order_id)
    .map(({ kind, detail }) => `${kind} ${detail.replace(/^evt_\w+ /, '')}`)
    .sort()
const kindsOf = ({ findings }: Report) => findings.map(({ kind }) => kind)

/** The page is closed here, and nobody told Stripe. */
const forget = (shop: Shop, order: TestOrder) => shop.service.db`
  update attempts set status = 'voided' where payment_id = (select id from payments where order_id = ${order.order_id})`

/** What another shop, or this one before its database was lost, has at the same account. */
const strange = (shop: Shop, martId: string) =>
  shop.stripe.checkout.sessions.create({
    mode: 'payment',
    client_reference_id: randomUUID(),
    metadata: { mart_id: martId },
    payment_intent_data: { metadata: { mart_id: martId } },
    line_items: [
      { quantity: 1, price_data: { currency: 'pkr', unit_amount: 90_000, product_data: { name: 'Kettle' } } },
    ],
    success_url: 'http://127.0.0.1/back',
  })

describe('reconciliation reads Stripe’s list of events', () => {
  let shop: Shop
  beforeEach(async () => {
    shop = await startShop()
  })
  afterEach(() => shop.stop())

  const heard = async () => (await shop.service.db`select outcome from provider_events`).map(({ outcome }) => outcome)

  test('late money of a closed attempt, whose every webhook was lost, is found and goes back', async () => {
    const order = newOrder()
    const session = await shop.open(order)
    await forget(shop, order)
    await shop.cancel(order, 'refund')
    await shop.control({ drop: true })
    await shop.pay(session)
    const report = await reconcile(shop)
    assert.deepEqual(typesOf(report, order), [
      'mended checkout.session.completed, 1500.00 PKR',
      'mended payment_intent.succeeded, 1500.00 PKR',
    ])
    assert.equal(report.events_read, 2)
    await eventually(
      async () => (await shop.refundsOf(order))[0]?.['status'] === 'succeeded',
      'the money has gone back',
    )
    assert.equal((await shop.refundsOf(order)).length, 1)
    assert.equal((await shop.saidOf(order, PaymentRefunded)).length, 1)
    assert.match(
      (await shop.http('GET', '/metrics')).body,
      /reconciliation_findings_total\{[^}]*kind="mended"[^}]*\} 2/,
    )
    // The events of the refund were lost as well; that it was ours, and is done, is known.
    assert.deepEqual(new Set(kindsOf(await reconcile(shop))), new Set(['mended']))
    assert.deepEqual((await reconcile(shop)).findings, [])
    assert.equal((await shop.refundsOf(order)).length, 1)
  })

  test('a refund made in the dashboard, and a dispute, are found too', async () => {
    const order = newOrder()
    const session = await shop.open(order)
    await shop.pay(session)
    await shop.becomes(order, 'succeeded')
    await shop.control({ drop: true })
    const { payment_intent } = await shop.stripe.checkout.sessions.retrieve(session)
    await shop.stripe.refunds.create({ payment_intent: String(payment_intent), amount: 50_000 })
    await shop.ask(`/sessions/${session}/dispute`, { reason: 'fraudulent' })
    await reconcile(shop)
    assert.equal((await shop.paymentOf(order))?.['refunded'], 50_000)
    assert.equal((await shop.paymentOf(order))?.['disputed'], true)
    assert.equal((await shop.saidOf(order, PaymentRefunded)).length, 1)
    assert.equal((await shop.saidOf(order, PaymentDisputed)).length, 1)
  })

  test('what came by its webhook is not applied twice, nor listed', async () => {
    const order = newOrder()
    await shop.pay(await shop.open(order))
    await shop.becomes(order, 'succeeded')
    await eventually(async () => (await heard()).length === 4, 'all its webhooks have come')
    const report = await reconcile(shop)
    assert.deepEqual(report.findings, [])
    assert.equal(report.events_read, 2, 'of the kinds that mean something here')
    assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
    assert.equal((await heard()).length, 4)
  })

  test('an event of another mart is left alone, one of this mart without its payment is listed until it is seen to', async () => {
    const [mart] = await shop.service.db`select id from mart`
    await shop.control({ drop: true })
    await shop.pay((await strange(shop, randomUUID())).id)
    assert.deepEqual((await reconcile(shop)).findings, [])
    assert.deepEqual(await heard(), ['not_ours', 'not_ours'])

    await shop.pay((await strange(shop, mart!['id'])).id)
    const { findings } = await reconcile(shop)
    assert.deepEqual(new Set(findings.map(({ kind }) => kind)), new Set(['missing_here']))
    assert.deepEqual(
      findings.map(({ order_id, attempt_id, method }) => [order_id, attempt_id, method]),
      [
        [null, null, 'stripe'],
        [null, null, 'stripe'],
      ],
    )
    // As it is kept when an hour has passed without its payment.
    await shop.service.db`
      insert into provider_events (provider, event_id, type, outcome, payload)
      select 'stripe', subject, 'x', 'not_ours', ${shop.service.db.json({ data: { object: { metadata: { mart_id: mart!['id'] } } } })}
      from reconciliation_findings where kind = 'missing_here' on conflict do nothing`
    assert.deepEqual(kindsOf(await reconcile(shop)), ['missing_here', 'missing_here'])
  })

  test('every page is read: what was lost is behind a hundred others', async () => {
    const order = newOrder()
    const session = await shop.open(order)
    await forget(shop, order)
    await shop.control({ drop: true })
    await shop.pay(session)
    for (let n = 0; n < 120; n++) {
      await shop.stripe.checkout.sessions.expire((await strange(shop, 'other')).id)
    }
    const report = await reconcile(shop)
    assert.equal(report.events_read, 122)
    assert.equal(typesOf(report, order).length, 2)
    assert.equal((await shop.refundsOf(order)).length, 1)
  })

  for (const [what, trouble] of [
    ['is down', { down: true }],
    ['answers a web page', { html_answers: true }],
    ['breaks off in the middle', { half_answers: true }],
  ] as const) {
    test(`a Stripe that ${what} is in the report, and the next one finds what was lost`, async () => {
      const order = newOrder()
      const session = await shop.open(order)
      await forget(shop, order)
      await shop.control({ drop: true })
      await shop.pay(session)
      await shop.control({ drop: true, ...trouble })
      const { findings, events_read, finished_at } = await reconcile(shop)
      assert.deepEqual(
        findings.map(({ kind, order_id }) => [kind, order_id]),
        [['not_compared', null]],
      )
      assert.match(findings[0]!.detail, /Stripe’s list of events: ./)
      assert.ok(events_read === 0 && finished_at)
      const { body: metrics } = await shop.http('GET', '/metrics')
      assert.match(metrics, /reconciliation_findings_total\{[^}]*kind="not_compared"[^}]*\} [1-9]/)
      await shop.control({ drop: true })
      assert.equal(typesOf(await reconcile(shop), order).length, 2)
    })
  }

  test('one payment that can’t be written holds up no other, and is listed', async () => {
    const [bad, good] = [newOrder(), newOrder()]
    const sessions = await shop.openAll([bad, good])
    await shop.control({ drop: true })
    for (const session of sessions) await shop.pay(session)
    const { db } = shop.service
    await db.unsafe(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'refused on purpose'; end $$;
      create trigger refuse before update on payments for each row when (old.order_id = '${bad.order_id}')
        execute function refuse();
      update attempts set created_at = now() - interval '2 hours';`)
    const report = await reconcile(shop)
    assert.deepEqual(typesOf(report, good).length, 2)
    assert.deepEqual(typesOf(report, bad), ['not_compared a fault of ours: the log says which'])
    assert.equal(kindsOf(report).filter((kind) => kind === 'not_compared').length, 3, 'two events and an attempt')
    assert.equal((await shop.paymentOf(good))?.['status'], 'succeeded')
    await db`drop trigger refuse on payments`
    assert.equal(typesOf(await reconcile(shop), bad).length, 2)
    assert.equal((await shop.paymentOf(bad))?.['status'], 'succeeded')
  })

  test('a reconciliation that broke off begins anew, and its report says only what is still so', async () => {
    const order = newOrder()
    await shop.pay(await shop.open(order))
    await shop.becomes(order, 'succeeded')
    const { db } = shop.service
    await reconcile(shop) // The clock's own is finished by then.
    const id = randomUUID()
    await db`
      with broken_off as (
        insert into reconciliations (id, lease_until, looked_at, events_read)
        values (${id}, now() - interval '1 second', 7, 700))
      insert into reconciliation_findings (reconciliation_id, subject, method, kind, detail) values
        (${id}, 'events', 'stripe', 'not_compared', 'Stripe was away'), (${id}, 'evt_1', 'stripe', 'mended', 'evt_1')`
    let report: Record<string, unknown> = {}
    await eventually(async () => {
      report = (await db`select * from reconciliations where id = ${id}`)[0] ?? {}
      return report['finished_at'] !== null
    }, 'it is finished')
    assert.equal(report['looked_at'], 1)
    const left = await db`select kind from reconciliation_findings where reconciliation_id = ${id}`
    assert.deepEqual(
      left.map(({ kind }) => kind),
      ['mended'],
    )
  })
})
