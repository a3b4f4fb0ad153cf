import assert from 'node:assert/strict'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import type { EventLog } from '@mart/service-kit/event-log'
import { type LogMember, migrateEventLog } from '@mart/service-kit/event-log-postgres'
import { newId } from '@mart/service-kit/ids'
import { migrate } from '@mart/service-kit/migrate'
import { connectDatabase } from '@mart/service-kit/postgres'
import { createTestDatabase, createTestLog, eventually, quietLogger } from '@mart/service-kit/testing'
import postgres from 'postgres'
import { describeEventLog } from './event-log-contract.ts'

describeEventLog(async () => {
  const { url, drop } = await createTestLog()
  return {
    name: 'postgres',
    connect: () => connectEventLog(url, { clientName: 'test', logger: quietLogger }),
    stop: drop,
  }
})

/** A log with the topics `mine` and `other`, and a role of its own for whoever says and hears them. */
async function startSharedLog(t: TestContext, prepare: (url: string) => Promise<void> = migrateEventLog) {
  const { url, drop } = await createTestDatabase()
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  const suffix = newId().replaceAll('-', '')
  const logs: EventLog[] = []
  const roleOf = (name: string) => `${name}_${suffix}`
  const urlOf = (name: string) => {
    const at = new URL(url)
    at.username = roleOf(name)
    at.password = 'secret'
    return at.href
  }
  for (const name of ['me', 'other', 'stranger'])
    await admin.unsafe(`create role ${roleOf(name)} login password 'secret'`)
  await prepare(url)
  t.after(async () => {
    for (const log of logs) await log.close()
    for (const name of ['me', 'other', 'stranger'])
      await admin.unsafe(`drop owned by ${roleOf(name)}; drop role ${roleOf(name)}`)
    await admin.end()
    await drop()
  })
  const members: LogMember[] = [
    { role: roleOf('me'), group: 'me', produces: ['mine'], consumes: ['heard'] },
    { role: roleOf('other'), group: 'other', produces: ['heard', 'theirs'], consumes: ['mine'] },
  ]
  return {
    url,
    admin,
    members,
    admit: (wanted: readonly LogMember[] = members) => migrateEventLog(url, wanted),
    roleOf,
    urlOf,
    async connect(name?: string) {
      const log = await connectEventLog(name ? urlOf(name) : url, { clientName: 'test', logger: quietLogger })
      logs.push(log)
      return log
    },
  }
}

const refused = { code: '42501' }
const topicOf = (name: string, retentionDays: number | null = 1) => [{ name, retentionDays }]
const one = { key: 'k', value: '1', headers: '{}' }

test('a role makes and says its own topics only, reads as its own group only, and only what it hears', async (t) => {
  const shared = await startSharedLog(t)
  await shared.admit()
  const [me, other, stranger] = await Promise.all([
    shared.connect('me'),
    shared.connect('other'),
    shared.connect('stranger'),
  ])
  await me.prepareTopics(topicOf('mine'))
  await other.prepareTopics([...topicOf('heard'), ...topicOf('theirs')])
  await me.append('mine', [one])
  await other.append('heard', [one])
  await other.append('theirs', [one])
  for (const [log, topic] of [
    [me, 'theirs'],
    [me, 'heard'],
    [me, 'made up'],
    [other, 'mine'],
    [stranger, 'mine'],
    [stranger, 'made up'],
  ] as const) {
    await assert.rejects(log.prepareTopics(topicOf(topic)), refused, topic)
    await assert.rejects(log.append(topic, [one]), refused, topic)
  }
  await assert.rejects(me.seek('other', 'heard', 0), refused)
  await assert.rejects(me.seek('made up', 'heard', 0), refused)
  await assert.rejects(me.seek('me', 'theirs', 0), refused)
  await assert.rejects(stranger.seek('stranger', 'mine', 0), refused)

  const heard: string[] = []
  const reads = (log: EventLog, group: string, topics: string[]) =>
    log.consume({ group, topics, onRecords: async (records) => void heard.push(...records.map(({ topic }) => topic)) })
  const readers = [
    reads(me, 'me', ['heard', 'theirs']),
    reads(me, 'other', ['heard']),
    reads(stranger, 'stranger', ['mine']),
    reads(other, 'other', ['mine']),
  ]
  await eventually(async () => heard.length === 1, 'who may read reads')
  await sleep(700)
  assert.deepEqual(heard, ['mine'])
  for (const reader of readers) await reader.stop()
  const rightly = reads(me, 'me', ['heard'])
  await eventually(async () => heard.length === 2, 'the group reads what it hears')
  await rightly.stop()
  assert.deepEqual(heard, ['mine', 'heard'])
})

