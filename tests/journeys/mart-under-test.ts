import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkBooks, printBooks } from '@mart/local/books/check-books'
import { type Mart, startMart } from '@mart/local/mart'
import { readSettings } from '@mart/local/settings'
import { knownShopper, type Shopper, someAddress } from '@mart/local/shopper'
import { soon } from '@mart/local/soon'

const PORT_OFFSET = 3_000

export interface MartUnderTest {
  readonly mart: Mart
  readonly admin: Shopper
  /** Puts a new SKU with this stock on the shelves and waits until it can be ordered. */
  readonly stock: (quantity: number, price?: number) => Promise<string>
  readonly available: (sku: string) => Promise<{ on_hand: number; reserved: number; available: number }>
  readonly booksHold: () => Promise<void>
  /** Stops the mart and starts it again with the data it had. */
  readonly restart: () => Promise<MartUnderTest>
  readonly stop: () => Promise<void>
}

/** A whole mart of its own: temporary folder, empty shelves, ports far from the usual ones. */
export async function startMartUnderTest(env: Record<string, string> = {}): Promise<MartUnderTest> {
  const dataDir = join(mkdtempSync(join(tmpdir(), 'mart-journey-')), 'data')
  return await startOn(dataDir, env)
}

async function startOn(dataDir: string, env: Record<string, string>): Promise<MartUnderTest> {
  const settings = readSettings({
    PATH: process.env['PATH'],
    MART_DATA_DIR: dataDir,
    MART_PORT_OFFSET: String(PORT_OFFSET),
    MART_CATALOGUE: 'empty',
    MART_RATE_LIMITS: 'off',
    MART_PROVIDERS: 'simulated',
    LOG_LEVEL: 'warn',
    ...env,
  })
  const mart = await startMart({ settings })
  const admin = await knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword)
  return {
    mart,
    admin,
    stock: (quantity, price = 89_900) => putOnShelf(admin, quantity, price),
    available: async (sku) => (await admin.api('inventory', 'GET', `/stock/${sku}`)).body,
    async booksHold() {
      const books = await checkBooks(mart)
      const lines: string[] = []
      printBooks(books, (line) => lines.push(line))
      assert.ok(books.hold && books.quiet, lines.join('\n'))
    },
    async restart() {
      await mart.stop()
      return await startOn(dataDir, env)
    },
    async stop() {
      await mart.stop()
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
  await soon(async () => {
    const { status } = await admin.api('inventory', 'POST', `/stock/${sku}/adjustments`, {
      body: { delta: quantity, reason: 'received' },
      headers: { 'idempotency-key': `stock ${sku}` },
    })
    return status === 201
  }, `inventory has heard of ${sku}`)
  // The order service hears of it by itself; an order that expects another total is priced and then refused.
  await soon(async () => {
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
