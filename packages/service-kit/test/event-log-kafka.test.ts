import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import { type EventLog, PARTITIONS } from '@mart/service-kit/event-log'
import { eventually } from '@mart/service-kit/eventually'
import { committerOfGeneration } from '@mart/service-kit/kafka-commits'
import { quietLogger } from '@mart/service-kit/testing'
import { Admin, Consumer } from '@platformatic/kafka'
import { describeEventLog } from './event-log-contract.ts'

const url = process.env['TEST_KAFKA_URL']
if (!url) throw new Error('TEST_KAFKA_URL is not set: run the tests by `npm test`, which starts a broker')
const connect = () => connectEventLog(url, { clientName: 'test', logger: quietLogger })

describeEventLog(async () => ({ name: 'kafka', connect, stop: async () => undefined }))

const startAdmin = () => new Admin({ clientId: 'test', bootstrapBrokers: [new URL(url).host] })

async function committedOffsets(admin: Admin, group: string): Promise<bigint[]> {
  const groups = await admin.listConsumerGroupOffsets({ groups: [group] }).catch(() => [])
  return groups.flatMap(({ topics }) =>
    topics.flatMap(({ partitions }) => partitions.map((one) => one.committedOffset)),
  )
}

test('a group that has heard nothing yet has committed where it begins, in each of its topics', async (t) => {
  const log = await connect()
  t.after(log.close)
  const admin = startAdmin()
  t.after(() => admin.close())
  const [group, topic] = [randomUUID(), `mart.${randomUUID()}`]
  await log.prepareTopics([{ name: topic, retentionDays: null }])
  log.consume({ group, topics: [topic], onRecords: async () => undefined })
  const committed = () => committedOffsets(admin, group)
  await eventually(async () => (await committed()).length === PARTITIONS, 'every partition has an offset')
  assert.deepEqual(new Set(await committed()), new Set([0n]))
})

describe('what a member read before it had to join the group again', () => {
  const group = randomUUID()
  const topic = `mart.${randomUUID()}`
  const upTo = (next: number) => [{ topic, partition: 0, next }]
  let log: EventLog
  let admin: Admin
  let member: Consumer
  before(async () => {
    log = await connect()
    await log.prepareTopics([{ name: topic, retentionDays: null }])
    admin = startAdmin()
    member = new Consumer({ clientId: 'member', groupId: group, bootstrapBrokers: [new URL(url).host] })
    member.topics.trackAll(topic)
    await member.joinGroup()
  })
  after(() => Promise.all([log.close(), admin.close(), member.close(true)]))

  test('is not committed under the number of the new generation', async () => {
    const commitOld = committerOfGeneration(member)
    await commitOld(upTo(3))
    assert.deepEqual(await committedOffsets(admin, group), [3n])
    await member.joinGroup()
    await committerOfGeneration(member)(upTo(10))
    await commitOld(upTo(5))
    assert.deepEqual(await committedOffsets(admin, group), [10n])
  })

  test('is not committed by the repetition of a commit that the group refused', async () => {
    const commitOld = committerOfGeneration(member)
    await commitOld(upTo(20))
    const { memberId, generationId } = member
    await admin.removeMembersFromConsumerGroup({ groupId: group, members: [{ memberId: memberId! }] })
    await commitOld(upTo(15))
    assert.notDeepEqual([member.memberId, member.generationId], [memberId, generationId], 'the library joined anew')
    assert.deepEqual(await committedOffsets(admin, group), [20n])
  })
})
