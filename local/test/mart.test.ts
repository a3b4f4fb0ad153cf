import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { serviceNames } from '../src/databases.ts'
import { type Mart, startMart } from '../src/mart.ts'
import { findRunningMart } from '../src/mart-file.ts'
import { checkPort, portsAt } from '../src/ports.ts'
import { startMark } from '../src/processes.ts'
import { readSettings } from '../src/settings.ts'
import type { MartEvent } from '../src/steps.ts'
import { temporaryFolder } from './temporary-folder.ts'

const offset = 17_000
const environment = (dataDir: string) => ({
  MART_DATA_DIR: dataDir,
  MART_PORT_OFFSET: String(offset),
  MART_CATALOGUE: 'empty',
})

async function bringUp(t: TestContext, dataDir: string, onEvent: (event: MartEvent) => void = () => {}) {
  const mart = await startMart({ settings: readSettings(environment(dataDir)), report: onEvent })
  t.after(mart.stop)
  return mart
}

const processesOf = ({ services, postgres }: Mart) => [
  postgres.pid,
  ...serviceNames.map((name) => services[name].pid ?? assert.fail(`${name} does not run`)),
]

async function assertNothingIsLeft(pids: readonly number[], dataDir: string) {
  assert.deepEqual(
    pids.filter((pid) => startMark(pid) !== undefined),
    [],
  )
  for (const [name, port] of Object.entries(portsAt(offset))) await checkPort(name, port, '127.0.0.1')
  assert.equal(existsSync(join(dataDir, 'mart.json')), false)
}

test('the whole mart comes up, is found by others, and leaves no process when it stops', async (t) => {
  const dataDir = join(temporaryFolder(), 'data')
  const events: MartEvent[] = []
  const mart = await bringUp(t, dataDir, (event) => events.push(event))
  for (const address of Object.values(mart.addresses)) assert.equal((await fetch(`${address}/health/live`)).status, 200)
  assert.deepEqual(
    events.filter(({ kind }) => kind === 'done').length,
    events.filter(({ kind }) => kind === 'begun').length,
  )

  const { addresses, databaseUrls, adminEmail, adminPassword } = mart
  const found = { pid: process.pid, addresses, databaseUrls, adminEmail, adminPassword }
  assert.deepEqual(findRunningMart(dataDir), found)
  for (const secret of ['mart.json', 'secrets.json']) assert.equal(statSync(join(dataDir, secret)).mode & 0o077, 0)
  await assert.rejects(startMart({ settings: readSettings(environment(dataDir)) }), {
    name: 'MartFault',
    message: `A mart runs on this data folder already (process ${process.pid}): stop it first.`,
  })

  const pids = processesOf(mart)
  await mart.stop()
  await assertNothingIsLeft(pids, dataDir)
  assert.equal(findRunningMart(dataDir), undefined)

  const again = await bringUp(t, dataDir)
  assert.deepEqual([mart.isFirstStart, again.isFirstStart], [true, false])
  assert.equal(again.adminPassword, adminPassword)
})

test('a service and a database server that are killed come back', async (t) => {
  const lines: string[] = []
  const mart = await bringUp(t, join(temporaryFolder(), 'data'), (event) => {
    if (event.kind === 'line') lines.push(event.text)
  })
  mart.services.order.kill('SIGKILL')
  process.kill(mart.postgres.pid, 'SIGKILL')
  const expected = ['order is up again', 'PostgreSQL is up again']
  for (let waitedMs = 0; !expected.every((line) => lines.includes(line)) && waitedMs < 20_000; waitedMs += 50)
    await sleep(50)
  assert.deepEqual(
    expected.filter((line) => !lines.includes(line)),
    [],
  )
})

test('a start that is given up leaves nothing behind', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const stopping = new AbortController()
  const report = (event: MartEvent) => {
    if (event.kind === 'begun' && event.step === 'PostgreSQL') setImmediate(() => stopping.abort(new Error('enough')))
  }
  const settings = readSettings(environment(dataDir))
  await assert.rejects(startMart({ settings, report, signal: stopping.signal }), { message: 'enough' })
  await sleep(1_500) // what was under way would be up by now
  await assertNothingIsLeft([], dataDir)
})

test('Ctrl-C ends the command line with exit code 0 and no process left', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const { child, output } = runCommand(dataDir)
  while (!output.text.includes('Ctrl-C stops everything')) await sleep(50)
  assert.match(output.text, /The admin is admin@mart\.local with the password \S+/)
  const pids = [child.pid!]
  child.kill('SIGINT')
  child.kill('SIGINT') // npm passes on the one that the terminal has sent already
  assert.deepEqual(await once(child, 'exit'), [0, null])
  await assertNothingIsLeft(pids, dataDir)
})

test('a taken port is one sentence and exit code 1', async (t) => {
  const port = portsAt(offset).inventory
  const holder = createServer().listen(port, '127.0.0.1')
  await once(holder, 'listening')
  t.after(() => holder.close())
  const { child } = runCommand(join(temporaryFolder(), 'data'))
  const [complaint, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  assert.equal(exitCode, 1)
  assert.equal(complaint.trim(), `Port ${port} (inventory) is taken: stop what listens there, or set MART_PORT_OFFSET.`)
})

function runCommand(dataDir: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/start.ts')], {
    env: { ...process.env, ...environment(dataDir) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { text: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    output.text += chunk.toString('utf8')
  })
  return { child, output }
}
