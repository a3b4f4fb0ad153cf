import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newShopper, type Shopper } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import { whyNoCluster } from './cluster.ts'
import { type MartInCluster, startMartInCluster } from './mart.ts'
import { type Ordering, startOrdering } from './ordering.ts'
import { watchReplicas } from './replicas.ts'

const SKUS = ['TEA-TD-450', 'TEA-TD-190']
const FEW = 5
const MANY = 4 * FEW
const LAGGING = 10
const MINUTE_MS = 60_000

describe('the mart on Kubernetes', { skip: whyNoCluster() ?? false, timeout: 60 * MINUTE_MS }, () => {
  let mart: MartInCluster
  let buyers: Shopper[]
  before(
    async () => {
      mart = await startMartInCluster()
      for (const sku of SKUS) await mart.receiveStock(sku, 100_000)
    },
    { timeout: 30 * MINUTE_MS },
  )
  // A token lives for a quarter of an hour.
  beforeEach(async () => {
    await mart.becomesReady(2, 5 * MINUTE_MS)
    buyers = await mart.buyers(4)
  })
  after(() => mart?.stop())

  test('the demo is as it must be, and the books hold', async () => {
    assert.match(await mart.tool('demo'), /Everything was as it must be\./)
    assert.match(await mart.tool('books'), /They hold\./)
  })

  test('the shop is shown, and an order placed, through the gateway', async () => {
    const shop = mart.addresses.shop!
    assert.match(await (await fetch(shop)).text(), /href="\/p\/[^"]+"/)
    const buyer = await newShopper({ ...mart.addresses, order: `${shop}/api` })
    const order = { lines: [{ sku: SKUS[0]!, quantity: 1 }], payment_method: 'cash_on_delivery' as const }
    assert.equal((await buyer.order(order, crypto.randomUUID())).status, 201)
  })

  test('who is not named is not let through, and who is, is', async () => {
    const tries = `const [host, port] = process.argv.slice(-2);
      const s = require('net').connect({ host, port, timeout: 4000 });
      const tell = (t) => { console.log(t); process.exit() };
      s.on('connect', () => tell('connected')).on('timeout', () => tell('timeout')).on('error', (e) => tell(e.code))`
    const reach = (from: string, host: string, port: number) =>
      mart.kubectl('exec', `deploy/${from}`, '--', 'node', '-e', tries, '--', host, String(port))
    assert.equal(await reach('order', 'order-db', 5432), 'connected')
    assert.equal(await reach('order', 'kafka', 9092), 'connected')
    assert.equal(await reach('order', 'user', 8000), 'connected')
    assert.equal(await reach('notification', 'mailpit', 1025), 'connected')
    assert.equal(await reach('gateway', 'order', 8003), 'connected')
    assert.equal(await reach('gateway', 'order-db', 5432), 'timeout')
    assert.equal(await reach('order', 'gateway', 3000), 'timeout')
    assert.equal(await reach('order', 'payment-db', 5432), 'timeout')
    assert.equal(await reach('notification', 'order', 8003), 'timeout')
    assert.equal(await reach('order', 'mailpit', 1025), 'timeout')
    assert.equal(await reach('order', 'simulators', 8010), 'timeout')
    assert.equal(await reach('user', 'payment', 8008), 'timeout')
  })

  test('four times the orders: replicas follow up and down, and no order waits for more than 5 s', async (t) => {
    const watch = watchAll(t)
    const since = await now()
    const ordering = orderAt(t, FEW)
    await sleep(20_000)
    watch.note(`${FEW} a second; now ${MANY}`)
    ordering.rate = MANY
    await eventually(async () => watch.most('order') >= 4, 'order has four replicas', 2 * MINUTE_MS)
    await sleep(20_000)
    watch.note(`now ${FEW} again`)
    ordering.rate = FEW
    await eventually(
      async () => (await mart.replicas())['order']?.ready === 2,
      'order has two replicas again',
      4 * MINUTE_MS,
    )
    await ordering.end()
    assert.deepEqual(ordering.failed, [])
    await settles(t, ordering, since)
    assert.ok((await longestWaits(since))[0]!.seconds <= 5, 'an order waited for more than 5 s')
  })

  test('a database that is slow: replicas follow the lag, which CPU does not see', async (t) => {
    const watch = watchAll(t)
    const since = await now()
    // Two replicas consume two thirds of what is placed, four of them more than that.
    await mart.query(
      'inventory-db',
      `create or replace function wait() returns trigger language plpgsql as 'begin perform pg_sleep(${3 / LAGGING}); return new; end';
       create trigger slow before insert on inbox for each row execute function wait()`,
    )
    const ordering = orderAt(t, LAGGING)
    await eventually(async () => watch.most('inventory') >= 3, 'inventory has a third replica', 3 * MINUTE_MS)
    await mart.query('inventory-db', 'drop trigger slow on inbox')
    watch.note('it is slow no more')
    await ordering.end()
    await mart.becomesReady(2, 5 * MINUTE_MS)
    assert.deepEqual(ordering.failed, [])
    await settles(t, ordering, since)
  })

  test('a node is drained under load: no request fails', async (t) => {
    const since = await now()
    const ordering = orderAt(t, FEW)
    const [node] = (await mart.cluster.kubectl('get', 'nodes', '-o', 'name')).split('\n')
    // It is the only node: what holds data stays, and of each service the budget lets one pod go.
    const drain = mart.cluster.kubectl(
      'drain',
      node!,
      '--pod-selector=app.kubernetes.io/component=service',
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      '--timeout=30s',
    )
    await assert.rejects(drain, /disruption budget/)
    await mart.cluster.kubectl('uncordon', node!)
    await mart.becomesReady(2, 2 * MINUTE_MS)
    await ordering.end()
    assert.deepEqual(ordering.failed, [])
    await settles(t, ordering, since)
  })

  test('another version rolls out under load: no request fails, and two versions of an event are heard side by side', async (t) => {
    const since = await now()
    const ordering = orderAt(t, FEW)
    await sleep(5_000)
    await mart.upgrade('test-2')
    await sleep(5_000)
    await ordering.end()
    assert.deepEqual(ordering.failed, [])
    await settles(t, ordering, since)
    const both = await mart.query(
      'order-db',
      `select bool_or(value::jsonb ? 'channel') and not bool_and(value::jsonb ? 'channel') from outbox_sent
       where headers::jsonb ->> 'ce_type' = 'order.placed' and said_at >= '${since}'`,
    )
    assert.equal(both, 't', 'order.placed was said with a channel and without')
  })

  test('a pod is killed every 5 s', async (t) => {
    const since = await now()
    const ordering = orderAt(t, FEW)
    for (let n = 0; n < 9; n += 1) {
      const pods = await mart.kubectl('get', 'pods', '-l', 'app.kubernetes.io/component=service', '-o', 'name')
      const victim = pods.split('\n').at(Math.floor(Math.random() * pods.split('\n').length))!
      await mart.kubectl('delete', victim, '--grace-period=0', '--force')
      await sleep(5_000)
    }
    await mart.becomesReady(2, 3 * MINUTE_MS)
    await ordering.end()
    t.diagnostic(`${ordering.failed.length} requests were sent again`)
    await settles(t, ordering, since)
  })

  test('Kafka is killed: orders are taken all the while, and settle once it is back', async (t) => {
    const since = await now()
    const ordering = orderAt(t, FEW)
    await sleep(3_000)
    await mart.kubectl('delete', 'pod', 'kafka-0', '--grace-period=0', '--force')
    await sleep(5_000)
    await mart.kubectl('wait', 'pod/kafka-0', '--for=condition=Ready', '--timeout=120s')
    await sleep(5_000)
    await ordering.end()
    assert.deepEqual(ordering.failed, [])
    await settles(t, ordering, since)
  })

  /** Goes on until it is ended, or the test has failed. */
  const orderAt = (t: TestContext, rate: number) => {
    const ordering = startOrdering(buyers, SKUS, rate)
    t.after(ordering.end)
    return ordering
  }

  /** Tells what it saw at the end of the test, also of one that fails. */
  const watchAll = (t: TestContext) => {
    const watch = watchReplicas(mart.replicas)
    t.after(() => {
      for (const line of watch.end()) t.diagnostic(line)
    })
    return watch
  }

  const now = () => mart.query('order-db', 'select now()')

  /** Seconds from an order's placing to its reservation, the longest five waits first, and when those were placed. */
  const longestWaits = async (since: string): Promise<{ seconds: number; placedAfter: number }[]> => {
    const waits = await mart.query(
      'order-db',
      `select extract(epoch from h.at - o.placed_at), extract(epoch from o.placed_at - '${since}') from orders o
       join order_history h on h.order_id = o.id and h.what = 'stock_reserved' where o.placed_at >= '${since}'
       order by 1 desc limit 5`,
    )
    return waits.split('\n').map((line) => {
      const [seconds, placedAfter] = line.split('|').map(Number)
      return { seconds: seconds!, placedAfter: placedAfter! }
    })
  }

  /** Every accepted order is there once and has moved on, and the books hold. */
  async function settles(t: TestContext, { accepted }: Ordering, since: string): Promise<void> {
    assert.match(await mart.tool('books'), /They hold\./)
    const kept = `select id from orders where status <> 'placed' and placed_at >= '${since}'`
    const ids = new Set((await mart.query('order-db', kept)).split('\n'))
    const lost = accepted.filter((id) => !ids.has(id))
    assert.deepEqual(lost, [])
    assert.equal(ids.size, accepted.length, 'orders that nobody was told of')
    const waits = (await longestWaits(since)).map(
      ({ seconds, placedAfter }) => `${seconds.toFixed(1)} s (placed after ${placedAfter.toFixed(0)} s)`,
    )
    t.diagnostic(`${accepted.length} orders, the longest waits ${waits.join(', ')}`)
  }
})
