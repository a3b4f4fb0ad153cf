import { test } from 'node:test'
import { handlerTable } from '@mart/service-kit/handlers'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { connectDatabase } from '@mart/service-kit/postgres'
import { defineService, startService } from '@mart/service-kit/start-service'
import { createTestDatabase, createTestLog, eventually } from '@mart/service-kit/testing'

const service = defineService({
  name: 'test',
  description: '',
  topic: { name: 'mart.tests', producer: 'test', retention: 'days' },
  settings: {},
  migrations: new URL('./', import.meta.url), // none
  addRoutes() {},
  consumes: () => handlerTable([], []),
})

test('housekeeping goes on until all that has expired is gone, and leaves what has not', async () => {
  const [database, eventLog] = await Promise.all([createTestDatabase(), createTestLog()])
  const db = connectDatabase(database.url, { max: 1, applicationName: 'test' })
  const logDb = connectDatabase(eventLog.url, { max: 1, applicationName: 'test' })
  await migrate(db, 'service-kit', kitMigrations)
  await eventLog.log.prepareTopics([{ name: 'mart.tests', retentionDays: 30 }])
  await logDb`
    insert into records (topic, partition, "offset", headers, appended_at)
    select 'mart.tests', 0, n, '{}', now() - case when n <= 12000 then interval '31 days' else interval '1 day' end
    from generate_series(1, 12001) n`
  await db`
    insert into inbox (topic, event_id, heard_at)
    select 'mart.others', uuidv7(), now() - case when n <= 12000 then interval '38 days' else interval '36 days' end
    from generate_series(1, 12001) n`
  const running = await startService(service, {
    PORT: '0',
    DATABASE_URL: database.url,
    EVENT_LOG_URL: eventLog.url,
    LOG_LEVEL: 'fatal',
  })
  const isDone = async () => {
    const [inLog] = await logDb<{ count: number }[]>`select count(*) from records`
    const [inInbox] = await db<{ count: number }[]>`select count(*) from inbox`
    return inLog?.count === 1 && inInbox?.count === 1
  }
  await eventually(isDone, 'only what has not expired is left').finally(async () => {
    await running.stop()
    await Promise.all([db.end(), logDb.end()])
    await Promise.all([eventLog.drop(), database.drop()])
  })
})
