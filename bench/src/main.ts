// `npm run bench`: what the mart carries on this machine, each figure beside a yardstick of the same minutes.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkBooks, printBooks } from '@mart/local/books/check-books'
import type { RunningMart } from '@mart/local/mart-file'
import { knownShopper, newShopper } from '@mart/local/shopper'
import { type CatalogueRun, catalogueRun } from './catalogue.ts'
import { startMartProcess } from './mart-process.ts'
import { memoryOf } from './memory.ts'
import { orderRun } from './orders.ts'
import { fillStock, importProducts } from './shelves.ts'
import { against, below, type Line, ms, printTable, rate } from './table.ts'
import { helloPerSecond, pgbenchTps } from './yardsticks.ts'

const SECONDS = 10
const SKUS = 1_000
const parts = new Set(process.argv.slice(2))
const wanted = (part: string) => parts.size === 0 || parts.has(part)

const folder = mkdtempSync(join(tmpdir(), 'mart-bench-'))
const env = {
  MART_DATA_DIR: join(folder, 'data'),
  MART_PORT_OFFSET: '4000',
  MART_RATE_LIMITS: 'off',
  MART_CATALOGUE: 'empty',
  LOG_LEVEL: 'warn',
}
const lines: Line[] = []
const say = (line: string) => console.log(`… ${line}`)

async function benchOrders(mart: RunningMart): Promise<void> {
  const superuser = superuserUrl(mart)
  const buyer = await newShopper(mart.addresses)
  const idle = memoryOf([mart.pid])
  say('warming up')
  await orderRun(mart, buyer, { skus: SKUS, connections: 32, seconds: 5 })
  say('yardstick: pgbench, 16 clients')
  const pgbench = { name: 'pgbench', perSecond: await pgbenchTps(superuser, SECONDS) }
  say('orders over 1,000 SKUs')
  const many = await orderRun(mart, buyer, { skus: SKUS, connections: 128, seconds: SECONDS })
  say('orders on one SKU')
  const one = await orderRun(mart, buyer, { skus: 1, connections: 128, seconds: SECONDS })
  say('orders at half of the best load')
  const half = await orderRun(mart, buyer, {
    skus: SKUS,
    connections: 64,
    seconds: SECONDS,
    rate: many.confirmedPerSecond / 2,
  })
  const loaded = memoryOf([mart.pid])
  say('yardstick again')
  const after = await pgbenchTps(superuser, SECONDS)
  const fair = { name: 'pgbench', perSecond: (pgbench.perSecond + after) / 2 }
  lines.push(
    {
      what: 'yardstick: pgbench TPC-B, 16 clients, before and after',
      value: `${rate(pgbench.perSecond)}, ${rate(after)}`,
    },
    {
      what: `orders accepted, ${SKUS} SKUs, 128 connections`,
      value: rate(many.accepted.perSecond),
      ratio: `${many.accepted.bad} bad answers`,
    },
    against(`orders confirmed, HTTP to last message, ${SKUS} SKUs`, many.confirmedPerSecond, fair, 0.4),
    against('orders confirmed, all on one SKU', one.confirmedPerSecond, fair, 0.3),
    {
      what: 'backlog when the load ended: many SKUs, one SKU',
      value: `${many.backlogSeconds.toFixed(1)} s, ${one.backlogSeconds.toFixed(1)} s`,
    },
    { what: 'POST /orders at half load, p50 / p99', value: `${ms(half.accepted.p50Ms)} / ${ms(half.accepted.p99Ms)}` },
    { what: 'placed → confirmed at half load, p50', value: ms(half.settle.p50Ms) },
    below('placed → confirmed at half load, p99', half.settle.p99Ms, 500, ms),
    {
      what: 'memory idle, PSS / RSS, PostgreSQL included',
      value: `${idle.pss.toFixed(0)} / ${idle.rss.toFixed(0)} MB`,
    },
    below('memory loaded, PSS', loaded.pss, 900, (mb) => `${mb.toFixed(0)} MB`),
    { what: 'memory loaded, RSS', value: `${loaded.rss.toFixed(0)} MB in ${loaded.processes} processes` },
  )
}

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

function superuserUrl(mart: RunningMart): string {
  const { superuserPassword } = JSON.parse(readFileSync(join(env.MART_DATA_DIR, 'secrets.json'), 'utf8'))
  const url = new URL(mart.databaseUrls.order)
  url.username = 'postgres'
  url.password = superuserPassword
  url.pathname = '/postgres'
  return url.href
}

async function withMart(work: (mart: RunningMart) => Promise<void>): Promise<void> {
  const { mart, stop } = await startMartProcess(env)
  try {
    await work(mart)
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

try {
  if (wanted('start')) await benchStart()
  await withMart(async (mart) => {
    const admin = await knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword)
    say(`filling the shelves with ${SKUS} products`)
    await importProducts(admin, mart, 0, SKUS)
    await fillStock(admin, SKUS)
    if (wanted('orders')) await benchOrders(mart)
    if (wanted('catalogue')) {
      await benchCatalogue(mart, SKUS)
      say('filling the shelves with 100,000 products')
      await importProducts(await knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword), mart, SKUS, 100_000)
      await benchCatalogue(mart, 100_000)
    }
    const books = await checkBooks(mart, { patienceMs: 300_000 })
    printBooks(books, console.log)
    if (!books.hold) process.exitCode = 1
  })
  printTable(lines)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
