import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { newId } from '@mart/service-kit/ids'
import { eventually } from '@mart/service-kit/testing'
import { readMetric } from '@mart/service-kit/testing-metrics'
import { basket, type OrderShop, startOrderShop } from './order-fixture.ts'

const ORDERS = 60
const QUEUE = 10
const BATCH = 5
const settings = {
  OTEL_BSP_SCHEDULE_DELAY: '20',
  OTEL_BSP_MAX_QUEUE_SIZE: String(QUEUE),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: String(BATCH),
  OTEL_BSP_EXPORT_TIMEOUT: '600000',
}

/** A collector at a port that stays its own while nobody listens there. */
async function collector(answer: RequestListener) {
  const bodies: Buffer[] = []
  let answerNow = answer
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    bodies.push(Buffer.concat(chunks))
    answerNow(request, response)
  })
  const listen = async (port: number) => {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)
  const close = async () => {
    server.closeAllConnections()
    await once(server.close(), 'close')
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    has: (text: string) => bodies.some((body) => body.includes(text)),
    close,
    /** From now on it takes what comes. */
    async recover() {
      answerNow = (_, response) => response.end()
      if (!server.listening) await listen(port)
    },
  }
}

const orderMany = (shop: OrderShop) =>
  Promise.all(Array.from({ length: ORDERS }, async () => (await shop.place(basket(), { id: newId() })).status))

describe('the traces of orders', () => {
  before(() => {
    process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = '600000'
  })
  after(() => {
    delete process.env['OTEL_EXPORTER_OTLP_TIMEOUT']
  })

  test('name the order by its id and its number', async () => {
    const taker = await collector((_, response) => response.end())
    const shop = await startOrderShop({ ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: taker.url })
    const { id, number } = await shop.placed(basket())
    await eventually(async () => taker.has('order.number') && taker.has(number) && taker.has(id), 'the span of placing')
    await shop.stop()
    await taker.close()
  })

  const held: (() => void)[] = []
  const away: readonly { what: string; answer: RequestListener | null }[] = [
    { what: 'whose port is closed', answer: null },
    { what: 'that answers 503', answer: (_, response) => response.writeHead(503).end() },
    { what: 'that accepts and never answers', answer: (_, response) => held.push(() => response.end()) },
  ]
  for (const { what, answer } of away) {
    // A service that waited for its collector would wait for ten minutes.
    test(`of a collector ${what} cost orders nothing, wait in a bounded queue, are counted, and hold up no end`, {
      timeout: 60_000,
    }, async () => {
      const absent = await collector(answer ?? (() => undefined))
      if (!answer) await absent.close()
      const shop = await startOrderShop({ ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: absent.url })
      assert.deepEqual(new Set(await orderMany(shop)), new Set([201]))
      const lost = async () =>
        (await readMetric(shop, 'trace_spans_total')) -
        (await readMetric(shop, 'trace_spans_total', { outcome: 'sent' }))
      // What is left is under way or waits.
      await eventually(async () => (await lost()) >= ORDERS - QUEUE - BATCH, 'the rest is dropped, and counted')
      assert.deepEqual(new Set(await orderMany(shop)), new Set([201]))
      await shop.stop()
      await absent.recover()
      for (const release of held.splice(0)) release()
      await absent.close()
    })
  }
})
