import { randomUUID } from 'node:crypto'
import { Agent, get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { call, knownShopper, newShopper, someAddress } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'
import { cpuOf } from './cpu.ts'
import { placeOrders } from './orders.ts'
import { gatewayOf, memoryOfOne } from './processes.ts'
import { skuOf } from './shelves.ts'
import { below, type Line, ms } from './table.ts'

const PAGES = 1_000
const FLOW_PER_SECOND = 100
const SHIPPED_PER_SECOND = 50
const TOGETHER = 20
const PATIENCE_MS = 30_000
const WANTED_P99_MS = 1_000

interface OpenPage {
  readonly id: string
  /** When it showed that its order is on its way. */
  readonly shipped: Promise<number>
  readonly close: () => void
}

/** A thousand guests look at their orders while others order; each order is shipped once, and its page must hear of it. */
export async function orderPageLines(
  mart: RunningMart,
  { shop, skus, say }: { shop: string; skus: number; say: (line: string) => void },
): Promise<Line[]> {
  say(`web: ${PAGES} orders of guests`)
  const orders = await inLanes(PAGES, (n) => orderOfGuest(mart, n))
  await sleep(5_000) // until they are confirmed: before that nothing can be shipped
  const gateway = gatewayOf(mart.pid)
  const before = memoryOfOne(gateway)
  say(`web: their pages are open while ${FLOW_PER_SECOND} orders a second flow`)
  const agent = new Agent({ keepAlive: true, maxSockets: PAGES })
  const pages = await inLanes(PAGES, (n) => openPage(shop, orders[n]!, agent))
  const during = memoryOfOne(gateway)
  const admin = await knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword)
  const buyer = await newShopper(mart.addresses)
  const seconds = PAGES / SHIPPED_PER_SECOND
  const { result: delays, cpu } = await cpuOf(mart.pid, async () => {
    const flow = placeOrders(mart, buyer, { skus, connections: 32, seconds: seconds + 2, rate: FLOW_PER_SECOND })
    const shipped = pages.map(async (page, n) => {
      await sleep((n * 1_000) / SHIPPED_PER_SECOND)
      const askedAt = performance.now()
      const answer = await admin.api('order', 'POST', `/orders/${page.id}/shipments`, {
        body: { carrier: 'TCS', tracking_number: `T-${n}` },
        headers: { 'idempotency-key': randomUUID() },
      })
      if (answer.status !== 200) throw new Error(`shipping ${page.id}: ${answer.status} ${JSON.stringify(answer.body)}`)
      return (await Promise.race([page.shipped, sleep(PATIENCE_MS, Number.POSITIVE_INFINITY)])) - askedAt
    })
    const all = await Promise.all(shipped)
    const { bad } = await flow
    if (bad > 0) throw new Error(`${bad} orders were not taken`)
    return all
  })
  for (const { close } of pages) close()
  agent.destroy()
  const sorted = delays.toSorted((one, other) => one - other)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  const gatewayShare = (cpu.get('gateway') ?? 0) / seconds
  return [
    {
      ...below(
        `web: ${PAGES} open order pages: from asking for a move until the page has it, p99`,
        at(0.99),
        WANTED_P99_MS,
        ms,
      ),
      ratio: `p50 ${ms(at(0.5))}, the gateway ${(gatewayShare * 100).toFixed(0)} % of a core`,
    },
    {
      what: `web: memory of the gateway for each of them, PSS`,
      value: `${(((during - before) * 1_024) / PAGES).toFixed(0)} kB`,
    },
  ]
}

async function inLanes<Result>(count: number, work: (n: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const lane = async () => {
    while (next < count) {
      const n = next
      next += 1
      results[n] = await work(n)
    }
  }
  await Promise.all(Array.from({ length: TOGETHER }, lane))
  return results
}

async function orderOfGuest(mart: RunningMart, n: number): Promise<{ id: string; secret: string }> {
  const phone = `+92300${String(1_000_000 + n)}`
  const { status, body } = await call(`${mart.addresses.order}/orders`, 'POST', {
    headers: { 'idempotency-key': randomUUID() },
    body: {
      lines: [{ sku: skuOf(n % 100), quantity: 1 }],
      currency: 'PKR',
      payment_method: 'cash_on_delivery',
      shipping_address: { ...someAddress, phone },
      contact: { name: 'Sana Malik', email: `guest.${n}@example.com`, phone },
    },
  })
  if (status !== 201) throw new Error(`a guest's order: ${status} ${JSON.stringify(body)}`)
  return { id: body.id, secret: body.guest_token }
}

/** As a browser's EventSource does, through the gateway. */
async function openPage(shop: string, { id, secret }: { id: string; secret: string }, agent: Agent): Promise<OpenPage> {
  const headers = { accept: 'text/event-stream', cookie: `guest=${secret}` }
  const stream = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${shop}/orders/${id}/events`, { agent, headers }, resolve).on('error', reject)
  })
  if (stream.statusCode !== 200) throw new Error(`the events of ${id}: ${stream.statusCode}`)
  stream.setEncoding('utf8')
  const shipped = new Promise<number>((resolve) => {
    stream.on('data', (text: string) => text.includes('"status":"shipped"') && resolve(performance.now()))
  })
  stream.on('error', () => undefined) // it is cut at the end
  return { id, shipped, close: () => stream.destroy() }
}
