import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { postingsOf } from '../src/ledger.ts'
import { isLive, keptMoney, paidAttempt, refundable } from '../src/payment-record.ts'
import type { News } from '../src/provider-news.ts'
import { emptyRecord, minutes, paid, TOTAL, telling } from './telling.ts'

type Told = ReturnType<typeof telling>
const REFUND = 'id-3'

type Heard = { number: number; news: News; charge: string; sessionId?: string }

const session = (number: number, news: News): Heard => ({
  number,
  news,
  charge: `pi_${number}`,
  sessionId: `cs_${number}`,
})
const intent = (number: number, news: News): Heard => ({ number, news, charge: `pi_${number}` })

const declined: News = { kind: 'declined', reason: 'insufficient funds' }
const failed: News = { kind: 'failed', reason: 'the bank did not pay' }

const refund = (status: 'pending' | 'succeeded' | 'failed', refundId: string | null = REFUND): Heard =>
  intent(1, { kind: 'refund', refundId, providerRefundId: 're_1', status, money: TOTAL, reason: 'lost card' })

function refunding(): Told {
  const told = telling().opens(1).consumes(1, paid(), { charge: 'pi_1' })
  assert.equal(told.asksBack(), REFUND)
  told.refunds()
  return told
}

/** What Stripe may tell of one record, in the order in which it happened. */
const records: Record<string, { given: () => Told; events: Heard[] }> = {
  'a card that is declined, then paid': {
    given: () => telling().opens(1),
    events: [intent(1, declined), intent(1, paid()), session(1, paid())],
  },
  'a bank debit that is paid': {
    given: () => telling().opens(1),
    events: [session(1, { kind: 'processing' }), intent(1, paid()), session(1, paid())],
  },
  'a bank debit that fails': {
    given: () => telling().opens(1),
    events: [session(1, { kind: 'processing' }), intent(1, declined), session(1, failed)],
  },
  'a page that closes': {
    given: () => telling().opens(1),
    events: [intent(1, declined), intent(1, { kind: 'expired' }), session(1, { kind: 'expired' })],
  },
  'a success while the clock cancels': {
    given: () => telling().opens(1).cancels('keep'),
    events: [intent(1, paid()), session(1, paid())],
  },
  'a success while a person cancels': {
    given: () => telling().opens(1).cancels('refund'),
    events: [intent(1, paid()), session(1, paid())],
  },
  'a success after the order is over': {
    given: () => telling().opens(1).cancels('refund').consumes(1, { kind: 'expired' }),
    events: [intent(1, paid()), session(1, paid())],
  },
  'two pages that are both paid': {
    given: () => telling().opens(1).consumes(1, { kind: 'expired' }).opens(2),
    events: [intent(1, paid()), session(1, paid()), intent(2, paid()), session(2, paid())],
  },
  'a voided page that is paid before its successor': {
    given: () => telling().opens(1).asks(2).consumes(1, { kind: 'expired' }).opens(3),
    events: [intent(1, paid()), intent(3, declined), intent(3, paid()), session(3, paid())],
  },
  'money that is not what was asked': {
    given: () => telling().opens(1),
    events: [intent(1, paid({ amount: 1, currency: 'PKR' })), session(1, paid({ amount: 1, currency: 'PKR' }))],
  },
  'a refund that takes a while': {
    given: refunding,
    events: [
      refund('pending'),
      intent(1, { kind: 'refunded_in_all', money: TOTAL }),
      refund('succeeded'),
      intent(1, paid()),
    ],
  },
  'a refund that seems to succeed and fails': {
    given: refunding,
    events: [refund('pending'), refund('succeeded'), refund('failed'), session(1, paid())],
  },
  'a refund that a person makes at the provider': {
    given: () => telling().opens(1).consumes(1, paid(), { charge: 'pi_1' }),
    events: [refund('pending', null), refund('succeeded', null), session(1, paid())],
  },
  'a dispute that is won': {
    given: () => telling().opens(1).consumes(1, paid(), { charge: 'pi_1' }),
    events: [
      intent(1, { kind: 'disputed', money: TOTAL, reason: 'fraudulent' }),
      intent(1, { kind: 'dispute_closed', money: TOTAL, reason: 'fraudulent', won: true }),
    ],
  },
  'a success and a dispute': {
    given: () => telling().opens(1),
    events: [
      intent(1, paid()),
      session(1, paid()),
      intent(1, { kind: 'disputed', money: { amount: 150_000, currency: 'PKR' }, reason: 'fraudulent' }),
    ],
  },
}

