import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { knownShopper, type Shopper, someAddress } from '@mart/demo/shopper'
import { type KafkaServer, startThrowAwayKafka } from '@mart/local/kafka-server'
import { type Mart, startMart } from '@mart/local/mart'
import { readSettings, type Settings } from '@mart/local/settings'
import { eventually } from '@mart/service-kit/eventually'
import { checkBooks, printBooks } from '@mart/tools/books/check-books'
import { takePorts } from './test-ports.ts'

export interface MartUnderTest {
  readonly mart: Mart
  readonly settings: Settings
  /** Given when the mart runs on Kafka: its brokers can be killed, stopped and started again. */
  readonly kafka: KafkaServer | undefined
  readonly admin: Shopper
  /** Puts a new SKU with this stock on the shelves and waits until it can be ordered. */
  readonly stock: (quantity: number, price?: number) => Promise<string>
  readonly available: (sku: string) => Promise<{ on_hand: number; reserved: number; available: number }>
  /** Waits up to `patienceMs` for quiet first; not given: as long as the books themselves. */
  readonly booksHold: (options?: { readonly patienceMs?: number }) => Promise<void>
  /** Stops the mart, its brokers apart, and starts it again with the data it had. */
  readonly restart: (whileStopped?: () => Promise<void>) => Promise<MartUnderTest>
  readonly stop: () => Promise<void>
}

export interface MartUnderTestOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Not given: MART_TEST_ENGINE, which is how tests/run.ts runs the journeys on both. */
  readonly engine?: 'embedded' | 'kafka'
  readonly brokers?: 1 | 3
}

/**
 * A whole mart of its own: temporary folder, empty shelves, ports that no other one has; on Kafka with brokers of its
 * own, since topics and groups have fixed names. The brokers are not started again when they die.
 */
export async function startMartUnderTest({
  env = {},
  engine = testEngine(),
  brokers = 1,
}: MartUnderTestOptions = {}): Promise<MartUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'mart-journey-'))
  const { portOffset, giveBack } = await takePorts()
  const kafka = engine === 'kafka' ? await startThrowAwayKafka({ brokers }) : undefined
  const place = {
    dataDir: join(folder, 'data'),
    kafka,
    env: {
      MART_PORT_OFFSET: String(portOffset),
      ...env,
      ...(kafka && { EVENT_LOG_URL: kafka.url, KAFKA_REPLICATION: String(brokers) }),
    },
    giveBack,
  }
  try {
    return await startOn(place)
  } catch (error) {
    await kafka?.stop()
    giveBack()
    throw error
  }
}

function testEngine(): 'embedded' | 'kafka' {
  const engine = process.env['MART_TEST_ENGINE'] ?? 'embedded'
  assert.ok(engine === 'embedded' || engine === 'kafka', `MART_TEST_ENGINE is ${engine}: embedded or kafka`)
  return engine
}

interface Place {
  readonly dataDir: string
  readonly kafka: KafkaServer | undefined
  readonly env: Readonly<Record<string, string>>
  /** Its ports, for another one. */
  readonly giveBack: () => void
}

async function startOn(place: Place): Promise<MartUnderTest> {
  const { dataDir, kafka, env, giveBack } = place
  const settings = readSettings({
    PATH: process.env['PATH'],
    MART_DATA_DIR: dataDir,
    MART_CATALOGUE: 'empty',
    MART_RATE_LIMITS: 'off',
    MART_SHOP: 'off',
    MART_PROVIDERS: 'simulated',
    LOG_LEVEL: 'warn',
    ...env,
  })
  const mart = await startMart({ settings })
  const admin = await knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword)
  return {
    mart,
    settings,
    kafka,
    admin,
    stock: (quantity, price = 89_900) => putOnShelf(admin, quantity, price),
    available: async (sku) => (await admin.api('inventory', 'GET', `/stock/${encodeURIComponent(sku)}`)).body,
    async booksHold(options) {
      const books = await checkBooks(mart, options)
      const lines: string[] = []
      printBooks(books, (line) => lines.push(line))
      assert.ok(books.hold && books.moving.length === 0, lines.join('\n'))
    },
    async restart(whileStopped) {
      await mart.stop()
      await whileStopped?.()
      return await startOn(place)
    },
    async stop() {
      await mart.stop()
      await kafka?.stop()
      giveBack()
      rmSync(join(dataDir, '..'), { recursive: true, force: true })
    },
  }
}

let made = 0

async function putOnShelf(admin: Shopper, quantity: number, price: number): Promise<string> {
  made += 1
  const sku = `TEA-${made}`
  const product = await admin.api('product', 'POST', '/products', {
    body: {
      name: `Tea ${made}`,
      status: 'published',
      variants: [
        {
          sku,
          name: '450 g',
          prices: [
            { amount: price, currency: 'PKR' },
            { amount: 399, currency: 'USD' },
          ],
        },
      ],
    },
  })
  assert.equal(product.status, 201, JSON.stringify(product.body))
  await eventually(async () => {
    const { status } = await admin.api('inventory', 'POST', `/stock/${encodeURIComponent(sku)}/adjustments`, {
      body: { delta: quantity, reason: 'received' },
      headers: { 'idempotency-key': `stock ${sku}` },
    })
    return status === 201
  }, `inventory has heard of ${sku}`)
  // The order service hears of it by itself; an order that expects another total is priced and then refused.
  await eventually(async () => {
    const { body } = await admin.api('order', 'POST', '/orders', {
      body: {
        lines: [{ sku, quantity: 1 }],
        currency: 'PKR',
        payment_method: 'cash_on_delivery',
        shipping_address: someAddress,
        expected_total: { amount: 1, currency: 'PKR' },
      },
    })
    return body.code === 'price_changed'
  }, `order has heard of ${sku}`)
  return sku
}
