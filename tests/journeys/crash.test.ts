import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newShopper, type Shopper } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import { type MartUnderTest, startMartUnderTest } from './mart-under-test.ts'

const victims = ['order', 'inventory', 'payment', 'notification'] as const

describe('crashes', () => {
  let under: MartUnderTest
  let buyer: Shopper
  let skus: string[]
  before(async () => {
    under = await startMartUnderTest({ env: { MART_PROCESSES: 'each' } })
    buyer = await newShopper(under.mart.addresses)
    skus = [await under.stock(2_000), await under.stock(300)]
  })
  after(() => under.stop())

  /** Sends orders one after another on a few lanes until told to stop; `accepted` grows by the ids of what is taken. */
  const keepOrdering = (signal: AbortSignal) => {
    const accepted: string[] = []
    const lane = async (number: number) => {
      for (let n = 0; !signal.aborted; n += 1) {
        const lines = [{ sku: skus[n % skus.length]!, quantity: 1 }]
        const payment_method = n % 10 === 0 ? 'stripe' : 'cash_on_delivery'
        // A request that fails may or may not have been taken: sent again with its key, it is taken once.
        const answer = await buyer.order({ lines, payment_method }, `lane ${number}, order ${n}`).catch(() => null)
        if (answer?.status === 201) accepted.push(answer.body.id)
        else await sleep(100).then(() => (n -= 1))
      }
    }
    const lanes = Promise.all([1, 2, 3, 4].map(lane))
    const finish = async () => {
      await lanes
      return accepted
    }
    return { accepted, finish }
  }

  for (const victim of victims) {
    test(`${victim} is killed while orders flow: everything that was accepted settles`, async () => {
      const over = new AbortController()
      const { accepted, finish } = keepOrdering(over.signal)
      await eventually(async () => accepted.length > 5, 'orders flow', 30_000)
      const before = accepted.length
      under.mart.services[victim].kill('SIGKILL')
      await sleep(2_500)
      await eventually(async () => accepted.length > before + 20, 'orders go on', 60_000)
      over.abort()
      await finish()
      for (const id of accepted) await buyer.waitFor(id, ['confirmed', 'cancelled', 'awaiting_payment'], 60_000)
      await under.booksHold()
    })
  }

  test('PostgreSQL is killed while orders flow: it comes back, and nothing accepted is lost', async () => {
    const over = new AbortController()
    const { finish } = keepOrdering(over.signal)
    await sleep(700)
    process.kill(under.mart.postgres.pid, 'SIGKILL')
    await sleep(6_000)
    over.abort()
    const accepted = await finish()
    for (const id of accepted) await buyer.waitFor(id, ['confirmed', 'cancelled', 'awaiting_payment'], 60_000)
    await under.booksHold()
  })

  test('the whole mart stops and starts: orders, accounts and stock are what they were', async () => {
    const before = await under.available(skus[0]!)
    const { body: orders } = await buyer.api('order', 'GET', '/orders?limit=100')
    under = await under.restart()
    const { body: after } = await buyer.api('order', 'GET', '/orders?limit=100')
    assert.deepEqual(after, orders)
    assert.equal((await under.available(skus[0]!)).on_hand, before.on_hand)
    const { status } = await buyer.order({
      lines: [{ sku: skus[0]!, quantity: 1 }],
      payment_method: 'cash_on_delivery',
    })
    assert.equal(status, 201, 'a token from before still counts')
    await under.booksHold()
  })
})
