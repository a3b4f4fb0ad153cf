import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newShopper, type Shopper } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { ordersConfirmed, settles, startMartWithFaults, startRush, tell } from './under-load.ts'

describe('a cluster of three brokers', () => {
  let under: MartUnderTest
  let buyer: Shopper
  let skus: string[]
  before(async () => {
    under = await startMartWithFaults(3)
    buyer = await newShopper(under.mart.addresses)
    skus = [await under.stock(20_000)]
  })
  after(() => under.stop())

  test('one is killed under load: orders are accepted and confirmed while it is away', async (t) => {
    const broker = under.kafka!.brokers[0]!
    const rush = startRush([buyer], skus)
    await sleep(3_000)
    await broker.kill('SIGKILL')
    const acceptedBefore = rush.accepted.length
    // What was accepted once it was gone goes all the way without it.
    await eventually(async () => rush.accepted.length > acceptedBefore + 20, 'orders are accepted')
    const late = rush.accepted.at(-1)!
    await buyer.waitFor(late, ['confirmed', 'awaiting_payment'], 60_000)
    const confirmed = await ordersConfirmed(under.mart)
    await eventually(async () => (await ordersConfirmed(under.mart)) > confirmed + 20, 'orders are confirmed', 60_000)
    const whileAway = rush.accepted.length - acceptedBefore
    await broker.start()
    await rush.end()
    assert.deepEqual(rush.refused, [])
    await settles(under, buyer, rush.accepted)
    tell(t, { accepted: rush.accepted.length, whileAway })
  })
})
