// `npm run demo`: a buyer's story through the public API, on the mart that runs here or on one of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkBooks, printBooks } from './books/check-books.ts'
import { tellStory } from './demo/story.ts'
import { MartFault } from './fault.ts'
import { startMart } from './mart.ts'
import { findRunningMart, type RunningMart } from './mart-file.ts'
import { readSettings } from './settings.ts'

const OWN_PORT_OFFSET = 5_000

try {
  const settings = readSettings(process.env)
  const running = findRunningMart(settings.dataDir)
  process.exitCode = running ? await demonstrate(running) : await demonstrateOnOwnMart()
} catch (error) {
  console.error(error instanceof MartFault ? error.message : error)
  process.exitCode = 1
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
    const mart = await startMart({ settings, signal: end.signal })
    try {
      return await demonstrate({ ...mart, pid: process.pid })
    } finally {
      await mart.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function demonstrate(mart: RunningMart): Promise<number> {
  const surprises = await tellStory(mart, console.log)
  console.log('')
  const books = await checkBooks(mart)
  printBooks(books, console.log)
  for (const surprise of surprises) console.log(`✗ ${surprise}`)
  const good = surprises.length === 0 && books.hold
  console.log(good ? '\nEverything was as it must be.' : '\nSomething was NOT as it must be.')
  return good ? 0 : 1
}