test('no role reads the records themselves, or who the members are, or makes itself one', async (t) => {
  const shared = await startSharedLog(t)
  await shared.admit()
  const db = postgres(shared.urlOf('me'), { max: 1, onnotice: () => {} })
  t.after(() => db.end())
  await assert.rejects(db`select * from records`, refused)
  await assert.rejects(db`select * from members`, refused)
  await assert.rejects(
    db`select set_members(array[${shared.roleOf('me')}], array['me'], array['{heard}'], array['{mine}'])`,
    refused,
  )
  await assert.rejects(db`update group_offsets set next_offset = 0`, refused)
  await assert.rejects(db`select * from read_records(array['theirs'], array[0], array[0::bigint], 10)`, refused)
  await assert.rejects(
    db`select commit_offsets('me', 1, '5 seconds', array['theirs'], array[0], array[9::bigint])`,
    refused,
  )
})

test('a log made before there were members goes on: offsets stay, what others had taken goes to its owner', async (t) => {
  const before = await mkdtemp(join(tmpdir(), 'event-log-'))
  await cp(new URL('../migrations/event-log/0001-event-log.sql', import.meta.url), join(before, '0001-event-log.sql'))
  const shared = await startSharedLog(t, async (url) => {
    const db = connectDatabase(url, { max: 1, applicationName: 'old' })
    await migrate(db, 'event-log', pathToFileURL(`${before}/`))
    await db.end()
  })
  await rm(before, { recursive: true })
  const old = async (name: string, ...statements: string[]) => {
    const db = postgres(shared.urlOf(name), { max: 1, onnotice: () => {} })
    for (const statement of statements) await db.unsafe(statement)
    await db.end()
  }
  await old('stranger', `select create_topic('mine', 12, '1 day')`, `select hold_group('other', 'x', '-1 second')`)
  await old(
    'other',
    `select create_topic('heard', 12, '1 day')`,
    `select append_records('heard', array['k', 'k'], array['1', '2'], array['{}', '{}'])`,
  )
  await old(
    'me',
    `select hold_group('me', 'x', '-1 second')`,
    `select set_offsets('me', 'heard', array(select generate_series(0, 11)), array(select 1::bigint from generate_series(0, 11)))`,
    `select leave_group('me', 'x')`,
  )
  await shared.admit()
  await (await shared.connect('me')).prepareTopics(topicOf('mine'))
  await (await shared.connect('me')).append('mine', [one])
  const heard: (string | null)[] = []
  const collect = async (records: readonly { value: string | null }[]) =>
    void heard.push(...records.map((r) => r.value))
  const mine = (await shared.connect('me')).consume({ group: 'me', topics: ['heard'], onRecords: collect })
  await eventually(async () => heard.length === 1, 'the group goes on where it was')
  const theirs = (await shared.connect('other')).consume({ group: 'other', topics: ['mine'], onRecords: collect })
  await eventually(async () => heard.length === 2, 'the group that somebody else had made is read by its owner')
  await Promise.all([mine.stop(), theirs.stop()])
  assert.deepEqual(heard, ['2', '1'])
})

test('retention drops what is old, but nothing that a group has not read', async (t) => {
  const { url, log, drop } = await createTestLog()
  t.after(drop)
  await log.prepareTopics(topicOf('t'))
  await log.append('t', [one, one])
  const heard: unknown[] = []
  const reader = log.consume({ group: 'g', topics: ['t'], onRecords: async (records) => void heard.push(...records) })
  await eventually(
    async () => heard.length === 2 && (await log.lag('g', ['t'])).every(({ lag }) => lag === 0),
    'both are read',
  )
  await reader.stop()
  await log.append('t', [one])
  const db = postgres(url, { max: 1 })
  await db`update records set appended_at = now() - interval '2 days'`
  assert.equal(await log.dropExpired('t'), 2)
  assert.equal((await db`select from records`).length, 1)
  await db.end()
})

test('retention keeps what a group has not read that has begun and not committed yet', async (t) => {
  const { url, log, drop } = await createTestLog()
  t.after(drop)
  await log.prepareTopics(topicOf('t'))
  await log.append('t', [one])
  let began = false
  const reader = log.consume({
    group: 'slow',
    topics: ['t'],
    async onRecords() {
      began = true
      throw new Error('not yet')
    },
  })
  await eventually(async () => began, 'the group has begun')
  const db = postgres(url, { max: 1 })
  t.after(() => db.end())
  await db`update records set appended_at = now() - interval '2 days'`
  assert.equal(await log.dropExpired('t'), 0)
  await reader.stop()
  assert.equal(await log.dropExpired('t'), 0)
})

