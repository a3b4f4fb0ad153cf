import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PaymentShape } from '@mart/contracts/http/payment-shapes'
import { call, newShopper, type Shopper } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import { type MartUnderTest, startMartUnderTest } from './mart-under-test.ts'
import { type Bought, kept, type Paying, pay, payingAt, providers } from './paying.ts'

const PRICE = 89_900
const PART = 10_000
const LANES = 6
const ANSWER_DELAY_MS = 300
/** By then a lease of Stripe’s (five time-outs and 2.5 s) is over. */
const LATE_MS = 12_000
const everyDay = { answer_delay_ms: ANSWER_DELAY_MS, duplicate: 1 }
/** On Kafka a killed member keeps its partitions for ten seconds. */
const PATIENCE_MS = 60_000
/** Leases follow from these, so that what was under way at a kill is taken up again after seconds. */
const timeouts = { STRIPE_TIMEOUT_MS: '1500', PAYFAST_TIMEOUT_MS: '1500' }

let under: MartUnderTest
let at: Paying
let buyer: Shopper
before(async () => {
  under = await startMartUnderTest({ env: { MART_PROCESSES: 'each', SHIPPING_RATES: 'PKR:0', ...timeouts } })
  const tea = await under.stock(2_000, PRICE)
  at = payingAt(under, tea)
  buyer = await newShopper(under.mart.addresses)
})
after(async () => {
  await at.close()
  await under.stop()
})

interface Deal extends Bought {
  readonly ends: 'kept' | 'a part goes back' | 'cancelled'
}

/** Does it again until it works: whoever meets a dead service tries again. */
async function insist<Result>(act: () => Promise<Result>): Promise<Result> {
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(150)) {
    try {
      return await act()
    } catch (error) {
      if (Date.now() > end) throw error
    }
  }
}

const ends = ['a part goes back', 'kept', 'a part goes back', 'cancelled'] as const

/** Each lane buys one after another until told to stop. */
function rush(signal: AbortSignal) {
  const deals: Deal[] = []
  let paid = 0
  const buy = async (deal: Deal) => {
    deals.push(deal)
    await insist(async () => {
      // What was answered to him last time may have been lost as well: a buyer looks before he pays again.
      const isPaid = (await at.charged(deal.id)).some((one) => one.paid > 0)
      if (isPaid) return
      const back = await pay(deal.method, await at.linkOf(deal))
      // His browser brings him back, which matters when PayFast's only notification has met a dead service.
      await insist(async () => assert.equal((await call(back, 'GET')).status, 200))
    })
    paid += 1
    if (deal.ends === 'cancelled') return await at.cancel(deal)
    if (deal.ends === 'kept') return
    await insist(async () => {
      const { status } = await at.refund(deal.id, PART, `a part of ${deal.id}`)
      // Not heard of as paid yet, or the first try with this key is still under way.
      assert.equal(status, 201)
    })
  }
  const lanes = Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      for (let n = 0; !signal.aborted; n += 1) {
        const method = providers[(lane + (n >> 2)) % 2]!
        await buy({ ...(await at.place(method, buyer)), ends: ends[(lane + n) % ends.length]! })
      }
    }),
  )
  return {
    paid: () => paid,
    async finish() {
      await lanes
      return deals
    },
  }
}

interface Moment {
  readonly what: string
  /** The rows that say that it is now. */
  readonly isNow: () => Promise<{ length: number }>
  readonly troubles?: Record<string, unknown>
}

const moments: readonly Moment[] = [
  {
    what: 'Stripe opens a page',
    isNow: () => at.rows`select from attempts where status = 'calling' and method = 'stripe'`,
  },
  {
    what: 'Stripe sends money back, and its notification comes only after the call is repeated',
    isNow: () => at.rows`select from refunds where status = 'calling' and method = 'stripe'`,
    troubles: { delay_ms: LATE_MS },
  },
  {
    what: 'PayFast sends money back',
    isNow: () => at.rows`select from refunds where status = 'calling' and method = 'payfast'`,
  },
  {
    what: 'PayFast’s record is to be read',
    isNow: () => at.rows`select from provider_events where outcome = 'waiting'`,
  },
  {
    what: 'Stripe notifies',
    isNow: () => at.rows`
      select from provider_events where provider = 'stripe' and received_at > now() - interval '30 ms'`,
  },
]

async function killWhile({ what, isNow, troubles }: Moment): Promise<void> {
  if (troubles) {
    await at.control({ ...everyDay, ...troubles })
    await sleep(2 * ANSWER_DELAY_MS) // what began before is answered
  }
  for (const end = Date.now() + PATIENCE_MS; (await isNow()).length === 0; await sleep(5))
    assert.ok(Date.now() < end, `waited in vain: ${what}`)
  under.mart.services.payment.kill('SIGKILL')
  await at.control(everyDay)
}

test('payment is killed five times in a rush: the books hold, and nobody has paid twice or got back too much', async () => {
  await at.control(everyDay)
  const over = new AbortController()
  const { paid, finish } = rush(over.signal)
  for (const moment of moments) {
    // Working again: on Kafka it hears nothing before it has its partitions.
    const before = paid()
    await eventually(async () => paid() >= before + LANES, 'buyers can pay again', PATIENCE_MS)
    await killWhile(moment)
  }
  over.abort()
  const deals = await finish()
  await at.control()
  for (const { buyer, id, ends } of deals)
    await buyer.waitFor(id, [ends === 'cancelled' ? 'cancelled' : 'confirmed'], PATIENCE_MS)
  await eventually(
    async () => (await at.rows`select from refunds where status in ('requested', 'calling', 'pending')`).length === 0,
    'every refund has an end',
    PATIENCE_MS,
  )
  await under.booksHold()

  for (const deal of deals) await settled(deal)
  const pages = await at.stripePages()
  assert.equal(new Set(pages).size, pages.length, 'Stripe has made one page for an attempt')
})

async function settled({ id, method, ends }: Deal): Promise<void> {
  const charged = await at.charged(id)
  assert.deepEqual(
    charged.map(({ paid }) => paid),
    [PRICE],
    `order ${id} was paid once`,
  )
  const wanted = { kept: 0, 'a part goes back': PART, cancelled: PRICE }[ends]
  const { refunds }: PaymentShape = await at.paymentOf(id)
  assert.equal(
    refunds.reduce((sum, { amount }) => sum + amount.amount, 0),
    wanted,
    `order ${id}: what is to go back`,
  )
  const sent = PRICE - kept(charged)
  // There is no key to ask PayFast a second time with, so what it was asked at a kill is a person's to look at.
  if (refunds.every(({ status }) => status === 'succeeded')) assert.equal(sent, wanted, `order ${id}: what went back`)
  else {
    assert.equal(method, 'payfast')
    assert.deepEqual(
      refunds.map(({ status }) => status),
      ['unknown'],
    )
    assert.ok(sent === wanted || sent === 0, `order ${id}: ${sent} went back`)
    const { body } = await under.admin.api('payment', 'GET', `/refund-tasks?order_id=${id}`)
    assert.equal(body.items.length, 1, `order ${id} has a task`)
  }
}
