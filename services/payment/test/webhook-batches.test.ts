import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PaymentFailed, PaymentSucceeded } from '@mart/contracts/events/payment-events'
import { eventually } from '@mart/service-kit/testing'
import { newOrder, notification, startShop, type TestOrder } from './payment-fixture.ts'

describe('Stripe’s notifications that arrive together', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  let martId: string
  before(async () => {
    shop = await startShop()
    await shop.control({ drop: true })
    martId = (await shop.service.db`select id from mart`)[0]?.['id']
  })
  after(() => shop.stop())

  interface Paid {
    readonly order: TestOrder
    readonly sent: ReturnType<typeof notification>
  }

  /** Orders whose pages are open, and what Stripe would say once they are paid. */
  async function opened(count: number, id = (order: TestOrder) => `evt_${order.order_id}`): Promise<Paid[]> {
    const orders = Array.from({ length: count }, () => newOrder())
    const sessionIds = await shop.openAll(orders)
    return await Promise.all(
      orders.map(async (order, place) => {
        const [attempt] = await shop.attemptsOf(order)
        const session = {
          id: sessionIds[place],
          payment_status: 'paid',
          payment_intent: `pi_${order.order_id}`,
          amount_total: order.total.amount,
          currency: order.total.currency.toLowerCase(),
          client_reference_id: attempt?.['id'],
        }
        return { order, sent: notification('checkout.session.completed', session, { id: id(order) }) }
      }),
    )
  }

  const strange = (object: object) =>
    notification('checkout.session.completed', {
      id: `cs_${randomUUID()}`,
      payment_status: 'paid',
      amount_total: 150_000,
      currency: 'pkr',
      ...object,
    })
  const post = ({ body, headers }: Paid['sent']) => shop.http('POST', '/webhooks/stripe', { body, headers })
  const waitingFor = (count: number) =>
    eventually(async () => {
      const rows = await shop.service.db`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      return rows.length >= count
    }, 'a transaction waits for a lock')

  /** Posts `first`, whose payment is locked, and the rest while it waits: they make one batch. */
  async function together(first: Paid, rest: readonly Paid['sent'][]) {
    const answers = await shop.service.db.begin(async (tx) => {
      await tx`select from payments where order_id = ${first.order.order_id} for update`
      const posted = [first.sent, ...rest].map(post)
      await waitingFor(1)
      await sleep(100)
      return posted
    })
    return (await Promise.all(answers)).map(({ status }) => status)
  }

  test('each has its own answer: news, repeats, another mart’s, one that is too early', async () => {
    const paid = await opened(6)
    const [first, second] = paid
    const answers = await together(first!, [
      ...paid.slice(1).map(({ sent }) => sent),
      second!.sent,
      strange({ client_reference_id: randomUUID(), metadata: { mart_id: martId } }),
      strange({ client_reference_id: randomUUID(), metadata: { mart_id: randomUUID() } }),
      // It names nothing of ours, and stands beside attempts that have no charge yet.
      strange({}),
    ])
    assert.deepEqual(answers, [...paid.map(() => 200), 200, 404, 200, 200])
    for (const { order } of paid) {
      assert.equal((await shop.paymentOf(order))?.['status'], 'succeeded')
      assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
      assert.deepEqual(await shop.ledgerOf(order), { 'provider:stripe': 150_000, sales: -150_000 })
    }
  })

  test('what names a charge alone finds the payment that another of them brings this charge to', async () => {
    const [first, other] = await opened(2)
    const charge = `pi_${other!.order.order_id}`
    const dispute = { id: 'dp_1', payment_intent: charge, amount: 150_000, currency: 'pkr', reason: 'fraudulent' }
    const disputed = notification('charge.dispute.created', dispute)
    assert.deepEqual(await together(first!, [other!.sent, disputed]), [200, 200, 200])
    const row = await shop.paymentOf(other!.order)
    assert.deepEqual([row?.['status'], row?.['disputed']], ['succeeded', true])
  })

  test('a decline that comes twice at once is told once', async () => {
    const [first, other] = await opened(2)
    const [attempt] = await shop.attemptsOf(other!.order)
    const metadata = { attempt_id: attempt?.['id'], mart_id: martId }
    const intent = { id: `pi_${other!.order.order_id}`, metadata, last_payment_error: { message: 'no funds' } }
    const declined = notification('payment_intent.payment_failed', intent)
    assert.deepEqual(await together(first!, [declined, declined]), [200, 200, 200])
    assert.equal((await shop.saidOf(other!.order, PaymentFailed)).length, 1)
  })

  test('several of one payment do what they mean one after the other', async () => {
    const [first, other] = await opened(2)
    const { id, ...session } = JSON.parse(other!.sent.body).data.object
    const late = notification('checkout.session.completed', { id, ...session, payment_intent: 'pi_second_money' })
    assert.deepEqual(await together(first!, [other!.sent, late]), [200, 200, 200])
    const [row] = await shop.service.db<{ n: number }[]>`
      select count(*)::int as n from refunds where provider_payment_id = 'pi_second_money' and is_extra`
    assert.equal(row?.n, 1, 'money that came a second time goes back')
    assert.equal((await shop.saidOf(other!.order, PaymentSucceeded)).length, 1)
  })

  test('one that can’t be applied takes no other with it', async () => {
    const [first, ...paid] = await opened(4)
    const [poison] = await opened(1, (order) => `evt_poison_${order.order_id}`)
    const { db } = shop.service
    await db`
      create function poison() returns trigger language plpgsql as $$
      begin if new.event_id like 'evt_poison%' then raise 'broken'; end if; return new; end $$`
    await db`create trigger poison before insert on provider_events for each row execute function poison()`
    const answers = await together(
      first!,
      [paid[0]!, poison!, paid[1]!, paid[2]!].map(({ sent }) => sent),
    )
    await db`drop trigger poison on provider_events`
    assert.deepEqual(answers, [200, 200, 500, 200, 200])
    for (const { order } of paid) assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
    assert.equal((await shop.paymentOf(poison!.order))?.['status'], 'action_required')
    assert.equal((await post(poison!.sent)).status, 200)
  })

  test('somebody who locks two of their payments the other way round is no end', async () => {
    const [first, ...paid] = await opened(3)
    const { db } = shop.service
    const [one, two] = await db<{ id: string }[]>`
      select id from payments where order_id = any(${paid.map(({ order }) => order.order_id)}::uuid[]) order by id`
    const other = db.begin(async (tx) => {
      await tx`select from payments where id = ${two!.id} for update`
      const blocked = () => tx`select from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))`
      await eventually(async () => (await blocked()).length > 0, 'the batch waits for us')
      await tx`select from payments where id = ${one!.id} for update`
    })
    const ended = other.then(
      () => 'granted',
      (error) => error.code,
    )
    const answers = await together(
      first!,
      paid.map(({ sent }) => sent),
    )
    assert.ok(['granted', '40P01'].includes(await ended))
    assert.deepEqual(answers, [200, 200, 200])
    for (const { order } of paid) assert.equal((await shop.saidOf(order, PaymentSucceeded)).length, 1)
  })
})
