import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { call, newShopper, type Shopper } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { drains, ordersUnsent, settles, startMartWithFaults, startRush, tell } from './under-load.ts'

const AWAY_MS = 20_000

describe('the only broker', () => {
  let under: MartUnderTest
  let buyer: Shopper
  let skus: string[]
  before(async () => {
    under = await startMartWithFaults()
    buyer = await newShopper(under.mart.addresses)
    skus = [await under.stock(20_000), await under.stock(40)]
  })
  after(() => under.stop())

  const ready = (name: ServiceName) => call(`${under.mart.addresses[name]}/health/ready`, 'GET')
  const areAll = async (status: string) => {
    const answers = await Promise.all(serviceNames.map(ready))
    return answers.every((answer) => answer.status === 200 && answer.body.status === status)
  }

  test('stopped for 20 s under load: orders are accepted all the time, and go on when it is back', async (t) => {
    const broker = under.kafka!.brokers[0]!
    const rush = startRush([buyer], skus)
    await sleep(2_000)
    await broker.stop()
    const before = rush.accepted.length
    const away = sleep(AWAY_MS)
    await eventually(() => areAll('degraded'), 'every service is ready, but degraded', AWAY_MS)
    await away
    const whileAway = rush.accepted.length - before
    const unsent = await ordersUnsent(under.mart)
    await broker.start()
    await rush.end()
    const drainSeconds = await drains(under.mart)
    await eventually(() => areAll('ready'), 'every service is ready again')
    assert.deepEqual(rush.refused, [])
    assert.ok(whileAway > 20, `only ${whileAway} orders were accepted while it was away`)
    assert.ok(unsent >= whileAway, `${unsent} events wait for ${whileAway} orders`)
    await settles(under, buyer, rush.accepted)
    tell(t, { accepted: rush.accepted.length, whileAway, unsent, drainSeconds })
  })

  test('killed under load and started again: what it had acknowledged and what it had not settles', async (t) => {
    const broker = under.kafka!.brokers[0]!
    const rush = startRush([buyer], skus)
    await sleep(3_000)
    await broker.kill('SIGKILL')
    const before = rush.accepted.length
    await sleep(2_000)
    await broker.start()
    const whileAway = rush.accepted.length - before
    await rush.end()
    const drainSeconds = await drains(under.mart)
    assert.deepEqual(rush.refused, [])
    assert.ok(whileAway > 5, `only ${whileAway} orders were accepted while it was away`)
    await settles(under, buyer, rush.accepted)
    tell(t, { accepted: rush.accepted.length, whileAway, drainSeconds })
  })
})
