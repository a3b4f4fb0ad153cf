import type { Money } from '@mart/contracts/money'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import type { OrderVoid, Story } from '../src/payment.ts'
import type { Change, Moment } from '../src/payment-change.ts'
import { cancelOrder, startAttempt } from '../src/payment-moves.ts'
import { leaseCall } from '../src/provider-calls.ts'
import { type News, settle } from '../src/provider-news.ts'

export const NOW = new Date('2026-11-22T10:00:00Z')
export const TOTAL: Money = { amount: 150_000, currency: 'PKR' }
export const minutes = (count: number) => new Date(NOW.getTime() + count * 60_000)

/** Ids that grow with each story, so that two runs of it can be compared. */
export function moments() {
  let made = 0
  return (now: Date = NOW): Moment => ({ now, newId: () => `id-${++made}` })
}

export const emptyStory = (method: PaymentMethod = 'stripe'): Story => ({
  payment: {
    id: 'payment',
    order_id: 'order',
    customer_id: 'customer',
    method,
    status: 'pending',
    ...TOTAL,
    refunded: 0,
    collected: null,
    disputed: false,
    attempt: 0,
    due_at: minutes(30),
  },
  attempts: [],
  order_void: null,
  tasks: [],
})

/** A story told step by step, keeping everything that was said. */
export function telling(method: PaymentMethod = 'stripe') {
  const moment = moments()
  let story: Story = emptyStory(method)
  const said: Change['says'] = []
  const alarms: string[] = []
  const take = (change: Change) => {
    const { says, alarms: rung, ...after } = change
    said.push(...says)
    alarms.push(...rung)
    story = after
  }
  const attemptOf = (number: number) => {
    const attempt = story.attempts.find((one) => one.number === number)
    if (!attempt) throw new Error(`there is no attempt ${number}`)
    return attempt
  }
  const told = {
    moment,
    said,
    alarms,
    story: () => story,
    take,
    attempt: attemptOf,
    types: () => said.map(({ event }) => event.type),
    last: () => said.at(-1)?.data ?? {},
    asks(number: number, way: PaymentMethod = 'stripe', now = NOW) {
      const basket = {
        number: 'M-1',
        email: 'a@b.example',
        lines: [{ name: 'Tea', quantity: 1, unit_price: 150_000 }],
        shipping: 0,
      }
      take(
        startAttempt(
          story,
          { number, method: way, dueAt: minutes(30), basket, goToken: `token-${number}` },
          moment(now),
        ),
      )
      return told
    },
    called(now = NOW) {
      const { change, attempt } = leaseCall(story, moment(now))
      take(change)
      return attempt
    },
    hears(number: number, news: News, about: { charge?: string; sessionId?: string } = {}, now = NOW) {
      const { charge = null, sessionId = null } = about
      take(settle(story, { news, about: { attemptId: attemptOf(number).id, sessionId, charge } }, moment(now)))
      return told
    },
    opens(number: number, now = NOW) {
      told.asks(number, 'stripe', now).called(now)
      return told.hears(
        number,
        { kind: 'opened', url: `https://pay/${number}`, link: `link-${number}` },
        { sessionId: `cs_${number}` },
        now,
      )
    },
    cancels(ifPaid: OrderVoid['if_paid'], now = NOW) {
      take(cancelOrder(story, ifPaid, moment(now)))
      return told
    },
  }
  return told
}

export const paid = (money: Money = TOTAL): News => ({ kind: 'paid', money })
