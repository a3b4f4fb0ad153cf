import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectDatabase } from '@mart/service-kit/postgres'
import { createTestDatabase, createTestLog, eventually } from '@mart/service-kit/testing'

const BLOCK_MS = 10_000
const CALLERS = 40

test('a service that is blocked for 10 s under load lives, and is right afterwards', async (t) => {
  const [database, eventLog] = await Promise.all([createTestDatabase(), createTestLog()])
  const admin = connectDatabase(database.url, { max: 1, applicationName: 'admin' })
  const service = fork(new URL('./fixtures/blockable-service.ts', import.meta.url), {
    env: {
      ...process.env,
      PORT: '0',
      DATABASE_URL: database.url,
      EVENT_LOG_URL: eventLog.url,
      MART_RATE_LIMITS: 'off',
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const ended = once(service, 'exit')
  t.after(async () => {
    service.kill('SIGKILL')
    await ended
    await admin.end()
    await eventLog.drop()
    await database.drop()
  })
  const url = await readyAt(service.stdout!)
  const post = (path: string, body?: unknown) =>
    fetch(url + path, {
      method: 'POST',
      signal: AbortSignal.timeout(60_000),
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    })
  /** Everything that PostgreSQL may do meanwhile: end who idles in a transaction, who waits, who does nothing. */
  const endSessions = () =>
    admin`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name like 'blockable%' and (state like 'idle in transaction%' or random() < 0.5)`

  const made: string[] = []
  const refused: number[] = []
  let isLoaded = true
  const callers = Array.from({ length: CALLERS }, async () => {
    while (isLoaded) {
      const answer = await post('/things')
      if (answer.status === 201) made.push(((await answer.json()) as { id: string }).id)
      else refused.push(answer.status)
      if (answer.status !== 201) await sleep(50)
    }
  })
  const loaded = Promise.all(callers)
  loaded.catch(() => undefined)
  await sleep(1_000)
  const blocked = post('/block', { ms: BLOCK_MS })
  for (let n = 0; n < 4; n += 1) {
    await sleep(BLOCK_MS / 5)
    await endSessions()
  }
  assert.equal((await blocked).status, 200)
  for (let n = 0; n < 10; n += 1) {
    await sleep(200)
    await endSessions()
  }
  isLoaded = false
  await loaded
  assert.equal(service.exitCode, null, 'it died')
  assert.deepEqual(
    // 408: its headers lay in the socket for longer than a client may take to send them.
    refused.filter((status) => status !== 503 && status !== 408),
    [],
    'what is refused is to be tried again',
  )

  await eventually(async () => (await fetch(`${url}/health/ready`)).status === 200, 'it is ready')
  const after = await Promise.all(Array.from({ length: 100 }, () => post('/things')))
  assert.deepEqual(
    after.filter(({ status }) => status !== 201),
    [],
  )
  for (const answer of after) made.push(((await answer.json()) as { id: string }).id)
  const things = () => admin<{ id: string; heard: number }[]>`select id, heard from things`
  await eventually(async () => (await things()).every(({ heard }) => heard > 0), 'every event is heard')
  const kept = await things()
  assert.deepEqual(
    kept.filter(({ heard }) => heard !== 1),
    [],
    'each event acts once',
  )
  const known = new Set(kept.map(({ id }) => id))
  assert.deepEqual(
    made.filter((id) => !known.has(id)),
    [],
    'what was answered with 201 is there',
  )
  assert.ok(made.length > after.length, 'some were made under load')
})

async function readyAt(stdout: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stdout) {
    text += String(chunk)
    const ready = /"url":"(http[^"]+)"/.exec(text)
    if (ready) {
      stdout.resume()
      return ready[1]!
    }
  }
  throw new Error(`The service ended: ${text}`)
}
