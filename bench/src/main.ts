// `npm run bench`: what the mart carries on this machine, each figure beside a yardstick of the same minutes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { knownShopper, newShopper } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'
import { readSecrets } from '@mart/local/secrets'
import { readArguments } from './arguments.ts'
import { backlogRun } from './backlog.ts'
import { benchEnvironment, type Processes, SKUS, superuserUrlOf, withBenchMart } from './bench-mart.ts'
import { catalogueLines } from './catalogue.ts'
import { findLines } from './find.ts'
import { startMartProcess } from './mart-process.ts'
import { backlogLine, benchOrders, compare, type Engine, type OrderFigures, orderLines } from './order-bench.ts'
import { benchPayments, paymentLines } from './payments.ts'
import { memoryOf } from './processes.ts'
import { relayLines } from './relay.ts'
import { searchLines } from './search.ts'
import { importProducts } from './shelves.ts'
import { below, type Line, printTable } from './table.ts'
import { webLines } from './web.ts'

const SECONDS = 10
const PRODUCTS_PER_SIGN_IN = 50_000
const BACKLOG_ORDERS = 50_000
/** Sessions that nobody uses have closed by then. */
const QUIET_S = 45
const { engines, wanted, wantedProcesses, catalogues } = readArguments(SKUS)

const folder = mkdtempSync(join(tmpdir(), 'mart-bench-'))
const lines: Line[] = []
const figures = new Map<Engine, OrderFigures>()
const say = (line: string) => console.log(`… ${line}`)

const withMart = (
  engine: Engine,
  work: (mart: RunningMart) => Promise<void>,
  options: { processes?: Processes; checksBooks?: boolean; hasShop?: boolean } = {},
) => withBenchMart(join(folder, engine), { engine, processes: wantedProcesses, say, ...options }, work)

async function benchStart(): Promise<void> {
  say('start-up')
  const place = { ...benchEnvironment, MART_DATA_DIR: join(folder, 'start'), MART_CATALOGUE: 'demo' }
  const first = await startMartProcess(place)
  await first.stop()
  const again = await startMartProcess(place)
  say(`memory, once ${QUIET_S} s have passed`)
  await sleep(QUIET_S * 1_000)
  const { pss } = memoryOf(again.mart.pid)
  await again.stop()
  const seconds = (value: number) => `${value.toFixed(1)} s`
  lines.push(
    below('npm start to ready, first start: initdb and demo catalogue too', first.secondsToReady, 6, seconds),
    below('npm start to ready, later starts', again.secondsToReady, 3.5, seconds),
    below(`memory idle, PSS, ${QUIET_S} s after that`, pss, 380, (mb) => `${mb.toFixed(0)} MB`),
  )
}

async function benchRelay(engine: Engine): Promise<void> {
  const { mart, stop } = await startMartProcess({
    ...benchEnvironment,
    MART_DATA_DIR: join(folder, engine),
    MART_EVENT_LOG: engine,
  })
  try {
    const superuserUrl = superuserUrlOf(mart, join(folder, engine))
    lines.push(...(await relayLines(mart, { engine, superuserUrl, say: (line) => say(`${engine}: ${line}`) })))
  } finally {
    await stop()
  }
}

async function benchSearch(): Promise<void> {
  say('search')
  const { mart, stop } = await startMartProcess({
    ...benchEnvironment,
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
  for (const engine of wanted('orders') || wanted('backlog') ? engines : []) {
    await withMart(engine, async (mart) => {
      const superuserUrl = superuserUrlOf(mart, join(folder, engine))
      const measured = { superuserUrl, skus: SKUS, seconds: SECONDS }
      const run = await benchOrders(mart, { ...measured, say: (line) => say(`${engine}: ${line}`) })
      figures.set(engine, run)
      lines.push(...orderLines(engine, run))
    })
  }
  for (const engine of wanted('backlog') ? figures.keys() : []) {
    const backlog = async (mart: RunningMart) => {
      say(`${engine}: a backlog of ${BACKLOG_ORDERS} orders`)
      const run = await backlogRun(mart, await newShopper(mart.addresses), { skus: SKUS, orders: BACKLOG_ORDERS })
      lines.push(backlogLine(engine, run, figures.get(engine)!))
    }
    await withMart(engine, backlog, { processes: 'each' }) // who hears is stopped apart from who takes orders
  }
  const [embedded, kafka] = [figures.get('embedded'), figures.get('kafka')]
  if (embedded && kafka) lines.push(compare(embedded, kafka))
  for (const engine of wanted('relay') ? engines : []) await benchRelay(engine)
  for (const engine of wanted('payments') ? engines : []) {
    await withMart(engine, async (mart) => {
      const { stripeWebhookSecret } = readSecrets(join(folder, engine))
      const measured = { superuserUrl: superuserUrlOf(mart, join(folder, engine)), skus: SKUS, seconds: SECONDS }
      const paid = await benchPayments(mart, {
        ...measured,
        webhookSecret: stripeWebhookSecret,
        say: (line) => say(`${engine}: ${line}`),
      })
      lines.push(...paymentLines(engine, paid))
    })
  }
  if (wanted('find')) {
    const find = async (mart: RunningMart) => void lines.push(...(await findLines(mart, say)))
    await withMart('embedded', find, { checksBooks: false }) // its orders were written by SQL: nobody heard of them
  }
  if (wanted('catalogue')) {
    await withMart('embedded', async (mart) => {
      let filled = SKUS
      for (const products of catalogues) {
        say(`filling the shelves with ${products.toLocaleString('en')} products`)
        while (filled < products) {
          const admin = await knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword)
          const upTo = Math.min(products, filled + PRODUCTS_PER_SIGN_IN)
          await importProducts(admin, mart, filled, upTo)
          filled = upTo
        }
        lines.push(...(await catalogueLines(mart, { products, say })))
      }
    })
  }
  if (wanted('web')) {
    const web = async (mart: RunningMart) => void lines.push(...(await webLines(mart, { skus: SKUS, say })))
    await withMart('embedded', web, { processes: 'each', hasShop: true })
  }
  printTable(lines)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
