import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { freePort } from '@mart/local/ports'
import { type PostgresServer, startThrowAwayPostgres } from '@mart/local/postgres-server'
import { migrateEventLog } from '@mart/service-kit/event-log-postgres'
import { eventually } from '@mart/service-kit/eventually'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { connectDatabase } from '@mart/service-kit/postgres'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import postgres from 'postgres'

const script = join(import.meta.dirname, '../src/containers/make-roles.ts')
const serviceFolder = (name: ServiceName) => join(import.meta.dirname, '../../services', name)

let server: PostgresServer
before(async () => {
  server = await startThrowAwayPostgres()
})
after(() => server.stop())

// In compose.yaml each database has a server of its own. Here six share one, so that the roles have six names.
const databaseOf = (name: ServiceName) => `shop_${name}`
const urlOf = (name: ServiceName, login?: string) => {
  const url = new URL(server.superuserUrl)
  if (login) [url.username, url.password] = login.split(':') as [string, string]
  url.pathname = databaseOf(name)
  return url.href
}
const superuserUrl = (name: ServiceName) => urlOf(name)
const roleUrl = (name: ServiceName, password = `${name}-password`) => urlOf(name, `mart_${name}:${password}`)

beforeEach(async () => {
  for (const name of serviceNames) {
    await query(server.superuserUrl, `drop database if exists ${databaseOf(name)} with (force)`)
    await query(server.superuserUrl, `drop role if exists mart_${name}`)
    await query(server.superuserUrl, `create database ${databaseOf(name)}`)
  }
})

test('on the first start each service makes all that it needs as its own role, and runs', async () => {
  const { code, output } = await makeRoles()
  assert.equal(code, 0, output)
  assert.match(output, /^order: mart_order owns 127\.0\.0\.1:\d+\/shop_order, 1 things were not its own$/m)
  for (const name of serviceNames) {
    await migrateAll(name, roleUrl(name))
    assert.deepEqual(await notOwnedBy(name), [])
  }
  await runsAsRole('product')
})

test('what a superuser made in the volume of an earlier version becomes the role’s, and the service runs on', async () => {
  for (const name of serviceNames) await migrateAll(name, superuserUrl(name))
  await query(
    superuserUrl('product'),
    `create type mood as enum ('glad'); create type pair as (a int, b int); create domain small as int check (value < 9);
     create type span as range (subtype = int8);
     create view titles as select id from products; create materialized view kept as select 1 as one;
     create table numbered (n serial); alter sequence numbered_n_seq rename to "before its table";
     create table parts (n int generated always as identity, m serial) partition by range (n);
     create table "Part, 1" partition of parts for values from (0) to (9); create sequence "odd ""name";
     create procedure act(n int) language sql as 'select 1'; create aggregate total(int) (sfunc = int4pl, stype = int)`,
  )
  for (const name of serviceNames) assert.notDeepEqual(await notOwnedBy(name), [])

  assert.equal((await makeRoles()).code, 0)
  for (const name of serviceNames) {
    assert.deepEqual(await notOwnedBy(name), [])
    await migrateAll(name, roleUrl(name))
  }
  // What the migrations of a later version may do: only an owner can.
  await query(
    roleUrl('product'),
    `alter table products add column later int; drop view titles; alter type mood add value 'sad'; drop sequence "odd ""name";
     create or replace function sku_without_zeros(sku text) returns text language sql immutable strict parallel safe return sku;
     drop table "Part, 1"; refresh materialized view kept; drop aggregate total(int); drop type span; drop domain small`,
  )
  const extensions = "select distinct proowner::regrole::text as owner from pg_proc where proname = 'similarity'"
  assert.deepEqual(await query(superuserUrl('product'), extensions), [{ owner: 'postgres' }])
  await runsAsRole('product')
})

