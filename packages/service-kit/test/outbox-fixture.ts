import { defineEvent, type Topic } from '@mart/contracts/events/define-event'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { connectDatabase } from '@mart/service-kit/postgres'
import { createTestDatabase, createTestLog, recordsOf } from '@mart/service-kit/testing'
import { Type } from 'typebox'

export const topic: Topic = { name: 'mart.tests', producer: 'test', retention: 'days' }
export const Happened = defineEvent({
  type: 'test.happened',
  version: 3,
  topic,
  key: 'id',
  data: Type.Object({ id: Type.String(), n: Type.Integer(), filling: Type.Optional(Type.String()) }),
})

/** A database with an outbox, and a log beside it. */
export async function startOutbox() {
  const database = await createTestDatabase()
  const db = connectDatabase(database.url, { max: 6, applicationName: 'test' })
  await migrate(db, 'service-kit', kitMigrations)
  const eventLog = await createTestLog()
  await eventLog.log.prepareTopics([{ name: topic.name, retentionDays: null }])
  const inLog = async (id: string) => (await recordsOf(eventLog.url, topic.name)).filter((record) => record.key === id)
  return {
    db,
    log: eventLog.log,
    async empty() {
      await db`truncate outbox, outbox_sent`
      await db`update relay_lease set held_until = '-infinity'`
    },
    isEmpty: async () => (await db`select from outbox limit 1`).length === 0,
    inLog,
    numbers: async (id: string) => (await inLog(id)).map((record) => JSON.parse(record.value!).n as number),
    async stop() {
      await eventLog.drop()
      await db.end()
      await database.drop()
    },
  }
}
