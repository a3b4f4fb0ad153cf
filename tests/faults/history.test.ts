import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { newShopper, type Shopper } from '@mart/demo/shopper'
import { consumedTopics } from '@mart/local/unconsumed'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import type { EventLog } from '@mart/service-kit/event-log'
import { eventually } from '@mart/service-kit/eventually'
import { newId } from '@mart/service-kit/ids'
import { createLogger } from '@mart/service-kit/logger'
import { openAuditedDatabases } from '@mart/tools/books/audited-databases'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { settles, startMartWithFaults, startRush, tell } from './under-load.ts'

const run = promisify(execFile)
const MB = 1024 * 1024
/** Of the seven pieces of junk: payment does not hear order.placed, so it passes over what only claims to be one. */
const parkedJunk = { inventory: 7, notification: 7, payment: 3 }
const hearersOfOrders = ['inventory', 'notification', 'payment'] as const
const hearers = serviceNames.filter((name) => consumedTopics[name].length > 0)
/** The kit's own, and sessions: the admin signs in again after the restart. */
const notBusiness = /^(outbox.*|relay_lease|inbox|parked|blocked_keys|idempotency_keys|.*migrations|session)$/

describe('what is on the topics', () => {
  let under: MartUnderTest
  let buyer: Shopper
  let sku: string
  let log: EventLog
  before(async () => {
    under = await startMartWithFaults()
    buyer = await newShopper(under.mart.addresses)
    sku = await under.stock(20_000)
    log = await connectEventLog(under.kafka!.url, { clientName: 'foreigner', logger: createLogger('test', 'silent') })
  })
  after(async () => {
    await log.close()
    await under.stop()
  })

  const lagOf = async (group: string, topics: readonly string[]) =>
    (await log.lag(group, topics)).reduce((sum, { lag }) => sum + lag, 0)
  const isHeard = async () =>
    (await Promise.all(hearers.map((name) => lagOf(name, consumedTopics[name])))).every((lag) => lag === 0)
  const parkedBy = async (service: ServiceName) =>
    (await under.admin.api(service, 'GET', '/parked?limit=100')).body.items as {
      id: string
      key: string
      error: string
      blocked_behind_it: number
    }[]
  const order = async () => {
    const { status, body } = await buyer.order({ lines: [{ sku, quantity: 1 }], payment_method: 'cash_on_delivery' })
    assert.equal(status, 201)
    return body.id as string
  }

  test('a client that is not ours reads the CloudEvents headers of the Kafka binding', async (t) => {
    const kcat = await run('kcat', ['-V']).catch(() => undefined)
    if (!kcat && process.env['CI'] !== 'true') return t.skip('kcat is not installed: apt-get install kcat')
    assert.ok(kcat, 'kcat is not installed')
    const id = await order()
    await buyer.waitFor(id, ['confirmed'])
    const broker = under.kafka!.url.replace('kafka://', '')
    const { stdout } = await run('kcat', ['-b', broker, '-t', 'mart.orders', '-C', '-e', '-q', '-J'])
    const messages = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { key: string; payload: string; headers: string[] })
    const placed = messages.filter(({ key }) => key === id)[0]!
    const headers = Object.fromEntries(
      placed.headers.flatMap((name, at, all) => (at % 2 === 0 ? [[name, all[at + 1]]] : [])),
    )
    assert.equal(headers['ce_specversion'], '1.0')
    assert.match(headers['ce_id']!, /^[0-9a-f-]{36}$/)
    assert.equal(headers['ce_type'], 'order.placed')
    assert.equal(headers['ce_source'], '/services/order')
    assert.ok(!Number.isNaN(Date.parse(headers['ce_time']!)))
    assert.match(headers['ce_dataschema']!, /order\.placed\/1$/)
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(JSON.parse(placed.payload).order_id, id)
  })

  test('foreign messages are parked by every hearer or refused, and good ones beside them are heard', async (t) => {
    const headers = (type = 'order.placed') => ({
      ce_specversion: '1.0',
      ce_id: newId(),
      ce_type: type,
      ce_time: new Date().toISOString(),
    })
    const put = (key: string, value: string, given: Record<string, string> = headers()) =>
      log.append('mart.orders', [{ key, value, headers: JSON.stringify(given) }])
    const blocked = newId()
    await put('junk', '{}', headers('order.eaten'))
    await put('junk', '{"order_id"')
    await put('junk', '{}', {})
    await put('junk\0junk', '"\0"', { ...headers(), ce_type: 'order.\0' })
    await put('junk', 'x'.repeat(900_000))
    await put(blocked, JSON.stringify({ order_id: blocked }))
    await put(blocked, JSON.stringify({ order_id: blocked, total: 'much' }))
    await assert.rejects(put('junk', 'x'.repeat(5 * MB)), /EVENT_LOG_URL.*refuses.*(large|LARGE)/)

    // On every partition, among them those of the junk.
    const good = await Promise.all(Array.from({ length: 40 }, order))
    for (const id of good) await buyer.waitFor(id, ['confirmed'], 60_000)
    await eventually(isHeard, 'everything is heard', 60_000)
    for (const service of hearersOfOrders) {
      const parked = await parkedBy(service)
      assert.equal(parked.length, parkedJunk[service], `${service}: ${parked.map(({ error }) => error).join(', ')}`)
      const ofKey = parked.filter(({ key }) => key === blocked)
      assert.deepEqual(
        ofKey.map((one) => one.blocked_behind_it),
        service === 'payment' ? [] : [1, 0],
      )
      assert.equal(under.mart.services[service].restartCount, 0)
    }
    for (const service of hearersOfOrders)
      for (const { id } of await parkedBy(service))
        await under.admin.api(service, 'DELETE', `/parked/${id}`, { body: { note: 'junk' } })
    await settles(under, buyer, good)
    tell(t, { 'good orders': good.length, ...parkedJunk })
  })

  /** A checksum of each table of the business. */
  const checksums = async () => {
    const ledgers = openAuditedDatabases(under.mart.databaseUrls)
    try {
      const sums: Record<string, string> = {}
      for (const service of serviceNames) {
        const tables = await ledgers[service]<{ name: string }[]>`
          select tablename as name from pg_tables where schemaname = 'public'`
        for (const { name } of tables.filter((table) => !notBusiness.test(table.name))) {
          const [row] = await ledgers[service].unsafe<{ sum: string; rows: number }[]>(
            `select count(*) as rows, md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as sum from "${name}" t`,
          )
          sums[`${service}.${name}`] = `${row!.rows} rows, ${row!.sum}`
        }
      }
      return sums
    } finally {
      await ledgers.close()
    }
  }

  test('offsets set back to the earliest: the whole history is heard again without one changed row', async (t) => {
    const rush = startRush([buyer], [sku])
    await eventually(async () => rush.accepted.length >= 100, '100 orders are accepted', 60_000)
    await rush.end()
    await settles(under, buyer, rush.accepted)
    const rowsBefore = await checksums()
    const topics = [...new Set(hearers.flatMap((name) => consumedTopics[name]))]
    const said = await lagOf('nobody', topics)
    let toHear = 0
    under = await under.restart(async () => {
      for (const name of hearers) {
        for (const topic of consumedTopics[name]) await log.seek(name, topic, 0)
        toHear += await lagOf(name, consumedTopics[name])
      }
    })
    assert.ok(toHear > said, `only ${toHear} of ${said} events are heard again`)
    await eventually(isHeard, 'everything is heard again', 60_000)
    await under.booksHold()
    assert.deepEqual(await checksums(), rowsBefore)
    assert.equal(await lagOf('nobody', topics), said, 'nobody said anything')
    tell(t, { orders: rush.accepted.length, events: said, 'heard again': toHear })
  })
})