/** All that matters later; a decline is told only while it helps, a refund that fails only if it was believed, and ids are made up. */
function outcomeOf(told: Told) {
  const { payment, order_void, refunds, tasks, calls } = told.record()
  const isFailed = refunds.some(({ status }) => status === 'failed')
  const says = told.said
    .filter(({ data }) => data['final'] !== false)
    .filter(({ event }) => !isFailed || event.type !== 'payment.refunded')
    .map(({ event, data }) => `${event.type} ${data['refunding'] ?? data['reason'] ?? ''}`)
  return {
    status: payment.status,
    disputed: payment.disputed,
    kept: keptMoney(told.record()),
    refunded: payment.refunded,
    owed: refunds.map(({ amount, currency, reason, status }) => `${amount} ${currency} ${reason} ${status}`),
    tasks: tasks.map(({ reason, done_at }) => `${reason} ${done_at !== null}`),
    live: calls.filter(({ kind }) => kind !== 'refund').length,
    order_void,
    says: says.sort(),
  }
}

/** Which of two equal successes pays is decided by who comes first: by number the attempts may differ. */
const byNumber = (told: Told) => told.record().attempts.map(({ number, status }) => `${number} ${status}`)

function tell({ given, events }: { given: () => Told; events: readonly Heard[] }): Told {
  const told = given()
  for (const { number, news, charge, sessionId } of events) {
    told.consumes(number, news, { charge, ...(sessionId ? { sessionId } : {}) })
  }
  return told
}

/** Every change balances, and all of them together are what the record says. */
function assertBalanced(told: Told): void {
  const byAccount = (postings: typeof told.ledger) => {
    const sums = new Map<string, number>()
    for (const { account, currency, amount } of postings) {
      sums.set(`${account} ${currency}`, (sums.get(`${account} ${currency}`) ?? 0) + amount)
    }
    return [...sums].filter(([, amount]) => amount !== 0).sort()
  }
  const recomputed = byAccount(told.ledger)
  assert.deepEqual(recomputed, byAccount(postingsOf(emptyRecord(), told.record())))
  for (const currency of new Set(told.ledger.map((posting) => posting.currency))) {
    const ofCurrency = told.ledger.filter((posting) => posting.currency === currency)
    assert.equal(
      ofCurrency.reduce((sum, { amount }) => sum + amount, 0),
      0,
      'the ledger balances',
    )
  }
}

const balanceOf = (told: Told, account: string): number =>
  told.ledger.filter((posting) => posting.account === account).reduce((sum, { amount }) => sum + amount, 0)

