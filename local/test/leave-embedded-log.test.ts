import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import { createLogger } from '@mart/service-kit/logger'
import { type DatabasePasswords, databaseNames, prepareDatabases } from '../src/databases.ts'
import { leaveEmbeddedLog } from '../src/leave-embedded-log.ts'
import { startThrowAwayPostgres } from '../src/postgres-server.ts'

test('a mart goes over to Kafka only when nothing in the embedded log is unheard', async (t) => {
  const server = await startThrowAwayPostgres()
  t.after(server.stop)
  const passwords = Object.fromEntries(databaseNames.map((name) => [name, 'secret'])) as DatabasePasswords
  const { eventLog } = await prepareDatabases(server, passwords)
  await leaveEmbeddedLog(eventLog.owner)

  const log = await connectEventLog(eventLog.owner, { clientName: 'test', logger: createLogger('test', 'silent') })
  await log.prepareTopics([{ name: 'mart.orders', retentionDays: null }])
  await leaveEmbeddedLog(eventLog.owner)
  await log.append('mart.orders', [{ key: 'tea', value: '{}', headers: '{}' }])
  await assert.rejects(leaveEmbeddedLog(eventLog.owner), {
    name: 'MartFault',
    message: /^3 events in the embedded event log are not heard yet/, // by inventory, payment and notification
  })
  for (const group of ['inventory', 'payment', 'notification']) await log.seek(group, 'mart.orders', 1)
  await leaveEmbeddedLog(eventLog.owner)
  await log.close()
})
