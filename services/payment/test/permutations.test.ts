import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isLive, keptMoney, paidAttempt } from '../src/payment.ts'
import type { News } from '../src/provider-news.ts'
import { minutes, paid, telling } from './stories.ts'

type Told = ReturnType<typeof telling>
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

/** What Stripe may tell of one story, in the order in which it happened. */
const stories: Record<string, { given: () => Told; events: Heard[] }> = {
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
    given: () => telling().opens(1).cancels('refund').hears(1, { kind: 'expired' }),
    events: [intent(1, paid()), session(1, paid())],
  },
  'two pages that are both paid': {
    given: () => telling().opens(1).hears(1, { kind: 'expired' }).opens(2),
    events: [intent(1, paid()), session(1, paid()), intent(2, paid()), session(2, paid())],
  },
  'a voided page that is paid before its successor': {
    given: () => telling().opens(1).asks(2).hears(1, { kind: 'expired' }).opens(3),
    events: [intent(1, paid()), intent(3, declined), intent(3, paid()), session(3, paid())],
  },
  'money that is not what was asked': {
    given: () => telling().opens(1),
    events: [intent(1, paid({ amount: 1, currency: 'PKR' })), session(1, paid({ amount: 1, currency: 'PKR' }))],
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

/** All that matters later; a decline is told only while it can still help the buyer, and ids are made up. */
function outcomeOf(told: Told) {
  const { payment, attempts, order_void, tasks } = told.story()
  const says = told.said
    .filter(({ data }) => data['final'] !== false)
    .map(({ event, data }) => `${event.type} ${data['refunding'] ?? data['reason'] ?? ''}`)
  return {
    status: payment.status,
    disputed: payment.disputed,
    kept: keptMoney(told.story()),
    owed: tasks.map(({ amount, currency, reason }) => `${amount} ${currency} ${reason}`),
    live: attempts.filter(({ next_call_at }) => next_call_at !== null).length,
    order_void,
    says: says.sort(),
  }
}

/** Which of two equal successes pays is decided by who comes first: by number the attempts may differ. */
const byNumber = (told: Told) => told.story().attempts.map(({ number, status }) => `${number} ${status}`)

function tell({ given, events }: { given: () => Told; events: readonly Heard[] }): Told {
  const told = given()
  for (const { number, news, charge, sessionId } of events) {
    told.hears(number, news, { charge, ...(sessionId ? { sessionId } : {}) })
  }
  return told
}

describe('a payment told in any order, with anything told again', () => {
  for (const [what, story] of Object.entries(stories)) {
    test(`ends the same and says the same: ${what}`, () => {
      const expected = tell(story)
      const shuffled = fc
        .shuffledSubarray(story.events, { minLength: story.events.length })
        .chain((all) =>
          fc
            .array(fc.constantFrom(...story.events), { maxLength: 4 })
            .chain((again) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length })),
        )
      fc.assert(
        fc.property(shuffled, (events) => {
          const told = tell({ given: story.given, events })
          assert.deepEqual(outcomeOf(told), outcomeOf(expected))
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
      return told.hears(number, paid(), { charge: `pi_${number}` })
    }
    const ofAttempt = (number: number): ((told: Told) => unknown)[] => [
      (told) => told.hears(number, { kind: 'opened', url: 'u', link: 'l' }, { sessionId: `cs_${number}` }),
      (told) => told.hears(number, { kind: 'expired' }, { sessionId: `cs_${number}` }),
      (told) => told.hears(number, failed),
      (told) => told.hears(number, { kind: 'processing' }),
      (told) => told.hears(number, { kind: 'no_answer', reason: 'x' }),
      (told) => told.hears(number, { kind: 'nothing_made', wrong: 'key', reason: 'x' }),
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
          if (told.story().attempts.some((attempt) => attempt.number === number)) step(told)
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
          const living = told.story().attempts.filter(isLive)
          const answered = told.types().slice(saidBefore).includes('payment.voided')
          if (answered) assert.deepEqual(living, [], 'answered only when nothing can bring money')
          const closing = living.every(({ status }) => status === 'voiding')
          if (paidAttempt(told.story())) assert.ok(closing, 'a paid order has no other page open')
          const called = living.filter(({ status }) => status !== 'created')
          assert.ok(called.length <= 1, 'one page at a time')
        }

        const { attempts, tasks, order_void } = told.story()
        const count = (type: string) => told.types().filter((one) => one === type).length
        const kept = attempts.filter(({ status }) => status === 'succeeded')
        assert.ok(kept.length <= 1 && count('payment.succeeded') <= 1, 'one success at most')
        for (const number of paidAttempts) {
          const { id } = told.attempt(number)
          const isKept = kept[0]?.id === id && !order_void
          assert.equal(tasks.filter((task) => task.attempt_id === id).length, isKept ? 0 : 1, `attempt ${number}`)
        }
        assert.ok(count('payment.voided') <= 1, 'one answer at most')
        if (order_void && !attempts.some(isLive)) assert.equal(count('payment.voided'), 1, 'an answer at last')
      }),
      { numRuns: 3_000 },
    )
  })
})
