import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Money } from '@mart/contracts/money'
import { collectCash } from '../src/cash/cash.ts'
import { closeOrder } from '../src/payment-moves.ts'
import { minutes, NOW, paid, TOTAL, telling } from './telling.ts'

describe('an attempt', () => {
  test('is written down, called, opened, and tells the buyer where to go', () => {
    const told = telling().asks(1)
    assert.equal(told.record().payment.status, 'pending')
    assert.equal(told.attempt(1).status, 'created')
    assert.equal(told.called()?.status, 'calling')
    told.consumes(1, { kind: 'opened', url: 'https://pay/1', link: 'https://shop/go' }, { sessionId: 'cs_1' })
    assert.equal(told.record().payment.status, 'action_required')
    assert.equal(told.attempt(1).session_id, 'cs_1')
    assert.deepEqual(told.types(), ['payment.action_required'])
    assert.equal(told.last()['url'], 'https://shop/go')
  })

  test('is asked for once: the same or an older number does nothing', () => {
    const told = telling().opens(2)
    const before = told.record()
    told.asks(2).asks(1)
    assert.deepEqual(told.record(), before)
  })

  test('is under a lease while it is called, and is called again when the lease is over', () => {
    const told = telling().asks(1)
    assert.ok(told.called())
    assert.equal(told.called(), null)
    assert.equal(told.called(minutes(2))?.status, 'calling')
  })

  test('is called again with growing pauses while nobody answers', () => {
    const told = telling().asks(1)
    told.called()
    told.consumes(1, { kind: 'no_answer', reason: 'socket closed' })
    assert.equal(told.call(1)?.due_at.getTime(), NOW.getTime() + 500)
    told.called(minutes(1))
    told.consumes(1, { kind: 'no_answer', reason: 'socket closed' }, {}, minutes(1))
    assert.equal(told.call(1)?.due_at.getTime(), minutes(1).getTime() + 1_000)
    assert.equal(told.attempt(1).error, 'socket closed')
    assert.deepEqual(told.types(), [])
  })

  test('never starts after it is due', () => {
    const told = telling().asks(1)
    assert.equal(told.called(minutes(30)), null)
    assert.equal(told.attempt(1).status, 'expired')
    assert.deepEqual(told.types(), [])
  })

  test('whose call was lost is ended, not opened, once it is due', () => {
    const told = telling().asks(1)
    told.called()
    assert.equal(told.called(minutes(31))?.status, 'voiding')
    told.consumes(1, { kind: 'opened', url: 'https://pay/1', link: 'l' }, { sessionId: 'cs_1' }, minutes(31))
    assert.equal(told.called(minutes(31))?.session_id, 'cs_1')
    told.consumes(1, { kind: 'expired' }, { sessionId: 'cs_1' }, minutes(31))
    assert.equal(told.attempt(1).status, 'voided')
    assert.deepEqual(told.types(), [])
  })

  test('that the provider refuses has failed for good', () => {
    const told = telling().asks(1)
    told.called()
    told.consumes(1, { kind: 'failed', reason: 'amount too small' })
    assert.equal(told.record().payment.status, 'failed')
    assert.deepEqual(told.types(), ['payment.failed'])
    assert.equal(told.last()['final'], true)
  })

  test('is tried with a new key once it is sure that the old one made nothing', () => {
    const told = telling().asks(1)
    told.called()
    told.consumes(1, { kind: 'nothing_made', wrong: 'key', reason: 'a failure was kept' })
    assert.equal(told.attempt(1).key_number, 2)
    assert.equal(told.called(minutes(1))?.status, 'calling')
  })

  test('has a page that stays open until the order is due, and at least half an hour', () => {
    const early = telling().asks(1).called()
    assert.equal(early?.expires_at?.getTime(), minutes(32).getTime())
    const late = telling().asks(1).called(minutes(20))
    assert.equal(late?.expires_at?.getTime(), minutes(52).getTime())
  })

  test('forgets its basket, with the e-mail in it, as soon as it has ended', () => {
    const told = telling().opens(1)
    assert.equal(told.attempt(1).basket?.email, 'a@b.example')
    told.consumes(1, paid(), { charge: 'pi_1' })
    assert.equal(told.attempt(1).basket, null)
  })
})

