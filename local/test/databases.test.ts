import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { serviceNames } from '@mart/contracts/services'
import postgres from 'postgres'
import { type DatabasePasswords, type DatabaseUrls, databaseNames, prepareDatabases } from '../src/databases.ts'
import { type PostgresServer, startThrowAwayPostgres } from '../src/postgres-server.ts'

let server: PostgresServer
let urls: DatabaseUrls
const passwords = (prefix: string) =>
  Object.fromEntries(databaseNames.map((name) => [name, `${prefix}-${name}`])) as DatabasePasswords

before(async () => {
  server = await startThrowAwayPostgres()
  urls = await prepareDatabases(server, passwords('first'))
})
after(() => server.stop())

test('each service opens its own database and may make tables there', async () => {
  for (const name of serviceNames) {
    await query(urls[name], 'create table mine (id int)')
    assert.deepEqual(await query(urls[name], 'select current_user::text as role, current_database()::text as db'), [
      { role: `mart_${name}`, db: `mart_${name}` },
    ])
  }
})

test('no service opens the database of another, nor the server’s own', async () => {
  for (const role of serviceNames) {
    const strange = ['postgres', 'template1', ...databaseNames].filter(
      (name) => name !== `mart_${role}` && name !== 'event_log',
    )
    for (const database of strange)
      await assert.rejects(query(urls[role].replace(/[^/]+$/, database), 'select 1'), { code: '42501' })
  }
})

test('every service opens the event log but makes no tables there, and its owner opens nothing else', async () => {
  for (const name of serviceNames) {
    assert.deepEqual(await query(urls.eventLog[name], 'select 1 as one'), [{ one: 1 }])
    await assert.rejects(query(urls.eventLog[name], 'create table mine (id int)'), { code: '42501' })
  }
  await query(urls.eventLog.owner, 'create table records (id int)')
  await assert.rejects(query(urls.eventLog.owner.replace(/[^/]+$/, 'mart_order'), 'select 1'), { code: '42501' })
})

test('preparing again keeps what is there and takes new passwords', async () => {
  await query(urls.order, 'create table kept as select 1 as one')
  const again = await prepareDatabases(server, passwords('second'))
  assert.deepEqual(await query(again.order, 'select one from kept'), [{ one: 1 }])
  await assert.rejects(query(urls.order, 'select 1'), { code: '28P01' })
  urls = again
})

test('the product database finds words by likeness, whatever their accents and capitals', async () => {
  assert.deepEqual(
    await query(urls.product, "select similarity('tapal', 'tapl') > 0.3 as alike, unaccent(lower('CAFÉ')) as plain"),
    [{ alike: true, plain: 'cafe' }],
  )
})

test('a superuser with another password gets one clear sentence', async () => {
  const stranger = { port: server.port, superuserUrl: server.superuserUrl.replace(/:[^:@]+@/, ':guess@') }
  await assert.rejects(prepareDatabases(stranger, passwords('third')), {
    name: 'MartFault',
    message: /do not belong together/,
  })
})

async function query(url: string, text: string) {
  const db = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    return [...(await db.unsafe(text))].map((row) => ({ ...row }))
  } finally {
    await db.end()
  }
}
