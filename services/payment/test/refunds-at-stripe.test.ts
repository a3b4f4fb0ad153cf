import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import {
  PaymentDisputeClosed,
  PaymentDisputed,
  PaymentRefunded,
  PaymentRefundNeeded,
} from '@mart/contracts/events/payment-events'
import { eventually } from '@mart/service-kit/testing'
import { moneyChecks } from '@mart/tools/books/money-checks'
import { newOrder, staff, startShop, type TestOrder } from './payment-fixture.ts'

describe('a refund at Stripe', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  before(async () => {
    shop = await startShop()
  })
  afterEach(() => shop.control({}))
  after(() => shop.stop())

  async function paidOrder(how: object = {}): Promise<{ order: TestOrder; sessionId: string; charge: string }> {
    const order = newOrder()
    const sessionId = await shop.open(order)
    await shop.pay(sessionId, how)
    await shop.becomes(order, 'succeeded')
    const [attempt] = await shop.attemptsOf(order)
    return { order, sessionId, charge: attempt?.['provider_payment_id'] }
  }
  const ask = async (order: TestOrder, amount: number, key: string = randomUUID()) => {
    const id = (await shop.paymentOf(order))?.['id']
    const body = { amount: { amount, currency: 'PKR' }, reason: 'a broken jar' }
    return await shop.http('POST', `/payments/${id}/refunds`, { as: staff, body, headers: { 'idempotency-key': key } })
  }
  const atStripe = async (charge: string) => (await shop.stripe.refunds.list({ payment_intent: charge })).data
  const isRefunded = (order: TestOrder, amount: number) =>
    eventually(async () => (await shop.paymentOf(order))?.['refunded'] === amount, `${amount} went back`)

  test('whose notification overtakes its answer is made, recorded and told once', async () => {
    const { order, charge } = await paidOrder()
    await shop.control({ answer_delay_ms: 800 })
    await ask(order, 50_000)
    await isRefunded(order, 50_000)
    assert.equal((await shop.refundsOf(order))[0]?.['status'], 'succeeded')
    await eventually(async () => (await shop.callsOf(order)).length === 0, 'no call is left')
    assert.equal((await atStripe(charge)).length, 1)
    assert.equal((await shop.saidOf(order, PaymentRefunded)).length, 1)
    assert.equal((await shop.refundsOf(order)).length, 1)
  })

  test('of which there are two, and the first is told again, keeps both sums', async () => {
    const { order, charge } = await paidOrder()
    await ask(order, 50_000)
    await isRefunded(order, 50_000)
    await ask(order, 30_000)
    await isRefunded(order, 80_000)
    const first = (await atStripe(charge)).at(-1) ?? {}
    const answers = await Promise.all([1, 2, 3].map(() => shop.notify('refund.updated', first)))
    assert.ok(answers.every(({ status }) => status === 200))
    assert.equal((await shop.paymentOf(order))?.['refunded'], 80_000)
    assert.equal((await shop.saidOf(order, PaymentRefunded)).length, 2)
  })

  test('whose answer is lost is repeated with its key, and made once', async () => {
    const { order, charge } = await paidOrder()
    await shop.control({ fail_after_doing: 1, drop: true })
    await ask(order, 150_000)
    await shop.becomes(order, 'refunded')
    assert.equal((await atStripe(charge)).length, 1)
  })

  test('that waits while Stripe is down is made when it is up', async () => {
    const { order, charge } = await paidOrder()
    await shop.control({ down: true })
    assert.equal((await ask(order, 150_000)).status, 201)
    await eventually(async () => (await shop.callsOf(order))[0]?.['tries'] > 0, 'it failed once')
    await shop.control({})
    await shop.becomes(order, 'refunded')
    assert.equal((await atStripe(charge)).length, 1)
  })

  test('that was pending and succeeds is told then', async () => {
    const { order, charge } = await paidOrder({ card_number: '4000000000007726' })
    await ask(order, 150_000)
    await eventually(async () => (await shop.refundsOf(order))[0]?.['status'] === 'pending', 'it is pending')
    assert.deepEqual(await shop.saidOf(order, PaymentRefunded), [])
    const [made] = await atStripe(charge)
    await shop.ask(`/refunds/${made?.id}/async`, { outcome: 'succeeded' })
    await shop.becomes(order, 'refunded')
    assert.equal((await shop.saidOf(order, PaymentRefunded)).length, 1)
  })

  test('that fails after it had succeeded is a task, and the ledger has it back', async () => {
    const { order, charge } = await paidOrder({ card_number: '4000000000005126' })
    await ask(order, 150_000)
    await shop.becomes(order, 'refunded')
    assert.deepEqual(await shop.ledgerOf(order), { sales: -150_000, refunds: 150_000 })
    const [made] = await atStripe(charge)
    await shop.ask(`/refunds/${made?.id}/async`, { outcome: 'failed' })
    await shop.becomes(order, 'succeeded')
    const [task, ...more] = await shop.tasksOf(order)
    assert.deepEqual([task?.['amount'], task?.['kind'], more.length], [150_000, 'refund', 0])
    assert.equal((await shop.saidOf(order, PaymentRefundNeeded)).length, 1)
    assert.deepEqual(await shop.ledgerOf(order), {
      'provider:stripe': 150_000,
      sales: -150_000,
      refunds: 150_000,
      customer: -150_000,
    })
  })

  test('that staff make at Stripe itself is found and counted', async () => {
    const { order, charge } = await paidOrder()
    await shop.stripe.refunds.create({ payment_intent: charge, amount: 20_000 })
    await isRefunded(order, 20_000)
    assert.equal((await ask(order, 130_001)).body.code, 'refund_exceeds')
  })

  test('asked for twice at the same moment never sends more than there is', async () => {
    const { order, charge } = await paidOrder()
    const key = randomUUID()
    const answers = await Promise.all([
      ask(order, 100_000, key),
      ask(order, 100_000, key),
      ask(order, 100_000),
      ask(order, 100_000),
    ])
    assert.equal(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id)).size, 1)
    await isRefunded(order, 100_000)
    assert.equal(
      (await atStripe(charge)).reduce((sum, { amount }) => sum + amount, 0),
      100_000,
    )
  })

  test('of a second success is made at once, and one of the two stays', async () => {
    const order = newOrder()
    const first = await shop.open(order)
    await shop.control({ drop: true })
    await shop.pay(first)
    await shop.service.db`
      update attempts set status = 'expired'
      where payment_id = (select id from payments where order_id = ${order.order_id})`
    const second = await shop.open(order, 2)
    await shop.control({})
    await shop.pay(second)
    await shop.becomes(order, 'succeeded')
    const session = await shop.stripe.checkout.sessions.retrieve(first)
    await shop.notify('checkout.session.completed', session)
    await eventually(async () => (await shop.refundsOf(order))[0]?.['status'] === 'succeeded', 'it went back')
    const [refund, ...more] = await shop.refundsOf(order)
    assert.deepEqual([refund?.['reason'], refund?.['amount'], more.length], ['paid_twice', 150_000, 0])
    assert.equal((await shop.paymentOf(order))?.['status'], 'succeeded')
    assert.deepEqual(await shop.ledgerOf(order), { 'provider:stripe': 150_000, sales: -150_000 })
  })

  test('is left to people while the bank decides a dispute, whose end is told', async () => {
    for (const outcome of ['won', 'lost']) {
      const { order, sessionId } = await paidOrder()
      const answer = await shop.ask(`/sessions/${sessionId}/dispute`, { reason: 'fraudulent' })
      const { dispute } = answer.body as { dispute: { id: string } }
      await eventually(async () => (await shop.paymentOf(order))?.['disputed'] === true, 'it is disputed')
      await ask(order, 1_000)
      assert.equal((await shop.tasksOf(order)).length, 1)
      await shop.ask(`/disputes/${dispute.id}/close`, { outcome })
      await eventually(async () => (await shop.saidOf(order, PaymentDisputeClosed)).length === 1, 'its end is told')
      const [closed] = await shop.saidOf(order, PaymentDisputeClosed)
      assert.equal(closed?.['won'], outcome === 'won')
      assert.equal((await shop.paymentOf(order))?.['disputed'], outcome === 'lost')
      assert.equal((await shop.saidOf(order, PaymentDisputed)).length, 1)
      assert.equal((await shop.ledgerOf(order))['disputes'], outcome === 'lost' ? 150_000 : undefined)
    }
  })

  test('or however else money moved, leaves books that hold', async () => {
    for (const { says, check } of moneyChecks) {
      const ledgers = { payment: shop.service.db } as unknown as Parameters<typeof check>[0]
      assert.deepEqual(await check(ledgers, {} as Parameters<typeof check>[1]), [], says)
    }
    await shop.service.db`update payments set refunded = refunded + 1 where status = 'succeeded'`
    const recomputed = moneyChecks.find(({ says }) => says.includes('recomputes'))
    const ledgers = { payment: shop.service.db } as unknown as Parameters<NonNullable<typeof recomputed>['check']>[0]
    assert.match(String(await recomputed?.check(ledgers, {} as never)), /by the ledger/)
  })
})