test('run again it changes no owner, takes a new password, and takes back what made the role strong', async () => {
  await makeRoles()
  await query(roleUrl('order'), 'create table mine as select 1 as one')
  await query(server.superuserUrl, 'alter role mart_order superuser createdb createrole replication bypassrls')
  const { code, output } = await makeRoles({ ORDER_DATABASE_URL: roleUrl('order', "a'b%20%25") })
  assert.equal(code, 0, output)
  assert.doesNotMatch(output, /not its own/)
  await assert.rejects(query(roleUrl('order'), 'select 1'), { code: '28P01' })
  assert.deepEqual(
    await query(
      roleUrl('order', "a'b%20%25"),
      `select one, rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls as strong
       from mine, pg_roles where rolname = current_user`,
    ),
    [{ one: 1, strong: false }],
  )
})

test('the role does nothing that wants a superuser', async () => {
  await makeRoles()
  const forbidden = [
    "copy (select 1) to program 'true'",
    "select pg_read_file('/etc/passwd')",
    'create role another',
    'create database another',
    'alter role current_user superuser',
    'alter system set log_connections = on',
    'select * from pg_authid',
    'set role postgres',
    'create extension dblink',
    'create function f() returns int language c as $$libc$$',
  ]
  for (const statement of forbidden)
    await assert.rejects(query(roleUrl('user'), statement), { code: '42501' }, statement)
})

test('a function that the role left in its schema is not run by the superuser', async () => {
  await makeRoles()
  await query(
    roleUrl('user'),
    `create function format(text, text, text) returns text language sql as $$select 'alter role mart_user superuser'$$;
     create function format(text, text, text, text) returns text language sql as $$select 'alter role mart_user superuser'$$;
     alter database shop_user set search_path = public, pg_catalog`,
  )
  assert.equal((await makeRoles()).code, 0)
  assert.deepEqual(await query(roleUrl('user'), 'select rolsuper from pg_roles where rolname = current_user'), [
    { rolsuper: false },
  ])
})

test('bad settings are told all at once, and nothing is done', async () => {
  const { code, output } = await makeRoles({
    NODE_ENV: 'production',
    USER_SUPERUSER_URL: '',
    USER_SUPERUSER_URL_FILE: '/nowhere',
    PRODUCT_DATABASE_URL: superuserUrl('product'),
    ORDER_DATABASE_URL: roleUrl('inventory'),
    INVENTORY_DATABASE_URL: 'postgres://mart@db/shop',
    PAYMENT_DATABASE_URL: roleUrl('payment', 'mart_password'),
    NOTIFICATION_SUPERUSER_URL: 'postgres://postgres:my_password@127.0.0.1:1/shop',
    NOTIFICATION_DATABASE_URL: 'postgres://mart:b%@127.0.0.1:1/shop',
  })
  assert.equal(code, 1)
  assert.deepEqual(output.trim().split('\n'), [
    'Bad configuration:',
    "  USER_SUPERUSER_URL_FILE: ENOENT: no such file or directory, open '/nowhere'",
    '  USER_SUPERUSER_URL: is not set',
    '  INVENTORY_DATABASE_URL: must be like postgres://user:password@host:5432/database',
    '  NOTIFICATION_DATABASE_URL: must be like postgres://user:password@host:5432/database',
    '  PRODUCT_DATABASE_URL: postgres is the superuser, the service needs a role',
    '  PRODUCT_DATABASE_URL: has the password of the superuser',
    '  ORDER_DATABASE_URL: is not the database of ORDER_SUPERUSER_URL',
    '  PAYMENT_DATABASE_URL: has the password that everybody knows, mart_password, which is refused in production',
    '  NOTIFICATION_SUPERUSER_URL: has the password that everybody knows, my_password, which is refused in production',
  ])
  assert.deepEqual(await query(server.superuserUrl, "select rolname from pg_roles where rolname like 'mart%'"), [])
})

