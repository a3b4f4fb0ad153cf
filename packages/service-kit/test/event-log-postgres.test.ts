import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import { newId } from '@mart/service-kit/ids'
import { createTestLog, eventually, quietLogger } from '@mart/service-kit/testing'
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

test('a role may append to its own topic only', async () => {
  const { url, log, drop } = await createTestLog()
  await log.prepareTopics([{ name: 'mart.orders', retentionDays: null }])
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  const role = `stranger_${newId().replaceAll('-', '')}`
  await admin.unsafe(`create role ${role} login password 'stranger'`)
  const asStranger = new URL(url)
  asStranger.username = role
  asStranger.password = 'stranger'
  const stranger = connectEventLog(asStranger.href, { clientName: 'stranger', logger: quietLogger })
  await assert.rejects(stranger.append('mart.orders', [{ key: 'k', value: '1', headers: '{}' }]), { code: '42501' })
  await assert.rejects(
    stranger.seek('order', 'mart.orders', 0).then(() => log.seek('order', 'mart.orders', 0)),
    {
      code: '55006',
    },
  )
  await stranger.close()
  await admin.unsafe(`drop owned by ${role}; drop role ${role}`)
  await admin.end()
  await drop()
})

test('retention drops what is old, but nothing that a group has not read', async () => {
  const { url, log, drop } = await createTestLog()
  await log.prepareTopics([{ name: 't', retentionDays: 1 }])
  const record = { key: 'k', value: '1', headers: '{}' }
  await log.append('t', [record, record])
  const heard: unknown[] = []
  const read = async () => {
    const reader = log.consume({ group: 'g', topics: ['t'], onRecords: async (records) => void heard.push(...records) })
    await eventually(async () => heard.length === 2, 'both are read')
    await reader.stop()
  }
  await read()
  await log.append('t', [record])
  const db = postgres(url, { max: 1 })
  await db`update records set appended_at = now() - interval '2 days'`
  assert.equal(await log.dropExpired('t'), 2)
  assert.equal((await db`select from records`).length, 1)
  await db.end()
  await drop()
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
  const heir = connectEventLog(url, { clientName: 'heir', logger: quietLogger })
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
