import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { backendPrograms } from '@mart/local/observability/backends'
import { findProgram } from '@mart/local/observability/programs'
import { freePort } from '@mart/local/ports'
import { eventually } from '@mart/service-kit/eventually'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import {
  NUMBER,
  orderId,
  paymentId,
  placingTrace,
  story,
  strangers,
  writeLogs,
} from '../tools/test/fixtures/order-story.ts'

const script = join(import.meta.dirname, '../tools/src/follow.ts')
const run = promisify(execFile)
const follow = async (env: Record<string, string>, id: string) =>
  (await run(process.execPath, [script, id], { env: { PATH: process.env['PATH'], ...env } })).stdout

test('npm run follow tells the same from VictoriaLogs as from the files, and the first page finds the traces', async (t) => {
  const program = await findProgram(backendPrograms.find(({ name }) => name === 'victoria-logs')!)
  const url = `http://127.0.0.1:${await freePort()}`
  const folder = temporaryFolder()
  const options = [
    `-storageDataPath=${join(folder, 'store')}`,
    `-httpListenAddr=${new URL(url).host}`,
    '-retentionPeriod=10y',
  ]
  const server = spawn(program!, options, { stdio: 'ignore' })
  t.after(() => server.kill('SIGKILL'))
  const answers = (path: string, init?: RequestInit) =>
    fetch(`${url}${path}`, init).then(
      ({ ok }) => ok,
      () => false,
    )
  await eventually(() => answers('/health'), 'VictoriaLogs answers')

  const dataDir = join(folder, 'mart')
  writeLogs(dataDir, [...story, ...strangers(200)])
  const fields = '_time_field=time&_msg_field=message&_stream_fields=service'
  for (const file of readdirSync(join(dataDir, 'logs'))) {
    const body = readFileSync(join(dataDir, 'logs', file))
    const headers = { 'content-type': 'application/stream+json' }
    assert.ok(await answers(`/insert/jsonline?${fields}`, { method: 'POST', headers, body }))
  }
  const told = await follow({ MART_DATA_DIR: dataDir }, NUMBER)
  assert.match(told, new RegExp(`^Order ${NUMBER} ${orderId}`))
  await eventually(
    async () => (await follow({ LOGS_URL: url }, NUMBER).catch(() => '')) === told,
    'it finds what it was given',
  )
  assert.equal(await follow({ LOGS_URL: url }, paymentId), told)

  // The first page asks it from a browser, at another port.
  const page = new URL('../deploy/observability/first-page/traces.js', import.meta.url).href
  const { tracesPath } = (await import(page)) as { tracesPath: (id: string, logs: string) => Promise<string> }
  const tagged = (tags: object) => `/search?service=order&lookback=2d&tags=${encodeURIComponent(JSON.stringify(tags))}`
  for (const id of [NUMBER, orderId, paymentId])
    assert.equal(await tracesPath(id, url), tagged({ 'order.id': orderId }), `the traces of ${id}`)
  assert.equal(await tracesPath(placingTrace, url), `/trace/${placingTrace}`)
  assert.equal(await tracesPath(NUMBER, 'http://127.0.0.1:1'), tagged({ 'order.number': NUMBER }))
  assert.equal(await tracesPath('M-1', url), tagged({ 'order.number': 'M-1' }))
  const { headers } = await fetch(`${url}/select/logsql/query?query=${NUMBER}`)
  assert.equal(headers.get('access-control-allow-origin'), '*')
})