const reasons = (told: ReturnType<typeof telling>) => told.record().refunds.map(({ reason }) => reason)

describe('money', () => {
  test('that arrives pays the order, once, however often it is told', () => {
    const told = telling().opens(1)
    told.consumes(1, paid(), { charge: 'pi_1', sessionId: 'cs_1' }).consumes(1, paid(), { charge: 'pi_1' })
    assert.equal(told.record().payment.status, 'succeeded')
    assert.deepEqual(told.types(), ['payment.action_required', 'payment.succeeded'])
  })

  test('a failure, an expiry or a decline after the success changes nothing', () => {
    const told = telling().opens(1).consumes(1, paid(), { charge: 'pi_1' })
    const before = told.record()
    told
      .consumes(1, { kind: 'failed', reason: 'x' })
      .consumes(1, { kind: 'expired' })
      .consumes(1, { kind: 'processing' })
    told.consumes(1, { kind: 'declined', reason: 'x' })
    assert.deepEqual(told.record(), before)
    assert.equal(told.said.length, 2)
  })

  test('a declined card is not the end: the same page can still be paid', () => {
    const told = telling().opens(1).consumes(1, { kind: 'declined', reason: 'insufficient funds' }, { charge: 'pi_1' })
    assert.equal(told.last()['final'], false)
    assert.equal(told.record().payment.status, 'action_required')
    told.consumes(1, paid(), { charge: 'pi_1' })
    assert.equal(told.record().payment.status, 'succeeded')
  })

  test('a session that is complete but unpaid is on its way, and its result decides', () => {
    const told = telling().opens(1).consumes(1, { kind: 'processing' }, { charge: 'pi_1' })
    assert.equal(told.record().payment.status, 'processing')
    assert.deepEqual(told.types(), ['payment.action_required'])
    told.consumes(1, { kind: 'failed', reason: 'the bank did not pay' })
    assert.equal(told.record().payment.status, 'failed')
  })

  for (const [what, money] of Object.entries({
    'less than was asked': { amount: 149_999, currency: 'PKR' },
    'more than was asked': { amount: 15_000_000, currency: 'PKR' },
    'of another currency': { amount: 150_000, currency: 'USD' },
  })) {
    test(`money that is ${what} pays nothing: it goes back, and the log rings`, () => {
      const told = telling().opens(1)
      told.consumes(1, paid(money), { charge: 'pi_1' }).consumes(1, paid(money), { charge: 'pi_1' })
      assert.deepEqual(told.types(), ['payment.action_required', 'payment.failed'])
      assert.deepEqual(
        told.record().refunds.map(({ amount, currency, reason }) => [{ amount, currency }, reason]),
        [[money, 'amount_differs']],
      )
      assert.equal(told.alarms.length, 1)
      assert.equal(told.record().payment.status, 'failed')
    })
  }

  test('money for a voided attempt of a cancelled order goes back and revives nothing', () => {
    const told = telling().opens(1).cancels('keep').consumes(1, { kind: 'expired' })
    assert.deepEqual(told.types(), ['payment.action_required', 'payment.voided'])
    told.consumes(1, paid(), { charge: 'pi_1' }).consumes(1, paid(), { charge: 'pi_1' })
    assert.deepEqual(told.types().slice(2), [])
    assert.equal(told.record().payment.status, 'voided')
    assert.deepEqual(reasons(told), ['order_cancelled'])
  })

  test('money for an attempt that had expired by itself still pays an order that waits', () => {
    const told = telling().opens(1).consumes(1, { kind: 'expired' }).consumes(1, paid(), { charge: 'pi_1' })
    assert.equal(told.record().payment.status, 'succeeded')
    assert.equal(told.types().at(-1), 'payment.succeeded')
  })

  test('a second success on one order goes back at once', () => {
    const told = telling().opens(1).consumes(1, { kind: 'expired' })
    told.opens(2).consumes(2, paid(), { charge: 'pi_2' }).consumes(1, paid(), { charge: 'pi_1' })
    assert.equal(told.types().filter((type) => type === 'payment.succeeded').length, 1)
    assert.deepEqual(reasons(told), ['paid_twice'])
    assert.equal(told.refunds()?.provider_payment_id, 'pi_1')
    assert.equal(told.record().payment.status, 'succeeded')
  })

  test('a second charge on the paid attempt goes back too', () => {
    const told = telling().opens(1).consumes(1, paid(), { charge: 'pi_1' }).consumes(1, paid(), { charge: 'pi_other' })
    assert.deepEqual(reasons(told), ['paid_twice'])
    assert.equal(told.refunds()?.provider_payment_id, 'pi_other')
  })

  test('news of a session that a lost answer left behind does not end the attempt', () => {
    const told = telling().opens(1)
    const before = told.record()
    told.consumes(1, { kind: 'expired' }, { sessionId: 'cs_lost' })
    assert.deepEqual(told.record(), before)
  })
})

