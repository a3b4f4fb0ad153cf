import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { collectCash } from '../src/cash/cash.ts'
import type { News } from '../src/provider-news.ts'
import { minutes, NOW, paid, TOTAL, telling } from './telling.ts'

const rupees = (amount: number) => ({ amount, currency: 'PKR' })
const paidStory = () => telling().opens(1).consumes(1, paid(), { charge: 'pi_1' })
const done = (id: string) => ({ kind: 'succeeded', providerRefundId: id }) as const
const notified = (
  refundId: string | null,
  providerRefundId: string,
  status: 'pending' | 'succeeded' | 'failed',
  amount = TOTAL.amount,
): News => ({ kind: 'refund', refundId, providerRefundId, status, money: rupees(amount), reason: 'lost card' })
const count = (told: ReturnType<typeof telling>, type: string) => told.types().filter((one) => one === type).length

describe('a refund', () => {
  test('is written down, called for once, and told with its sums', () => {
    const told = paidStory()
    const id = told.asksBack(50_000)
    assert.deepEqual(told.types().slice(2), [])
    const called = told.refunds(done('re_1'))
    assert.deepEqual([called?.id, called?.status, called?.provider_payment_id], [id, 'calling', 'pi_1'])
    assert.equal(told.refunds(), null)
    assert.equal(told.record().payment.status, 'partially_refunded')
    told.asksBack()
    told.refunds(done('re_2'))
    assert.equal(told.record().payment.status, 'refunded')
    assert.deepEqual(told.last()['refunded'], rupees(100_000))
    assert.deepEqual(told.last()['refunded_in_all'], TOTAL)
    assert.equal(count(told, 'payment.refunded'), 2)
  })

  test('above what is left is refused, counting what is only asked for', () => {
    const told = paidStory()
    told.asksBack(100_000)
    assert.throws(() => told.asksBack(50_001), { code: 'refund_exceeds' })
    told.asksBack()
    assert.throws(() => told.asksBack(), { code: 'nothing_to_refund' })
    assert.throws(() => paidStory().asksBack(0), { status: 422 })
    assert.throws(() => telling().opens(1).asksBack(), { code: 'nothing_to_refund' })
  })

  test('that a notification tells before the answer comes is recorded once', () => {
    const told = paidStory()
    const id = told.asksBack()
    told.refunds()
    told.consumes(1, notified(id, 're_1', 'succeeded'), { charge: 'pi_1' })
    const before = told.record()
    told.answers(id, done('re_1')).consumes(1, notified(id, 're_1', 'pending'), { charge: 'pi_1' })
    told.answers(id, { kind: 'no_answer', reason: 'late' }).answers(id, { kind: 'unknown', reason: 'late' })
    assert.deepEqual(told.record(), before)
    assert.equal(count(told, 'payment.refunded'), 1)
  })

  test('in two parts, of which the first is told again, keeps both', () => {
    const told = paidStory()
    const first = told.asksBack(50_000)
    told.refunds(done('re_1'))
    const second = told.asksBack(30_000)
    told.refunds(done('re_2'))
    told.consumes(1, notified(first, 're_1', 'succeeded', 50_000), { charge: 'pi_1' })
    told.consumes(1, { kind: 'refunded_in_all', money: rupees(80_000) }, { charge: 'pi_1' })
    told.consumes(1, { kind: 'refunded_in_all', money: rupees(50_000) }, { charge: 'pi_1' })
    assert.equal(told.record().payment.refunded, 80_000)
    assert.equal(told.attempt(1).refunded_there, 80_000)
    assert.deepEqual(
      told.record().refunds.map(({ id, provider_refund_id }) => [id, provider_refund_id]),
      [
        [first, 're_1'],
        [second, 're_2'],
      ],
    )
  })

  test('without an answer is repeated with the same key; where the key is used up, with the next', () => {
    const told = paidStory()
    const id = told.asksBack()
    told.refunds({ kind: 'no_answer', reason: 'Stripe is down' })
    assert.equal(told.refunds(), null)
    const again = told.refunds({ kind: 'nothing_made', reason: 'a failure was kept' }, minutes(1))
    assert.deepEqual([again?.id, again?.status, again?.key_number], [id, 'calling', 1])
    assert.equal(told.refunds(done('re_1'), minutes(2))?.key_number, 2)
    assert.equal(told.record().payment.status, 'refunded')
  })

  test('without an answer for as long as keys are remembered is left to a person', () => {
    const told = paidStory()
    told.asksBack()
    told.refunds({ kind: 'no_answer', reason: 'Stripe is down' }, minutes(21 * 60))
    assert.equal(told.record().refunds[0]?.status, 'unknown')
    assert.equal(told.last()['reason'], 'refunded_by_shop', 'staff’s own words travel in no event')
    assert.equal(told.refunds(undefined, minutes(30 * 60)), null)
  })

  test('at PayFast that is unknown, or was under way when we crashed, is never repeated: a person looks', () => {
    for (const crash of [false, true]) {
      const told = telling('payfast').asks(1, 'payfast')
      told.called()
      told.consumes(1, paid(), { charge: 'pf_1' })
      const id = told.asksBack()
      told.refunds(crash ? undefined : { kind: 'unknown', reason: 'no answer in 55 s' })
      assert.equal(told.refunds(undefined, minutes(3)), null)
      assert.equal(told.record().refunds[0]?.status, 'unknown')
      assert.equal(count(told, 'payment.refund_needed'), 1)
      assert.throws(() => told.asksBack(), { code: 'nothing_to_refund' })
      told.answers(id, done('rf_1'))
      assert.equal(told.record().payment.status, 'refunded')
      assert.ok(told.record().tasks[0]?.done_at, 'its task is closed by the truth')
    }
  })

  test('at PayFast whose call certainly did nothing is called again', () => {
    const told = telling('payfast').asks(1, 'payfast')
    told.called()
    told.consumes(1, paid(), { charge: 'pf_1' }).asksBack()
    told.refunds({ kind: 'no_answer', reason: 'no token' })
    assert.equal(told.refunds(done('rf_1'), minutes(1))?.status, 'calling')
    assert.equal(told.record().payment.status, 'refunded')
  })

  test('that the provider refuses becomes a task; done by hand it is told, and then nothing moves it', () => {
    const told = paidStory()
    const id = told.asksBack()
    told.refunds({ kind: 'failed', reason: 'the card is closed' })
    const [task] = told.record().tasks
    assert.deepEqual([task?.refund_id, task?.amount, task?.provider_payment_id], [id, TOTAL.amount, 'pi_1'])
    assert.equal(told.last()['refund_task_id'], task?.id)
    assert.throws(() => told.asksBack(), { code: 'nothing_to_refund' })
    told.finishes(task?.id ?? '')
    assert.equal(told.record().payment.status, 'refunded')
    const before = told.record()
    told.answers(id, { kind: 'failed', reason: 'again' })
    assert.deepEqual(told.record(), before)
    assert.throws(() => told.finishes(task?.id ?? ''), { code: 'already_done' })
  })

  test('that had succeeded and fails later becomes a task, and an older success changes nothing', () => {
    const told = paidStory()
    const id = told.asksBack()
    told.refunds(done('re_1'))
    told.consumes(1, notified(id, 're_1', 'failed'), { charge: 'pi_1' })
    told.consumes(1, notified(id, 're_1', 'succeeded'), { charge: 'pi_1' })
    assert.deepEqual([told.record().payment.status, told.record().payment.refunded], ['succeeded', 0])
    assert.deepEqual([told.record().tasks.length, count(told, 'payment.refund_needed')], [1, 1])
  })

  test('that staff made at the provider closes its task, or is written down as one more', () => {
    const told = paidStory()
    told.asksBack(50_000)
    told.refunds({ kind: 'failed', reason: 'no balance' })
    told.consumes(1, notified(null, 're_hand', 'succeeded', 50_000), { charge: 'pi_1' })
    assert.equal(told.record().payment.refunded, 50_000)
    assert.ok(told.record().tasks[0]?.done_at)
    told.consumes(1, notified(null, 're_other', 'succeeded', 20_000), { charge: 'pi_1' })
    told.consumes(1, notified(null, 're_other', 'succeeded', 20_000), { charge: 'pi_1' })
    assert.equal(told.record().payment.refunded, 70_000)
    assert.throws(() => told.asksBack(80_001), { code: 'refund_exceeds' })
    told.consumes(1, notified(null, 're_alien', 'succeeded', 1), { charge: 'pi_alien' })
    assert.equal(told.alarms.length, 1)
  })

  test('that Stripe made twice for one of ours rings', () => {
    const told = paidStory()
    const id = told.asksBack()
    told.refunds(done('re_1'))
    told.consumes(1, notified(id, 're_2', 'succeeded'), { charge: 'pi_1' })
    assert.equal(told.alarms.length, 1)
    assert.equal(told.record().payment.refunded, TOTAL.amount)
  })

  test('that is pending is looked at again after an hour', () => {
    const told = paidStory()
    told.asksBack()
    told.refunds({ kind: 'pending', providerRefundId: 're_1' })
    assert.equal(told.refunds(undefined, minutes(59)), null)
    assert.equal(told.refunds(done('re_1'), minutes(61))?.provider_refund_id, 're_1')
    assert.equal(told.record().payment.status, 'refunded')
  })

  test('of money that came twice does not make the order look refunded', () => {
    const told = telling().opens(1).consumes(1, { kind: 'expired' }).opens(2)
    told.consumes(2, paid(), { charge: 'pi_2' }).consumes(1, paid(), { charge: 'pi_1' })
    told.refunds(done('re_1'))
    assert.deepEqual(told.last()['refunded'], TOTAL)
    assert.deepEqual(told.last()['refunded_in_all'], rupees(0))
    assert.equal(told.record().payment.status, 'succeeded')
  })

  test('of late money makes the payment of a cancelled order refunded, after the cancellation is answered', () => {
    const told = telling().opens(1).cancels('refund').consumes(1, paid(), { charge: 'pi_1' })
    told.refunds(done('re_1'))
    assert.equal(told.record().payment.status, 'refunded')
    assert.deepEqual(told.types().slice(1), ['payment.voided', 'payment.refunded'])
    assert.deepEqual(told.last()['refunded_in_all'], TOTAL)
  })

  test('waits while a cancellation waits for another page', () => {
    const told = telling().opens(1).asks(2).consumes(1, { kind: 'expired' })
    told.called()
    told.consumes(2, { kind: 'opened', url: 'u', link: 'l' }, { sessionId: 'cs_2' }).cancels('refund')
    told.consumes(1, paid(), { charge: 'pi_1' })
    assert.equal(told.refunds(), null)
    told.consumes(2, { kind: 'expired' })
    assert.equal(told.last()['refunding'], true)
    assert.equal(told.refunds(done('re_1'))?.provider_payment_id, 'pi_1')
  })

  test('of cash is for people from the beginning, and takes back what was collected', () => {
    const told = telling('cash_on_delivery').asks(1, 'cash_on_delivery')
    const delivery = { collected: null, carrier: 'TCS', deliveredAt: NOW }
    told.take(collectCash(told.record(), delivery, told.moment()))
    told.asksBack()
    assert.equal(told.refunds(), null)
    told.finishes(told.record().tasks[0]?.id ?? '')
    assert.equal(told.record().payment.status, 'refunded')
  })
})