describe('a payment told in any order, with anything told again', () => {
  for (const [what, record] of Object.entries(records)) {
    test(`ends the same and says the same: ${what}`, () => {
      const expected = tell(record)
      const shuffled = fc
        .shuffledSubarray(record.events, { minLength: record.events.length })
        .chain((all) =>
          fc
            .array(fc.constantFrom(...record.events), { maxLength: 4 })
            .chain((again) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length })),
        )
      fc.assert(
        fc.property(shuffled, (events) => {
          const told = tell({ given: record.given, events })
          assert.deepEqual(outcomeOf(told), outcomeOf(expected))
          assertBalanced(told)
          if (what !== 'two pages that are both paid') assert.deepEqual(byNumber(told), byNumber(expected))
        }),
        { numRuns: 200 },
      )
    })
  }

  test('keeps one success at most, owes every other, and answers a cancel request once, whatever comes between', () => {
    const paidAttempts = new Set<number>()
    const pays = (number: number) => (told: Told) => {
      paidAttempts.add(number)
      return told.consumes(number, paid(), { charge: `pi_${number}` })
    }
    const ofAttempt = (number: number): ((told: Told) => unknown)[] => [
      (told) => told.consumes(number, { kind: 'opened', url: 'u', link: 'l' }, { sessionId: `cs_${number}` }),
      (told) => told.consumes(number, { kind: 'expired' }, { sessionId: `cs_${number}` }),
      (told) => told.consumes(number, failed),
      (told) => told.consumes(number, { kind: 'processing' }),
      (told) => told.consumes(number, { kind: 'no_answer', reason: 'x' }),
      (told) => told.consumes(number, { kind: 'nothing_made', wrong: 'key', reason: 'x' }),
      pays(number),
    ]
    const steps: ((told: Told) => unknown)[] = [
      (told) => told.asks(1),
      (told) => told.asks(2),
      (told) => told.asks(3, 'cash_on_delivery'),
      (told) => told.cancels('keep'),
      (told) => told.cancels('refund'),
      (told) => told.called(minutes(2)),
      ...[1, 2].flatMap((number) =>
        ofAttempt(number).map((step) => (told: Told) => {
          if (told.record().attempts.some((attempt) => attempt.number === number)) step(told)
        }),
      ),
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...steps), { maxLength: 30, size: 'max' }), (picked) => {
        paidAttempts.clear()
        const told = telling()
        for (const step of picked) {
          const saidBefore = told.said.length
          step(told)
          const living = told.record().attempts.filter(isLive)
          const answered = told.types().slice(saidBefore).includes('payment.voided')
          if (answered) assert.deepEqual(living, [], 'answered only when nothing can bring money')
          const closing = living.every(({ status }) => status === 'voiding')
          if (paidAttempt(told.record())) assert.ok(closing, 'a paid order has no other page open')
          const called = living.filter(({ status }) => status !== 'created')
          assert.ok(called.length <= 1, 'one page at a time')
        }

        const { attempts, refunds, order_void } = told.record()
        assertBalanced(told)
        const count = (type: string) => told.types().filter((one) => one === type).length
        const kept = attempts.filter(({ status }) => status === 'succeeded')
        assert.ok(kept.length <= 1 && count('payment.succeeded') <= 1, 'one success at most')
        for (const number of paidAttempts) {
          const { id } = told.attempt(number)
          const isKept = kept[0]?.id === id && !order_void
          assert.equal(
            refunds.filter(({ attempt_id }) => attempt_id === id).length,
            isKept ? 0 : 1,
            `attempt ${number}`,
          )
        }
        assert.ok(count('payment.voided') <= 1, 'one answer at most')
        if (order_void && !attempts.some(isLive)) assert.equal(count('payment.voided'), 1, 'an answer at last')
      }),
      { numRuns: 3_000 },
    )
  })

  test('mixed with cancel, retry and refund commands at any point, ends with the same money where it belongs', () => {
    const pays = (number: number) => (told: Told) => told.consumes(number, paid(), { charge: `pi_${number}` })
    const declines = (number: number) => (told: Told) => told.consumes(number, declined, { charge: `pi_${number}` })
    const provider = [pays(1), pays(1), declines(1), pays(2), pays(2), declines(2)]
    const commands: { name: string; run: (told: Told) => unknown }[] = [
      { name: 'retry', run: (told) => told.asks(3) },
      { name: 'cancel', run: (told) => told.cancels('refund') },
      { name: 'cancel by the clock', run: (told) => told.cancels('keep') },
      { name: 'refund a part', run: (told) => asksIfLeft(told, 40_000) },
      { name: 'refund the rest', run: (told) => asksIfLeft(told) },
      { name: 'worker', run: (told) => told.refunds() },
      { name: 'worker answered', run: (told) => answersAll(told) },
    ]
    const chosen = fc.array(fc.record({ command: fc.constantFrom(...commands), at: fc.nat(6) }), { maxLength: 6 })
    const shuffled = fc.shuffledSubarray(provider, { minLength: provider.length })
    fc.assert(
      fc.property(shuffled, chosen, (events, inserted) => {
        const told = telling().opens(1).consumes(1, { kind: 'expired' }).opens(2)
        for (let at = 0; at <= events.length; at++) {
          for (const { command } of inserted.filter((one) => one.at === at)) command.run(told)
          events[at]?.(told)
        }
        comesToRest(told)
        assertBalanced(told)
        const { payment, refunds, order_void } = told.record()
        const back = refunds.reduce((sum, { amount }) => sum + amount, 0)
        assert.ok(refunds.every(({ status }) => status === 'succeeded'))
        const net = (keptMoney(told.record()) ?? 0) - (paidAttempt(told.record()) ? payment.refunded : 0)
        assert.equal(2 * TOTAL.amount - back, net, 'what came less what went back is what is kept')
        assert.equal(balanceOf(told, 'provider:stripe'), net, 'and what the provider has of ours')
        assert.equal(balanceOf(told, 'customer'), 0, 'nobody is owed anything')
        assert.ok(2 * TOTAL.amount - back >= 0, 'never more back than came')
        if (order_void) assert.deepEqual([back, payment.status], [2 * TOTAL.amount, 'refunded'])
        else assert.ok(paidAttempt(told.record()), 'one of the two pays')
        const told_back = told.said.filter(({ event }) => event.type === 'payment.refunded')
        assert.equal(told_back.length, refunds.length, 'the customer is told of each')
      }),
      { numRuns: 2_000 },
    )
  })
})

function asksIfLeft(told: Told, amount?: number): void {
  if (refundable(told.record()) >= (amount ?? 1)) told.asksBack(amount)
}

function answersAll(told: Told): void {
  for (const { id, status } of told.record().refunds) {
    if (status === 'requested') told.refunds()
    told.answers(id, { kind: 'succeeded', providerRefundId: `re_${id}` })
  }
}

/** The worker has called, and the provider answered, until nothing is due. */
function comesToRest(told: Told): void {
  for (const { number } of told.record().attempts.filter(isLive)) {
    told.called(minutes(5))
    told.consumes(number, { kind: 'expired' })
  }
  answersAll(told)
}