test('retention keeps for ever what a member has not read, and for one retention what waits for a group that is gone', async (t) => {
  const shared = await startSharedLog(t)
  await shared.admit()
  const [me, other] = await Promise.all([shared.connect('me'), shared.connect('other')])
  await me.prepareTopics(topicOf('mine'))
  await me.append('mine', [one, one])
  const age = () => shared.admin`update records set appended_at = now() - interval '2 days'`
  await age()
  assert.equal(await me.dropExpired('mine'), 0, 'a member that was never there')
  await shared.admit(shared.members.map((member) => ({ ...member, consumes: [] })))
  assert.equal(await me.dropExpired('mine'), 2, 'nobody hears it any more')

  await shared.admit()
  await me.append('mine', [one])
  await age()
  await other.seek('other', 'mine', 0)
  await shared.admin`update consumer_groups set held_until = now() - interval '1 year'`
  assert.equal(await me.dropExpired('mine'), 0, 'a member that is away')
  await shared.admit([{ ...shared.members[0]! }, { ...shared.members[1]!, group: 'renamed', consumes: [] }])
  assert.equal(await me.dropExpired('mine'), 1, 'its group of before, which nobody holds')
  await me.append('mine', [one])
  await age()
  await shared.admin`update consumer_groups set held_until = now() - interval '1 hour'`
  assert.equal(await me.dropExpired('mine'), 0, 'a group that was there lately')
})

test('a member that has lost its group commits nothing any more', async () => {
  const { url, log, drop } = await createTestLog()
  await log.prepareTopics([{ name: 't', retentionDays: null }])
  const append = () => log.append('t', [{ key: 'k', value: '1', headers: '{}' }])
  const caughtUp = () =>
    eventually(async () => (await log.lag('g', ['t'])).every(({ lag }) => lag === 0), 'all is read')
  let finish: (() => void) | undefined
  const hung = log.consume({
    group: 'g',
    topics: ['t'],
    onRecords: () => new Promise<void>((resolve) => (finish = resolve)),
  })
  await append()
  await eventually(async () => finish !== undefined, 'the first member has a batch')

  const db = postgres(url, { max: 1 })
  await db`update consumer_groups set held_until = '-infinity'`
  const heir = await connectEventLog(url, { clientName: 'heir', logger: quietLogger })
  const reader = heir.consume({ group: 'g', topics: ['t'], onRecords: async () => undefined })
  await append()
  await caughtUp()
  finish?.()
  await hung.stop()
  assert.deepEqual(
    (await log.lag('g', ['t'])).filter(({ lag }) => lag !== 0),
    [],
  )
  await reader.stop()
  await heir.close()
  await db.end()
  await drop()
})

test('records whose headers are no JSON come without headers, and the reader goes on', async () => {
  const { log, drop } = await createTestLog()
  await log.prepareTopics([{ name: 't', retentionDays: null }])
  await log.append('t', [
    { key: 'k', value: '1', headers: '{"ce_id":' },
    { key: 'k', value: '2', headers: 'null' },
    { key: 'k', value: '3', headers: '{"ce_id":"x"}' },
  ])
  const heard: unknown[] = []
  const reader = log.consume({
    group: 'g',
    topics: ['t'],
    onRecords: async (records) => void heard.push(...records.map(({ headers }) => headers)),
  })
  await eventually(async () => heard.length === 3, 'all three are read')
  await reader.stop()
  assert.deepEqual(heard, [{}, {}, { ce_id: 'x' }])
  await drop()
})

test('a hung member commits nothing over a seek', async () => {
  const { url, log, drop } = await createTestLog()
  await log.prepareTopics([{ name: 't', retentionDays: null }])
  await log.append('t', [{ key: 'k', value: '1', headers: '{}' }])
  let finish: (() => void) | undefined
  const hung = log.consume({
    group: 'g',
    topics: ['t'],
    onRecords: () => new Promise<void>((resolve) => (finish = resolve)),
  })
  await eventually(async () => finish !== undefined, 'the member has a batch')
  const db = postgres(url, { max: 1 })
  await db`update consumer_groups set held_until = '-infinity'`
  await log.seek('g', 't', 0)
  finish?.()
  const stopped = hung.stop()
  await stopped
  assert.equal(
    (await log.lag('g', ['t'])).reduce((sum, { lag }) => sum + lag, 0),
    1,
  )
  await db.end()
  await drop()
})