describe('a dispute', () => {
  const disputed: News = { kind: 'disputed', money: TOTAL, reason: 'fraudulent' }
  const closed = (won: boolean): News => ({ kind: 'dispute_closed', money: TOTAL, reason: 'fraudulent', won })
  const about = { charge: 'pi_1' }

  test('is told once, and refunds nothing by itself', () => {
    const told = paidStory().consumes(1, disputed, about).consumes(1, disputed, about)
    assert.equal(count(told, 'payment.disputed'), 1)
    assert.deepEqual([told.record().payment.status, told.record().payment.disputed], ['succeeded', true])
    assert.deepEqual(told.record().refunds, [])
  })

  test('leaves refunds to people, who can see what the bank does', () => {
    const told = paidStory()
    told.asksBack(1)
    told.consumes(1, disputed, about).asksBack(2)
    assert.equal(told.refunds(), null)
    assert.equal(told.record().tasks.length, 2)
  })

  for (const won of [true, false]) {
    test(`that is ${won ? 'won' : 'lost'} says so, also when its end is heard first`, () => {
      const told = paidStory()
        .consumes(1, closed(won), about)
        .consumes(1, disputed, about)
        .consumes(1, closed(!won), about)
      assert.deepEqual(told.types().slice(2), ['payment.disputed', 'payment.dispute_closed'])
      assert.equal(told.last()['won'], won)
      assert.equal(told.record().payment.disputed, !won)
    })
  }
})
