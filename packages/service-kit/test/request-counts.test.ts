import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type App, createApp } from '../src/http-server.ts'
import { createMetrics } from '../src/metrics.ts'
import { kitMigrations, migrate } from '../src/migrate.ts'
import { connectDatabase } from '../src/postgres.ts'
import { countRequests } from '../src/request-counts.ts'
import { createTestDatabase, quietLogger } from '../src/testing.ts'

test('a caller has no more requests a minute at three replicas than at one', async (t) => {
  const minute = 29_000_000
  t.mock.timers.enable({ apis: ['Date'], now: minute * 60_000 + 20_000 })
  const { url, drop } = await createTestDatabase()
  const db = connectDatabase(url, { max: 3, applicationName: 'test' })
  t.after(async () => {
    await db.end()
    await drop()
  })
  await migrate(db, 'service-kit', kitMigrations)
  const replicas = await Promise.all([1, 2, 3].map(start))
  t.after(() => Promise.all(replicas.map(({ app }) => app.close())))

  async function start() {
    const counts = countRequests(db)
    const [metrics, jwksUrl] = [createMetrics('test'), 'http://127.0.0.1:1/']
    const about = { name: 'test', description: '', logger: quietLogger, metrics, jwksUrl }
    const app: App = await createApp({ ...about, rateLimitPerMinute: 60, requestCounts: counts })
    app.get('/open', () => 'in')
    await app.ready()
    return { app, tell: () => counts.work.run(AbortSignal.timeout(10_000)) }
  }
  const tell = async () => {
    // Whoever tells first hears of the last only when he tells again; who has nothing new to tell asks nothing.
    for (const { tell } of replicas) await tell()
  }
  const asked = async (times: number, remoteAddress: string) => {
    const statuses: number[][] = replicas.map(() => [])
    for (let n = 0; n < times; n += 1) {
      for (const [at, { app }] of replicas.entries())
        statuses[at]!.push((await app.inject({ url: '/open', remoteAddress })).statusCode)
    }
    return statuses.map((all) => all.filter((status) => status === 200).length)
  }

  assert.deepEqual(await asked(15, '203.0.113.1'), [15, 15, 15])
  await tell()
  assert.deepEqual(await asked(1, '203.0.113.1'), [1, 1, 1])
  await tell()
  const [first = 0, second = 0, third = 0] = await asked(30, '203.0.113.1')
  assert.ok(first <= 14 && second <= 13 && third <= 12, `${first}, ${second}, ${third} more of 12 that were left`)
  await tell()
  assert.deepEqual(await asked(3, '203.0.113.1'), [0, 0, 0])

  assert.deepEqual(await asked(9, '203.0.113.2'), [9, 9, 9], 'another has a count of his own')
  await tell()
  const rows = await db`select who from request_counts`
  assert.equal(rows.length, 1, 'who asks rarely is not written down')
  assert.doesNotMatch(rows[0]?.['who'], /203/, 'nor is an address')

  t.mock.timers.setTime((minute + 2) * 60_000)
  await tell()
  assert.equal((await db`select from request_counts`).length, 0)
  assert.deepEqual(await asked(15, '203.0.113.1'), [15, 15, 15], 'another minute')
})
