import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import { PARTITIONS } from '@mart/service-kit/event-log'
import { eventually } from '@mart/service-kit/eventually'
import { quietLogger } from '@mart/service-kit/testing'
import { Admin } from '@platformatic/kafka'
import { describeEventLog } from './event-log-contract.ts'

const url = process.env['TEST_KAFKA_URL']
if (!url) throw new Error('TEST_KAFKA_URL is not set: run the tests by `npm test`, which starts a broker')
const connect = () => connectEventLog(url, { clientName: 'test', logger: quietLogger })

describeEventLog(async () => ({ name: 'kafka', connect, stop: async () => undefined }))

test('a group that has heard nothing yet has committed where it begins, in each of its topics', async (t) => {
  const log = await connect()
  t.after(log.close)
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [new URL(url).host] })
  t.after(() => admin.close())
  const [group, topic] = [randomUUID(), `mart.${randomUUID()}`]
  await log.prepareTopics([{ name: topic, retentionDays: null }])
  log.consume({ group, topics: [topic], onRecords: async () => undefined })
  const committed = async () => {
    const groups = await admin.listConsumerGroupOffsets({ groups: [group] }).catch(() => [])
    return groups.flatMap(({ topics }) => topics).flatMap(({ partitions }) => partitions)
  }
  await eventually(async () => (await committed()).length === PARTITIONS, 'every partition has an offset')
  assert.deepEqual(new Set((await committed()).map(({ committedOffset }) => committedOffset)), new Set([0n]))
})