test('an address may be in a file; a superuser who is not let in is one line, and the other databases get their roles', async () => {
  const file = join(temporaryFolder(), 'url')
  writeFileSync(file, `${superuserUrl('user')}\n`)
  const wrong = superuserUrl('order').replace(/:[^:@]+@/, ':guess@')
  const { code, output } = await makeRoles({
    USER_SUPERUSER_URL: '',
    USER_SUPERUSER_URL_FILE: file,
    ORDER_SUPERUSER_URL: wrong,
  })
  assert.equal(code, 1)
  assert.match(output, /^order: ORDER_SUPERUSER_URL: password authentication failed for user "postgres"$/m)
  assert.doesNotMatch(output, /guess/)
  for (const name of ['user', 'notification'] as const) await query(roleUrl(name), 'create table mine (id int)')
})

/** What of a database is neither its role's nor an extension's, by PostgreSQL's own description. */
async function notOwnedBy(name: ServiceName): Promise<unknown[]> {
  const owned = await query(
    superuserUrl(name),
    `with owners (class, id, owner) as (
       select 'pg_class'::regclass, oid, relowner from pg_class where relnamespace = 'public'::regnamespace
       union all select 'pg_proc'::regclass, oid, proowner from pg_proc where pronamespace = 'public'::regnamespace
       union all select 'pg_type'::regclass, oid, typowner from pg_type where typnamespace = 'public'::regnamespace
       union all select 'pg_database'::regclass, oid, datdba from pg_database where datname = current_database())
     select pg_describe_object(class, id, 0) as what from owners
     where owner <> coalesce(to_regrole('mart_${name}'), 0)
       and not exists (select from pg_depend where classid = class and objid = id
         and (deptype = 'e' or deptype = 'i' and refclassid = 'pg_type'::regclass))`,
  )
  return owned.map(({ what }) => what)
}

async function migrateAll(name: ServiceName, url: string): Promise<void> {
  const db = connectDatabase(url, { max: 1, applicationName: 'test' })
  try {
    await migrate(db, 'service-kit', kitMigrations)
    await migrate(db, name, new URL(`file://${serviceFolder(name)}/migrations/`))
  } finally {
    await db.end()
  }
}

/** The service itself, on an embedded event log: ready, and each of its sessions the role's. */
async function runsAsRole(name: ServiceName): Promise<void> {
  await query(server.superuserUrl, 'drop database if exists shop_log with (force)')
  await query(server.superuserUrl, 'create database shop_log')
  const logUrl = server.superuserUrl.replace(/[^/]+$/, 'shop_log')
  await migrateEventLog(logUrl)
  const port = await freePort()
  const child = spawn(process.execPath, [join(serviceFolder(name), 'src/main.ts')], {
    env: { PORT: String(port), DATABASE_URL: roleUrl(name), EVENT_LOG_URL: logUrl, LOG_LEVEL: 'fatal' },
    stdio: 'inherit',
  })
  const ended = once(child, 'exit')
  try {
    const isReady = () =>
      fetch(`http://127.0.0.1:${port}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    await eventually(isReady, `${name} is ready`, 60_000)
    const sessions = await query(
      superuserUrl(name),
      `select distinct usename::text from pg_stat_activity where datname = '${databaseOf(name)}' and pid <> pg_backend_pid()`,
    )
    assert.deepEqual(sessions, [{ usename: `mart_${name}` }])
    assert.equal((await fetch(`http://127.0.0.1:${port}/products`)).status, 200)
  } finally {
    child.kill()
    await ended
  }
}

function makeRoles(env: Record<string, string> = {}): Promise<{ code: unknown; output: string }> {
  const urls = serviceNames.flatMap((name) => [
    [`${name.toUpperCase()}_SUPERUSER_URL`, superuserUrl(name)],
    [`${name.toUpperCase()}_DATABASE_URL`, roleUrl(name)],
  ])
  return new Promise((resolve) => {
    execFile(process.execPath, [script], { env: { ...Object.fromEntries(urls), ...env } }, (error, out, err) =>
      resolve({ code: error ? error.code : 0, output: out + err }),
    )
  })
}

async function query(url: string, text: string) {
  const db = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    return [...(await db.unsafe(text))].map((row) => ({ ...row }))
  } finally {
    await db.end()
  }
}
