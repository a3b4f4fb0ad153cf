// `npm run demo`: a buyer's story through the public API, on the mart at --url, on the one that runs here, or on one of
// its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { tellStory } from '@mart/demo/story'
import type { MartVisited } from '@mart/demo/visited-mart'
import { findRunningMart } from '@mart/local/mart-file'
import { readSettings } from '@mart/local/settings'
import { readKafkaSettings } from '@mart/service-kit/config'
import { MartFault } from '@mart/service-kit/fault'
import { bypassProxyOnLoopback } from '@mart/service-kit/loopback'
import { checkBooks, type MartBooked, printBooks } from './books/check-books.ts'
import { passOn } from './containers/loopback.ts'
import { knowsRemoteBooks, knowsRemoteMart, readRemoteBooks, readRemoteMart } from './remote-mart.ts'

const OWN_PORT_OFFSET = 5_000

bypassProxyOnLoopback()

try {
  process.exitCode = await run()
} catch (error) {
  console.error(error instanceof MartFault ? error.message : error)
  process.exitCode = 1
}

async function run(): Promise<number> {
  const url = readUrl()
  if (url || knowsRemoteMart(process.env)) return await demonstrateElsewhere(url)
  const running = findRunningMart(readSettings(process.env).dataDir)
  return running ? await demonstrate(running, running) : await demonstrateOnOwnMart()
}

function readUrl(): string | undefined {
  try {
    return parseArgs({ options: { url: { type: 'string' } } }).values.url
  } catch (error) {
    throw new MartFault(`${(error as Error).message}\nUse: npm run demo -- [--url http://host]`)
  }
}

async function demonstrateElsewhere(url: string | undefined): Promise<number> {
  const mart = readRemoteMart(process.env, url)
  const booked = knowsRemoteBooks(process.env) ? readRemoteBooks(process.env) : null
  const { SHOP_URL: shop, SHOP_ADDRESS: gateway, PUBLIC_URL: payment, SIMULATOR_PUBLIC_URL: simulators } = process.env
  if (shop && gateway && !url) await passOn(shop, gateway)
  if (payment && !url) await passOn(payment, mart.addresses.payment)
  if (simulators && !url && mart.addresses.simulators) await passOn(simulators, mart.addresses.simulators)
  return await demonstrate(mart, booked)
}

async function demonstrateOnOwnMart(): Promise<number> {
  console.log('No mart runs here, so the demo starts one in a temporary folder …')
  const folder = mkdtempSync(join(tmpdir(), 'mart-demo-'))
  const settings = readSettings({
    ...process.env,
    MART_DATA_DIR: join(folder, 'data'),
    MART_PORT_OFFSET: process.env['MART_PORT_OFFSET'] ?? String(OWN_PORT_OFFSET),
    MART_CATALOGUE: 'demo',
  })
  const end = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort(new MartFault('Stopped.')))
  try {
    // Images of tools hold what the demo asks of a mart, not what starts one.
    const { startMart } = await import('@mart/local/mart')
    const mart = await startMart({ settings, signal: end.signal })
    try {
      return await demonstrate(mart, mart)
    } finally {
      await mart.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function demonstrate(mart: MartVisited, booked: MartBooked | null): Promise<number> {
  const surprises = await tellStory(mart, console.log)
  console.log('')
  const books = booked && (await checkBooks({ ...booked, kafkaSettings: readKafkaSettings(process.env) }))
  if (books) printBooks(books, console.log)
  else console.log('The books are left out: nothing says where the databases are (in containers: the service books).')
  for (const surprise of surprises) console.log(`✗ ${surprise}`)
  const good = surprises.length === 0 && books?.hold !== false
  console.log(good ? '\nEverything was as it must be.' : '\nSomething was NOT as it must be.')
  return good ? 0 : 1
}