describe('another way to pay', () => {
  test('opens only when the older page is closed for sure', () => {
    const told = telling().opens(1).asks(2)
    assert.equal(told.attempt(1).status, 'voiding')
    assert.equal(told.call(2), undefined)
    assert.equal(told.called()?.number, 1)
    told.consumes(1, { kind: 'expired' }, { sessionId: 'cs_1' })
    assert.equal(told.called()?.number, 2)
  })

  test('is not needed any more when the older page turns out to be paid', () => {
    const told = telling().opens(1).asks(2)
    told.consumes(1, paid(), { charge: 'pi_1' })
    assert.equal(told.record().payment.status, 'succeeded')
    assert.equal(told.attempt(2).status, 'voided')
    assert.equal(told.called(), null)
  })

  test('cash is agreed once the older page is closed', () => {
    const told = telling().opens(1).asks(2, 'cash_on_delivery')
    assert.deepEqual(told.types(), ['payment.action_required'])
    told.consumes(1, { kind: 'expired' })
    assert.deepEqual(told.types(), ['payment.action_required', 'payment.cash_agreed'])
    assert.equal(told.last()['method'], 'cash_on_delivery')
    assert.equal(told.record().payment.status, 'due_on_delivery')
    told.consumes(1, paid(), { charge: 'pi_1' })
    assert.deepEqual(reasons(told), ['paid_too_late'])
    assert.equal(told.record().payment.status, 'due_on_delivery')
  })

  test('cash is not agreed when the older page turns out to be paid', () => {
    const told = telling().opens(1).asks(2, 'cash_on_delivery').consumes(1, paid(), { charge: 'pi_1' })
    assert.deepEqual(told.types(), ['payment.action_required', 'payment.succeeded'])
    assert.equal(told.record().payment.method, 'stripe')
  })
})

