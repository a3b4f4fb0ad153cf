import { knownShopper } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'
import { readSecrets } from '@mart/local/secrets'
import { checkBooks, printBooks } from '@mart/tools/books/check-books'
import { startMartProcess } from './mart-process.ts'
import type { Engine } from './order-bench.ts'
import { fillStock, importProducts, putUpShelves } from './shelves.ts'

export type Processes = 'one' | 'each'

export const SKUS = 1_000
export const benchEnvironment = {
  MART_PORT_OFFSET: '4000',
  MART_RATE_LIMITS: 'off',
  MART_CATALOGUE: 'empty',
  MART_SHOP: 'off',
  LOG_LEVEL: 'warn',
}

export function superuserUrlOf(mart: RunningMart, dataDir: string): string {
  const { superuserPassword } = readSecrets(dataDir)
  const url = new URL(mart.databaseUrls.order)
  url.username = 'postgres'
  url.password = superuserPassword
  url.pathname = '/postgres'
  return url.href
}

interface BenchMart {
  readonly engine: Engine
  readonly processes: Processes
  readonly checksBooks?: boolean
  readonly hasShop?: boolean
  readonly say: (line: string) => void
}

/** Works on a mart with full shelves, and lets the books be checked when it is done. */
export async function withBenchMart(
  dataDir: string,
  { engine, processes, checksBooks = true, hasShop = false, say }: BenchMart,
  work: (mart: RunningMart) => Promise<void>,
): Promise<void> {
  const place = { MART_DATA_DIR: dataDir, MART_EVENT_LOG: engine, MART_PROCESSES: processes }
  const shop = hasShop ? { MART_SHOP: 'on' } : {}
  const { mart, stop } = await startMartProcess({ ...benchEnvironment, ...shop, ...place })
  try {
    const admin = await knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword)
    say(`filling the shelves with ${SKUS} products`)
    await putUpShelves(admin)
    await importProducts(admin, mart, 0, SKUS)
    await fillStock(admin, SKUS)
    await work(mart)
    if (!checksBooks) return
    // Tens of thousands of mails are still to be sent: what moves is left out of the books then.
    const books = await checkBooks(mart, { patienceMs: 30_000 })
    printBooks(books, console.log)
    if (!books.hold) process.exitCode = 1
  } finally {
    await stop()
  }
}
