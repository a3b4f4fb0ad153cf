import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { serviceNames } from '@mart/contracts/services'
import { eventually } from '@mart/service-kit/eventually'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import { startMart } from '../src/mart.ts'
import { findRunningMart } from '../src/mart-file.ts'
import { checkPort, portsAt } from '../src/ports.ts'
import { startMark } from '../src/processes.ts'
import { readSettings } from '../src/settings.ts'
import type { MartEvent } from '../src/steps.ts'

// Apart from a mart that runs here, and from another run of this test; below what the system gives to connections (32,768).
const offset = 14_007 + (process.pid % 50) * 40
const environment = (dataDir: string) => ({
  MART_DATA_DIR: dataDir,
  MART_PORT_OFFSET: String(offset),
  MART_CATALOGUE: 'empty',
})

const dataDir = join(temporaryFolder(), 'data')
let password: string

async function assertNothingIsLeft(pids: readonly number[], dataDir: string) {
  assert.deepEqual(
    pids.filter((pid) => startMark(pid) !== undefined),
    [],
  )
  for (const [name, port] of Object.entries(portsAt(offset))) await checkPort(name, port, '127.0.0.1')
  assert.equal(existsSync(join(dataDir, 'mart.json')), false)
}

test('npm start tells how to get in, and Ctrl-C ends it with exit code 0 and no process left', async () => {
  const { child, output } = runCommand(dataDir)
  await eventually(
    async () => {
      assert.equal(child.exitCode, null, output.text)
      return output.text.includes('Ctrl-C stops everything')
    },
    'npm start is ready',
    120_000,
  )
  password = /The admin is admin@mart\.local with the password (\S+)/.exec(output.text)?.[1] ?? ''
  assert.ok(password)
  const pids = childrenOf(child.pid!)
  assert.equal(pids.length, 4) // the services, the gateway, PostgreSQL, and what ends that if we are killed
  child.kill('SIGINT')
  child.kill('SIGINT') // npm passes on the one that the terminal has sent already
  assert.deepEqual(await once(child, 'exit'), [0, null])
  await assertNothingIsLeft(pids, dataDir)
})

test('started again it is the same mart: found by others, held by one, and whole again after a kill', async (t) => {
  const events: MartEvent[] = []
  const report = (event: MartEvent) => events.push(event)
  const mart = await startMart({ settings: readSettings(environment(dataDir)), report })
  t.after(mart.stop)
  assert.deepEqual([mart.isFirstStart, mart.adminPassword], [false, password])
  for (const address of Object.values(mart.addresses)) assert.equal((await fetch(`${address}/health/live`)).status, 200)
  const count = (kind: MartEvent['kind']) => events.filter((event) => event.kind === kind).length
  assert.equal(count('done'), count('begun'))

  const { addresses, databaseUrls, eventLogUrl, adminEmail, adminPassword } = mart
  const found = { pid: process.pid, addresses, databaseUrls, eventLogUrl, adminEmail, adminPassword }
  assert.deepEqual(findRunningMart(dataDir), found)
  for (const secret of ['mart.json', 'secrets.json']) assert.equal(statSync(join(dataDir, secret)).mode & 0o077, 0)
  await assert.rejects(startMart({ settings: readSettings(environment(dataDir)) }), {
    name: 'MartFault',
    message: `A mart runs on this data folder already (process ${process.pid}): stop it first.`,
  })

  mart.services.order.kill('SIGKILL')
  process.kill(mart.postgres.pid, 'SIGKILL')
  const isBack = (line: string) => events.some((event) => event.kind === 'line' && event.text === line)
  const areBack = async () => isBack('the mart is up again') && isBack('PostgreSQL is up again')
  await eventually(areBack, 'both are up again', 90_000)

  const pids = [mart.postgres.pid, ...serviceNames.map((name) => mart.services[name].pid!)]
  await mart.stop()
  await assertNothingIsLeft(pids, dataDir)
  assert.equal(findRunningMart(dataDir), undefined)
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

const childrenOf = (pid: number) =>
  spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .split(/\s+/)
    .map(Number)

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