describe('a cancel request', () => {
  test('is answered at once when nothing was ever called', () => {
    const told = telling().asks(1).cancels('refund')
    assert.deepEqual(told.types(), ['payment.voided'])
    assert.equal(told.last()['refunding'], false)
    assert.equal(told.attempt(1).status, 'voided')
  })

  test('in the middle of a call waits for the call, and ends what it made', () => {
    const told = telling().asks(1)
    told.called()
    told.cancels('refund')
    assert.deepEqual(told.types(), [])
    assert.equal(told.called(), null, 'the lease of the call still runs')
    told.consumes(1, { kind: 'opened', url: 'u', link: 'l' }, { sessionId: 'cs_1' })
    assert.equal(told.called()?.session_id, 'cs_1')
    told.consumes(1, { kind: 'expired' }, { sessionId: 'cs_1' })
    assert.deepEqual(told.types(), ['payment.voided'])
  })

  test('of an attempt whose call made nothing is answered then', () => {
    const told = telling().asks(1)
    told.called()
    told.cancels('keep').consumes(1, { kind: 'nothing_made', wrong: 'key', reason: 'x' })
    assert.deepEqual(told.types(), ['payment.voided'])
  })

  test('to keep is answered with the success when the money turns out to be there', () => {
    const told = telling().opens(1).cancels('keep').consumes(1, paid(), { charge: 'pi_1' })
    assert.deepEqual(told.types(), ['payment.action_required', 'payment.succeeded'])
    assert.equal(told.record().order_void, null)
  })

  test('to keep needs no other answer when the success has been said already', () => {
    const told = telling().opens(1).consumes(1, paid(), { charge: 'pi_1' }).cancels('keep')
    assert.deepEqual(told.types(), ['payment.action_required', 'payment.succeeded'])
  })

  test('to refund is answered with the refund when the money turns out to be there', () => {
    const told = telling().opens(1).cancels('refund').consumes(1, paid(), { charge: 'pi_1' })
    assert.deepEqual(told.types().slice(1), ['payment.voided'])
    assert.equal(told.last()['refunding'], true)
  })

  test('to refund what was paid long ago asks for the money to be sent back', () => {
    const told = telling().opens(1).consumes(1, paid(), { charge: 'pi_1' }).cancels('refund')
    assert.deepEqual(told.types().slice(2), ['payment.voided'])
    assert.equal(told.last()['refunding'], true)
    assert.equal(told.refunds()?.provider_payment_id, 'pi_1')
  })

  test('to keep becomes one to refund when a person asks meanwhile, and is answered once', () => {
    const told = telling().opens(1).cancels('keep').cancels('refund').consumes(1, paid(), { charge: 'pi_1' })
    assert.deepEqual(told.types().slice(1), ['payment.voided'])
    told.cancels('refund')
    assert.equal(told.said.length, 2)
  })

  test('waits for the result of a payment that is on its way', () => {
    const told = telling().opens(1).consumes(1, { kind: 'processing' }).cancels('keep')
    told.called()
    told.consumes(1, { kind: 'processing' })
    assert.deepEqual(told.types(), ['payment.action_required'])
    assert.equal(told.called(minutes(1)), null)
    told.consumes(1, { kind: 'failed', reason: 'the bank did not pay' })
    assert.deepEqual(told.types(), ['payment.action_required', 'payment.voided'])
  })

  test('is the end: nothing opens later', () => {
    const told = telling().opens(1).cancels('refund').consumes(1, { kind: 'expired' })
    told.asks(2)
    assert.equal(told.record().attempts.length, 1)
  })

  test('that nobody made, a cancelled order, ends what is open without a word', () => {
    const told = telling().opens(1)
    told.take(closeOrder(told.record(), told.moment()))
    told.consumes(1, { kind: 'expired' })
    assert.deepEqual(told.types(), ['payment.action_required'])
    assert.equal(told.record().payment.status, 'voided')
  })
})

const handedOver = (collected: Money | null) => ({ collected, carrier: 'TCS', deliveredAt: NOW })

describe('cash on delivery', () => {
  const agreed = () => {
    const told = telling('cash_on_delivery')
    return told.asks(1, 'cash_on_delivery')
  }

  test('is collected at delivery, all of it when nobody said otherwise, once', () => {
    const told = agreed()
    told.take(collectCash(told.record(), handedOver(null), told.moment()))
    told.take(collectCash(told.record(), handedOver({ amount: 1, currency: 'PKR' }), told.moment()))
    assert.equal(told.record().payment.collected, TOTAL.amount)
    assert.equal(told.record().payment.status, 'succeeded')
    assert.deepEqual(told.types(), ['payment.cash_agreed'])
  })

  test('is collected as the courier says', () => {
    const told = agreed()
    told.take(collectCash(told.record(), handedOver({ amount: 100_000, currency: 'PKR' }), told.moment()))
    assert.equal(told.record().payment.collected, 100_000)
  })

  test('that is short is a task of staff for what is missing, and sends nothing back', () => {
    const told = agreed()
    told.take(collectCash(told.record(), handedOver({ amount: 100_000, currency: 'PKR' }), told.moment()))
    const [task, ...more] = told.record().tasks
    assert.deepEqual([task?.kind, task?.amount, task?.reason, more], ['cash_short', 50_000, 'cash_short', []])
    told.finishes(task?.id ?? '')
    assert.deepEqual([told.record().payment.status, told.record().payment.refunded], ['succeeded', 0])
    assert.deepEqual(told.types(), ['payment.cash_agreed'])
  })

  test('in another currency is not believed', () => {
    const told = agreed()
    assert.throws(
      () => collectCash(told.record(), handedOver({ amount: 1, currency: 'USD' }), told.moment()),
      RangeError,
    )
  })

  test('that was not taken is voided', () => {
    const told = agreed()
    told.take(closeOrder(told.record(), told.moment()))
    assert.equal(told.record().payment.status, 'voided')
  })

  test('is voided at once when the order is cancelled', () => {
    const told = agreed().cancels('refund')
    assert.equal(told.last()['refunding'], false)
    assert.equal(told.record().payment.status, 'voided')
  })
})
