// `npm run bench`: what the mart carries on this machine, each figure beside a yardstick of the same minutes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkBooks, printBooks } from '@mart/local/books/check-books'
import type { RunningMart } from '@mart/local/mart-file'
import { readSecrets } from '@mart/local/secrets'
import { knownShopper } from '@mart/local/shopper'
import { type CatalogueRun, catalogueRun } from './catalogue.ts'
import { startMartProcess } from './mart-process.ts'
import { benchOrders, compare, type Engine, type OrderFigures, orderLines } from './order-bench.ts'
import { benchPayments, paymentLines } from './payments.ts'
import { searchLines } from './search.ts'
import { fillStock, importProducts } from './shelves.ts'
import { against, below, type Line, ms, printTable, rate } from './table.ts'
import { helloPerSecond } from './yardsticks.ts'

const SECONDS = 10
const SKUS = 1_000
const BACKLOG_ORDERS = 50_000
const { engines, wanted } = readArguments()

const folder = mkdtempSync(join(tmpdir(), 'mart-bench-'))
const env = {
  MART_PORT_OFFSET: '4000',
  MART_RATE_LIMITS: 'off',
  MART_CATALOGUE: 'empty',
  LOG_LEVEL: 'warn',
}
const lines: Line[] = []
const figures = new Map<Engine, OrderFigures>()
const say = (line: string) => console.log(`… ${line}`)

async function benchCatalogue(mart: RunningMart, products: number): Promise<void> {
  say(`catalogue of ${products} products`)
  const hello = { name: 'hello', perSecond: await helloPerSecond(5) }
  const run = await catalogueRun(mart, 5)
  lines.push({ what: `yardstick: bare Fastify hello (${products} products)`, value: rate(hello.perSecond) })
  lines.push(against(`listing, page 1 of ${products}`, run.firstPage.perSecond, hello, 0.2), deepLine(run, products))
  lines.push({
    what: `search "chiken masla" in ${products}`,
    value: `${rate(run.search.perSecond)}, p99 ${ms(run.search.p99Ms)}`,
  })
  lines.push({ what: `one product of ${products}`, value: rate(run.detail.perSecond) })
}

function deepLine({ firstPage, deepPage }: CatalogueRun, products: number): Line {
  const times = firstPage.perSecond / deepPage.perSecond
  return {
    what: `listing, page ${Math.min(1_000, products / 20)} of ${products}`,
    value: rate(deepPage.perSecond),
    ratio: `costs ${times.toFixed(2)} × page 1`,
    wanted: '≤ 1.5',
    isReached: times <= 1.5,
  }
}

function superuserUrlOf(mart: RunningMart, engine: Engine): string {
  const { superuserPassword } = readSecrets(join(folder, engine))
  const url = new URL(mart.databaseUrls.order)
  url.username = 'postgres'
  url.password = superuserPassword
  url.pathname = '/postgres'
  return url.href
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { engine: { type: 'string', multiple: true, default: ['embedded', 'kafka'] } },
  })
  const parts = ['start', 'search', 'orders', 'payments', 'catalogue']
  const engines = values.engine as Engine[]
  const strange = [
    ...positionals.filter((part) => !parts.includes(part)),
    ...engines.filter((engine) => engine !== 'embedded' && engine !== 'kafka'),
  ]
  if (strange.length > 0) {
    console.error(
      `${strange.join(', ')}? Use: npm run bench -- [${parts.join('] [')}] [--engine embedded] [--engine kafka]`,
    )
    process.exit(1)
  }
  return { engines, wanted: (part: string) => positionals.length === 0 || positionals.includes(part) }
}

async function withMart(engine: Engine, work: (mart: RunningMart) => Promise<void>): Promise<void> {
  const place = { ...env, MART_DATA_DIR: join(folder, engine), MART_EVENT_LOG: engine }
  const { mart, stop } = await startMartProcess(place)
  try {
    const admin = await knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword)
    say(`filling the shelves with ${SKUS} products`)
    await importProducts(admin, mart, 0, SKUS)
    await fillStock(admin, SKUS)
    await work(mart)
    // Tens of thousands of mails are still to be sent: what moves is left out of the books then.
    const books = await checkBooks(mart, { patienceMs: 30_000 })
    printBooks(books, console.log)
    if (!books.hold) process.exitCode = 1
  } finally {
    await stop()
  }
}

async function benchStart(): Promise<void> {
  say('start-up')
  const place = { ...env, MART_DATA_DIR: join(folder, 'start'), MART_CATALOGUE: 'demo' }
  const first = await startMartProcess(place)
  await first.stop()
  const again = await startMartProcess(place)
  await again.stop()
  const seconds = (value: number) => `${value.toFixed(1)} s`
  lines.push({
    what: 'npm start to ready, first start: initdb and demo catalogue too',
    value: seconds(first.secondsToReady),
  })
  lines.push(below('npm start to ready, later starts', again.secondsToReady, 8, seconds))
}

async function benchSearch(): Promise<void> {
  say('search')
  const { mart, stop } = await startMartProcess({
    ...env,
    MART_DATA_DIR: join(folder, 'search'),
    MART_CATALOGUE: 'demo',
  })
  try {
    const measured = await searchLines(mart, say)
    if (measured.some(({ isReached }) => isReached === false)) process.exitCode = 1
    lines.push(...measured)
  } finally {
    await stop()
  }
}

try {
  if (wanted('start')) await benchStart()
  if (wanted('search')) await benchSearch()
  for (const engine of wanted('orders') ? engines : []) {
    await withMart(engine, async (mart) => {
      const superuserUrl = superuserUrlOf(mart, engine)
      const measured = { superuserUrl, skus: SKUS, seconds: SECONDS, backlogOrders: BACKLOG_ORDERS }
      figures.set(engine, await benchOrders(mart, { ...measured, say: (line) => say(`${engine}: ${line}`) }))
    })
  }
  for (const [engine, measured] of figures) lines.push(...orderLines(engine, measured))
  const [embedded, kafka] = [figures.get('embedded'), figures.get('kafka')]
  if (embedded && kafka) lines.push(compare(embedded, kafka))
  for (const engine of wanted('payments') ? engines : []) {
    await withMart(engine, async (mart) => {
      const { stripeWebhookSecret } = readSecrets(join(folder, engine))
      const measured = { superuserUrl: superuserUrlOf(mart, engine), skus: SKUS, seconds: SECONDS }
      const paid = await benchPayments(mart, {
        ...measured,
        webhookSecret: stripeWebhookSecret,
        say: (line) => say(`${engine}: ${line}`),
      })
      lines.push(...paymentLines(engine, paid))
    })
  }
  if (wanted('catalogue')) {
    await withMart('embedded', async (mart) => {
      await benchCatalogue(mart, SKUS)
      say('filling the shelves with 100,000 products')
      await importProducts(await knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword), mart, SKUS, 100_000)
      await benchCatalogue(mart, 100_000)
    })
  }
  printTable(lines)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
