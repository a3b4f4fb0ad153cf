import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { PaymentFailed, PaymentSucceeded } from '@mart/contracts/events/payment-events'
import { findingOf, findingOfEvent } from '../src/reconciliation/reconciliation.ts'
import { newPayfastOrder, startPayfastShop } from './payfast-fixture.ts'
import { newOrder, startShop } from './payment-fixture.ts'
import { age, reconcile } from './reconciling.ts'

const money = { amount: 150_000, currency: 'PKR' }

test('what agrees is not listed; what differs, is lost, or is open for ever has a name', () => {
  const kindOf = (status: 'open' | 'succeeded' | 'voiding', news: Parameters<typeof findingOf>[1]) =>
    findingOf({ attempt: { status }, payment: money }, news)?.kind ?? null
  const no_answer = { kind: 'no_answer', reason: 'x' } as const
  assert.equal(kindOf('succeeded', { kind: 'paid', money }), null)
  assert.equal(kindOf('succeeded', { kind: 'paid', money: { ...money, amount: 1 } }), 'differs')
  assert.equal(kindOf('open', { kind: 'paid', money: { ...money, currency: 'USD' } }), 'differs')
  assert.equal(kindOf('succeeded', no_answer), 'unconfirmed')
  assert.equal(kindOf('succeeded', { kind: 'expired' }), 'unconfirmed')
  assert.equal(kindOf('open', { kind: 'paid', money }), 'mended')
  assert.equal(kindOf('open', { kind: 'expired' }), 'mended')
  assert.equal(kindOf('voiding', no_answer), 'undecided')
  assert.equal(kindOf('open', { kind: 'declined', reason: 'x' }), 'undecided')
})

test('an event of Stripe’s list is mended, differs, should be here, or is no matter', () => {
  const event = { id: 'evt_1', type: 'payment_intent.succeeded' }
  const kept = { outcome: 'applied', isNew: true, namesThisMart: true, payment: money }
  const kindOf = (fate: Partial<typeof kept> | { outcome: null }, amount = money.amount) =>
    findingOfEvent(event, { kind: 'paid', money: { ...money, amount } }, { ...kept, ...fate })?.kind ?? null
  assert.equal(kindOf({}), 'mended')
  assert.equal(kindOf({}, 1), 'differs')
  assert.equal(kindOf({ isNew: false }), null, 'its webhook came in the meantime')
  assert.equal(kindOf({ outcome: null }), 'missing_here')
  assert.equal(kindOf({ outcome: 'not_ours' }), 'missing_here')
  assert.equal(kindOf({ outcome: 'not_ours', isNew: false }), 'missing_here', 'until it is seen to')
  assert.equal(kindOf({ outcome: 'not_ours', namesThisMart: false }), null)
  assert.equal(kindOf({ outcome: 'ignored' }), null)
  const detailOf = (news: Parameters<typeof findingOfEvent>[1]) => findingOfEvent(event, news, kept)?.detail
  assert.equal(detailOf({ kind: 'expired' }), 'evt_1 payment_intent.succeeded')
  assert.equal(detailOf({ kind: 'paid', money }), 'evt_1 payment_intent.succeeded, 1500.00 PKR')
  assert.equal(
    detailOf({ kind: 'paid', money: { amount: 5, currency: 'JPY' } }),
    'evt_1 payment_intent.succeeded: 5 JPY there, 1500.00 PKR here',
  )
})

describe('reconciliation', () => {
  let shop: Awaited<ReturnType<typeof startPayfastShop>>
  before(async () => {
    shop = await startPayfastShop()
  })
  after(() => shop.stop())

  test('is for staff alone', async () => {
    for (const method of ['GET', 'POST']) {
      assert.equal((await shop.http(method, '/reconciliations')).status, 401)
      const answer = await shop.http(method, '/reconciliations', { as: { id: randomUUID(), role: 'customer' } })
      assert.equal(answer.status, 403)
    }
  })

  test('at PayFast mends what was lost, and lists what stays open and what is not confirmed', async () => {
    const [lost, open, gone] = [newPayfastOrder(), newPayfastOrder(), newPayfastOrder()]
    await shop.control({ drop: true })
    const page = await shop.open(lost)
    await shop.open(open)
    // Before the page is opened: PayFast knows a basket by its day too.
    for (const { order_id } of [lost, open]) await age(shop, order_id)
    await shop.press(await shop.follow(page))
    const paid = await shop.open(gone)
    await shop.press(await shop.follow(paid))
    await shop.pollNow(paid.id)
    await shop.becomes(gone, 'succeeded')
    const { db } = shop.service
    await db`update attempts set session_id = null, provider_payment_id = 'nowhere', created_at = now() - interval '2 days' where id = ${paid.id}`

    const report = await reconcile(shop)
    const kindOf = ({ order_id }: { order_id: string }) =>
      report.findings.find((one) => one.order_id === order_id)?.kind ?? null
    assert.deepEqual([kindOf(lost), kindOf(open), kindOf(gone)], ['mended', 'undecided', 'unconfirmed'])
    assert.equal(report.looked_at, 3)
    const metrics = (await shop.http('GET', '/metrics')).body
    assert.match(metrics, /reconciliation_findings_total\{[^}]*kind="unconfirmed"[^}]*\} 1/)
    assert.equal((await shop.paymentOf(lost))?.['status'], 'succeeded')
    assert.equal((await shop.saidOf(lost, PaymentSucceeded)).length, 1)
    assert.equal((await reconcile(shop)).findings.filter(({ kind }) => kind === 'mended').length, 0)
  })
})

test('reconciliation at Stripe applies a lost webhook as if it had come', async () => {
  const shop = await startShop()
  try {
    const [paid, expired] = [newOrder(), newOrder()]
    await shop.control({ drop: true })
    await shop.pay(await shop.open(paid))
    await shop.stripe.checkout.sessions.expire(await shop.open(expired))
    for (const { order_id } of [paid, expired]) await age(shop, order_id)
    const { findings } = await reconcile(shop)
    assert.deepEqual(new Set(findings.map(({ kind }) => kind)), new Set(['mended']))
    assert.equal((await shop.paymentOf(paid))?.['status'], 'succeeded')
    assert.equal((await shop.saidOf(paid, PaymentSucceeded)).length, 1)
    assert.equal((await shop.saidOf(expired, PaymentFailed)).length, 1)
  } finally {
    await shop.stop()
  }
})

test('reconciliation at Stripe reads what Stripe kept of each charge, once', async () => {
  const shop = await startShop()
  try {
    const order = newOrder()
    await shop.pay(await shop.open(order))
    await shop.becomes(order, 'succeeded')
    assert.deepEqual(await shop.ledgerOf(order), { 'provider:stripe': 150_000, sales: -150_000 })
    for (const _ of [1, 2]) {
      assert.deepEqual((await reconcile(shop)).findings, [])
      const balances = { 'provider:stripe': 145_620, 'fees:stripe': 4_380, sales: -150_000 }
      assert.deepEqual(await shop.ledgerOf(order), balances)
    }
  } finally {
    await shop.stop()
  }
})
