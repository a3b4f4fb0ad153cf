import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { UserRegistered, UserRoleChanged } from '@mart/contracts/events/user-events'
import { faultIn } from '@mart/service-kit/event-schema'
import { newId } from '@mart/service-kit/ids'
import { connectDatabase, inTransaction } from '@mart/service-kit/postgres'
import { startService } from '@mart/service-kit/start-service'
import { eventually } from '@mart/service-kit/testing'
import { makeKeyPair } from '../src/better-auth-tokens-client.ts'
import { user } from '../src/main.ts'
import { makeFirstAdmin } from '../src/use-cases/make-first-admin.ts'
import { makeFirstSigningKey } from '../src/use-cases/renew-signing-keys.ts'
import { admin, startUserService, type UserService } from './user-service.ts'

describe('roles', () => {
  let mart: UserService
  let boss: { id: string; role: 'admin' }
  before(async () => {
    mart = await startUserService()
    boss = await mart.findAdmin()
  })
  after(() => mart.stop())

  const setRole = (id: string, role: string, as: { id: string; role: 'admin' | 'staff' | 'customer' } = boss) =>
    mart.http('PATCH', `/users/${id}/role`, { as, body: { role } })

  test('the first admin is there, is said, signs in, and has a token of 5 minutes', async () => {
    const { body } = await mart.signIn(admin.email, admin.password)
    const person = await mart.personOf(body.token)
    assert.deepEqual([person.id, person.role], [boss.id, 'admin'])
    assert.ok(person.expiresAt - Date.now() / 1000 <= 300)
    assert.equal((await mart.http('GET', '/users/me', { as: boss })).body.email_verified, true)
    const said = (await mart.published(UserRegistered)).filter(({ key }) => key === boss.id)
    assert.deepEqual(
      said.map(({ data }) => data.email),
      [admin.email],
    )
  })

  test('a new role is in the next token of every session, and taken back as fast', async () => {
    const { id, session } = await mart.signUpProven()
    assert.equal((await mart.personOf(session)).role, 'customer')
    const answer = await setRole(id, 'staff')
    assert.deepEqual([answer.status, answer.body.role, answer.body.id], [200, 'staff', id])
    const staff = await mart.personOf(session)
    assert.equal(staff.role, 'staff')
    assert.ok(staff.expiresAt - Date.now() / 1000 <= 300)
    await setRole(id, 'customer')
    assert.equal((await mart.personOf(session)).role, 'customer')
  })

  test('who is demoted is said to be, and his tokens are refused here at once, in the row and in memory', async () => {
    const { id } = await mart.signUpProven()
    await setRole(id, 'admin')
    const as = { id, role: 'admin' as const, issuedAt: Date.now() / 1000 }
    const list = () => mart.http('GET', '/users', { as })
    assert.equal((await list()).status, 200)
    await setRole(id, 'customer')
    assert.ok([401, 403].includes((await list()).status))
    await eventually(async () => (await list()).body.code === 'token_ended', 'the old token is refused')
    const fresh = { id, role: 'admin' as const, issuedAt: Date.now() / 1000 + 1 }
    assert.equal((await mart.http('GET', '/users', { as: fresh })).status, 403)
    const said = (await mart.published(UserRoleChanged)).filter(({ key }) => key === id)
    assert.deepEqual(
      said.map(({ data: { was, role } }) => [was, role]),
      [
        ['customer', 'admin'],
        ['admin', 'customer'],
      ],
    )
    assert.equal(faultIn(UserRoleChanged, said[0]!.data), null)
  })

  test('a token that is asked for while its person is demoted waits, and says what he is then', async (t) => {
    const { id, session } = await mart.signUpProven()
    await setRole(id, 'staff')
    const { db, config } = mart.service
    // Of its own: on one of the pool it might stand behind the statement that waits.
    const looker = connectDatabase(config.DATABASE_URL, { max: 1, applicationName: 'test' })
    t.after(() => looker.end())
    const asked = await db.begin(async (tx) => {
      await tx`update "user" set role = 'customer' where id = ${id}`
      const token = mart.personOf(session)
      await eventually(
        async () => (await looker`select from pg_locks where not granted`).length > 0,
        'the token waits for the role',
      )
      return { token }
    })
    assert.equal((await asked.token).role, 'customer')
  })

  test('a session of staff ends after 12 hours, however it is used; one of a customer does not', async () => {
    const { id, session, email } = await mart.signUpProven()
    const { db } = mart.service
    const hours = async () => {
      const rows = await db<{ hours: number }[]>`
        select round(extract(epoch from "expiresAt" - "createdAt") / 3600)::int as hours
        from session where "userId" = ${id} order by "createdAt"`
      return rows.map((row) => row.hours)
    }
    assert.deepEqual(await hours(), [168])
    await setRole(id, 'staff')
    await mart.signIn(email)
    await mart.personOf(session)
    assert.deepEqual(await hours(), [12, 12])
    await db`update session set "createdAt" = now() - interval '13 hours' where "userId" = ${id}`
    assert.equal((await mart.http('GET', '/auth/token', mart.withSession(session))).status, 401)
  })

  test('nobody gets a role whose address is not proven; taking one away needs no proof', async () => {
    const { id } = await mart.signUp()
    for (const role of ['staff', 'admin']) {
      const answer = await setRole(id, role)
      assert.deepEqual([answer.status, answer.body.code], [409, 'email_not_proven'])
    }
    await mart.service.db`update "user" set role = 'staff' where id = ${id}`
    assert.equal((await setRole(id, 'customer')).status, 200)
  })

  test('only an admin sees accounts and gives roles', async () => {
    const { id } = await mart.signUpProven()
    for (const role of ['customer', 'staff'] as const) {
      assert.equal((await setRole(id, 'admin', { id, role })).status, 403)
      assert.equal((await mart.http('GET', '/users', { as: { id, role } })).status, 403)
    }
    assert.equal((await setRole(newId(), 'staff')).status, 404)
    assert.equal((await setRole('no-uuid', 'staff')).status, 404)
    assert.equal((await setRole(id, 'owner')).status, 422)
    assert.equal((await mart.http('GET', '/users/me', { as: { id } })).body.role, 'customer')
  })

  test('an admin who is none any more cannot use the rest of his token to give roles', async () => {
    const { id } = await mart.signUpProven()
    await setRole(id, 'admin')
    await setRole(id, 'customer')
    const rest = { id, role: 'admin' as const, issuedAt: Date.now() / 1000 + 1 }
    assert.equal((await setRole(id, 'admin', rest)).status, 403)
  })

  test('the last admin stays: two who demote each other at once leave one', async () => {
    const alone = await setRole(boss.id, 'staff')
    assert.deepEqual([alone.status, alone.body.code], [409, 'last_admin'])
    const gone = await mart.http('DELETE', '/users/me', { as: boss })
    assert.deepEqual([gone.status, gone.body.code], [409, 'last_admin'])
    const other = { id: (await mart.signUpProven()).id, role: 'admin' as const }
    await setRole(other.id, 'admin')
    const answers = await Promise.all([setRole(boss.id, 'staff', other), setRole(other.id, 'staff', boss)])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 403])
    const [winner] = await mart.service.db<{ id: string }[]>`select id from "user" where role = 'admin'`
    if (winner!.id !== boss.id) await setRole(boss.id, 'admin', { id: winner!.id, role: 'admin' })
    await setRole(other.id, 'customer')
  })

  test('accounts are listed the newest first, page by page, by a part of name or address, by role', async () => {
    const word = newId().slice(-8)
    const ids = []
    for (const name of [`100%_${word}`, `Bilal ${word}`, `Chaudhry ${word}`])
      ids.push((await mart.signUpProven({ name })).id)
    const list = async (query: string) => {
      const { body } = await mart.http('GET', `/users?${query}`, { as: boss })
      return { ids: body.items.map((item: { id: string }) => item.id), next: body.next_cursor }
    }
    const first = await list(`q=${word}&limit=2`)
    assert.deepEqual(first.ids, [ids[2], ids[1]])
    assert.deepEqual(await list(`q=${word}&limit=2&cursor=${first.next}`), { ids: [ids[0]], next: null })
    assert.deepEqual((await list(`q=bilal+${word}`)).ids, [ids[1]])
    assert.deepEqual((await list(`q=${encodeURIComponent(`%_${word}`)}`)).ids, [ids[0]])
    await setRole(ids[1]!, 'staff')
    assert.deepEqual((await list(`q=${word}&role=staff`)).ids, [ids[1]])
    await mart.http('DELETE', '/users/me', { as: { id: ids[0]! } })
    assert.deepEqual((await list(`q=${word}`)).ids, [ids[2], ids[1]])
    const bad = await mart.http('GET', '/users?cursor=nonsense&', { as: boss })
    assert.equal(bad.status, 400)
  })

  test('who signed up with the address of the first admin is not made one', async () => {
    const { email, id } = await mart.signUp()
    const { db } = mart.service
    await db`update "user" set role = 'staff' where id = ${boss.id}`
    const first = { email: email.toUpperCase(), password: 'whatever it is' }
    assert.equal(await inTransaction(db, (tx) => makeFirstAdmin(tx, first)), 'email_taken')
    assert.equal((await mart.http('GET', '/users/me', { as: { id } })).body.role, 'customer')
    await db`update "user" set role = 'admin' where id = ${boss.id}`
    assert.equal(await inTransaction(db, (tx) => makeFirstAdmin(tx, first)), 'not_needed')
  })

  test('a signing key is made once, whoever needs the first one at once', async () => {
    const { db } = mart.service
    for (let round = 0; round < 3; round += 1) {
      await db`truncate jwks`
      const makePair = () => makeKeyPair(mart.service.config)
      await Promise.all([1, 2].map(() => inTransaction(db, (tx) => makeFirstSigningKey(tx, makePair))))
      assert.equal((await db`select from jwks`).length, 1)
    }
  })

  test('two replicas that start at once on nothing make one admin and agree on their keys', async () => {
    const { db, config } = mart.service
    await db`truncate account_mails, "user", jwks cascade` // in the order in which the sender of mails locks them
    const port = async () =>
      await new Promise<string>((resolve) => {
        const server = createServer().listen(0, '127.0.0.1', () => {
          const address = server.address() as { port: number }
          server.close(() => resolve(String(address.port)))
        })
      })
    const settings = Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)]))
    const [one, two] = [await port(), await port()]
    const keysAt = (at: string) => `http://127.0.0.1:${at}/.well-known/jwks.json`
    const replicas = await Promise.all([
      startService(user, { ...settings, PORT: one, JWKS_URL: keysAt(two) }),
      startService(user, { ...settings, PORT: two, JWKS_URL: keysAt(one) }),
    ])
    try {
      assert.equal((await db`select from "user" where role = 'admin'`).length, 1)
      assert.equal((await db`select from jwks`).length, 1)
      const { body } = await mart.signIn(admin.email, admin.password)
      for (const { url } of replicas) {
        const { token } = (await (await fetch(`${url}/auth/token`, mart.withSession(body.token))).json()) as {
          token: string
        }
        for (const replica of replicas) {
          const answer = await fetch(`${replica.url}/users/me`, { headers: { authorization: `Bearer ${token}` } })
          assert.equal(answer.status, 200)
        }
      }
      const other = { ...settings, PORT: '0', AUTH_SECRET: 'quite another secret of 32 characters' }
      await assert.rejects(startService(user, other), /AUTH_SECRET: is not the one/)
    } finally {
      await Promise.all(replicas.map((replica) => replica.stop()))
    }
  })
})
