import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { knownShopper, newShopper, type Shopper } from '@mart/demo/shopper'
import { readRemoteMart } from '@mart/tools/remote-mart'
import { type Container, composeStack } from './stack.ts'

const SKU = 'TEA-TD-450'
const runOnce = ['secrets', 'roles', 'catalogue']
const stack = composeStack()
const { addresses } = readRemoteMart(
  { MART_ADMIN_PASSWORD: stack.adminPassword, MART_PORT_OFFSET: String(stack.portOffset) },
  'http://127.0.0.1',
)

describe('the mart in containers', () => {
  before(async () => {
    await stack.up()
    await stack.becomesHealthy()
  })
  after(() => stack.remove())

  test('every container is healthy or has done its work, and nothing is open that need not be', async () => {
    const containers = await stack.containers()
    assert.equal(containers.length, 1 + 6 + 1 + 6 + 4 + 3)
    for (const { service, health, boundTo, state } of containers) {
      assert.equal(state, runOnce.includes(service) ? 'exited' : 'running', service)
      if (!runOnce.includes(service)) assert.equal(health, 'healthy', service)
      if (service.endsWith('-db')) assert.deepEqual(boundTo, [], service)
      for (const ip of boundTo) assert.equal(ip, '127.0.0.1', service)
    }
  })

  test('the shop shows its shelves, and an order is placed through it', async () => {
    const page = await fetch(stack.shopUrl)
    assert.equal(page.status, 200)
    assert.match(await page.text(), /href="\/p\/[^"]+"/)
    const buyer = await newShopper({ ...addresses, order: `${stack.shopUrl}/api` })
    assert.ok(await placeOrder(buyer, AbortSignal.timeout(30_000)))
  })

  test('each service’s sessions are those of a role that is no superuser and owns its database', async () => {
    const sessions = `select distinct usename, rolsuper, pg_get_userbyid(datdba) from pg_stat_activity
      join pg_roles on rolname = usename join pg_database using (datname)
      where backend_type = 'client backend' and pid <> pg_backend_pid()`
    for (const { service } of (await stack.containers()).filter((container) => container.service.endsWith('-db')))
      assert.equal(await stack.query(service, sessions), 'mart|f|mart', service)
  })

  test('what is up comes up again', async () => {
    await stack.up()
    await stack.becomesHealthy()
  })

  test('the demo is as it must be, inside the network and from outside', async () => {
    assert.match(await stack.tool('demo'), /They hold\.[\s\S]*Everything was as it must be\./)
    assert.match(await stack.demoFromOutside(), /Everything was as it must be\./)
  })

  test('the books hold after each container was killed while orders flow', async () => {
    await receiveStock()
    const finish = await startOrdering()
    for (const victim of (await stack.containers()).filter(({ service }) => !runOnce.includes(service))) {
      await stack.kill(victim)
      await backAgain(victim)
    }
    const accepted = await finish()
    assert.ok(accepted.length > 200, `only ${accepted.length} orders were accepted`)
    assert.match(await stack.tool('books'), /They hold\./)
    await allKept(accepted)
  })

  test('down while orders flow and up again: every accepted order is there, and the books hold', async () => {
    const finish = await startOrdering()
    await sleep(5_000)
    await stack.down()
    const accepted = await finish()
    assert.deepEqual(await stack.containers(), [])
    await stack.up()
    await stack.becomesHealthy()
    assert.ok(accepted.length > 20, `only ${accepted.length} orders were accepted`)
    assert.match(await stack.tool('books'), /They hold\./)
    await allKept(accepted)
    assert.match(await stack.tool('demo'), /Everything was as it must be\./)
  })
})

test('a shop comes up in production, with nothing simulated', async (t) => {
  const shop = composeStack({
    NODE_ENV: 'production',
    MART_PROVIDERS: '',
    MART_CATALOGUE: 'empty',
    MART_RATE_LIMITS: 'on',
    POSTGRES_PASSWORD: randomUUID(),
    DATABASE_PASSWORD: randomUUID(),
    PAYMENT_METHODS: 'cash_on_delivery',
    SMTP_URL: 'smtp://mailpit:1025',
    PUBLIC_URL: 'https://pay.mart.example',
    USER_URL: 'https://accounts.mart.example',
  })
  t.after(() => shop.remove())
  await shop.up()
  await shop.becomesHealthy()
  assert.equal((await fetch(`${addresses.payment}/health/ready`)).status, 200)
  assert.equal((await fetch(`${addresses.simulators}/stripe`)).status, 404)
})

async function receiveStock(): Promise<void> {
  const admin = await knownShopper(addresses, 'admin@mart.local', stack.adminPassword)
  const body = { delta: 100_000, reason: 'received' }
  const headers = { 'idempotency-key': randomUUID() }
  const { status } = await admin.api('inventory', 'POST', `/stock/${encodeURIComponent(SKU)}/adjustments`, {
    body,
    headers,
  })
  assert.equal(status, 201)
}

/** A few orders a second at both replicas until told to finish, which answers with what was accepted. */
async function startOrdering(): Promise<() => Promise<string[]>> {
  const over = new AbortController()
  const accepted: string[] = []
  const lane = async (url: string) => {
    const buyer = await newShopper({ ...addresses, order: url })
    while (!over.signal.aborted) {
      const id = await placeOrder(buyer, over.signal)
      if (id) accepted.push(id)
      await sleep(60)
    }
  }
  const lanes = Promise.all(stack.orderUrls.map(lane))
  lanes.catch(() => over.abort())
  return async () => {
    over.abort()
    await lanes
    return accepted
  }
}

/** A request that fails may or may not have been taken: sent again with its key, it is taken once. */
async function placeOrder(buyer: Shopper, signal: AbortSignal): Promise<string | undefined> {
  const key = randomUUID()
  const payment_method = Math.random() < 0.2 ? 'stripe' : 'cash_on_delivery'
  while (!signal.aborted) {
    const answer = await buyer.order({ lines: [{ sku: SKU, quantity: 1 }], payment_method }, key).catch(() => null)
    if (answer?.status === 201) return answer.body.id
    await sleep(200)
  }
  return undefined
}

async function backAgain(victim: Container): Promise<void> {
  await sleep(1_000)
  await stack.becomesHealthy()
  await sleep(1_000)
  const now = (await stack.containers()).find(({ id }) => id === victim.id)
  assert.equal(now?.health, 'healthy', victim.service)
}

async function allKept(ids: readonly string[]): Promise<void> {
  const kept = new Set((await stack.query('order-db', "select id from orders where status <> 'placed'")).split('\n'))
  assert.deepEqual(
    ids.filter((id) => !kept.has(id)),
    [],
  )
}
