import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newId } from '@mart/service-kit/ids'
import { eventually, type Replica } from '@mart/service-kit/testing'
import { admin, freshEmail, password, startUserService, type UserService } from './user-service.ts'

describe('two replicas of the user service', () => {
  let mart: UserService
  let other: Replica
  before(async () => {
    mart = await startUserService({ MART_RATE_LIMITS: 'on' })
    other = await mart.startReplica()
  })
  after(() => mart.stop())

  /** Calls the one and the other in turn. */
  const inTurn = async (times: number, path: string, bodyOf: () => unknown) => {
    const statuses: number[] = []
    for (let n = 0; n < times; n += 1)
      statuses.push((await [mart, other][n % 2]!.http('POST', path, { body: bodyOf() })).status)
    return statuses
  }

  test('mail no more links to one who asks than one does', async () => {
    const statuses = await inTurn(8, '/auth/request-password-reset', () => ({ email: freshEmail() }))
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429, 429])
    const [kept] = await mart.service.db`select count from "rateLimit" where key like '%request-password-reset'`
    assert.equal(kept?.['count'], 5)
  })

  test('give nobody more free tries at a password', async () => {
    const { email } = await mart.signUp()
    const statuses = await inTurn(8, '/auth/sign-in/email', () => ({ email, password: 'not the password' }))
    assert.deepEqual(statuses, [...Array(6).fill(401), 429, 429])
  })

  test('know each other’s sessions; who is erased at the one is refused by the other', async () => {
    const { id, session } = await mart.signUp()
    assert.equal((await other.http('GET', '/auth/token', mart.withSession(session))).status, 200)
    const as = { id, issuedAt: Date.now() / 1000 }
    const look = async () => (await other.http('GET', '/users/me', { as })).status
    assert.equal(await look(), 200)
    assert.equal((await mart.http('DELETE', '/users/me', { as, body: { password } })).status, 204)
    await eventually(async () => (await look()) === 401, 'the token is refused')
    assert.equal((await other.http('GET', '/auth/get-session', mart.withSession(session))).body, null)
  })

  test('send each mail once', async () => {
    const { db } = mart.service
    const people = Array.from({ length: 150 }, () => ({
      id: newId(),
      email: freshEmail(),
      name: 'A',
      emailVerified: true,
    }))
    await db`insert into "user" ${db(people)}`
    await db`
      insert into account_mails (user_id, kind, expires_at)
      select id, 'account_exists', now() + interval '1 day' from unnest(${people.map(({ id }) => id)}::uuid[]) id`
    const unsent = () => db`select from account_mails where sent_at is null`
    await eventually(async () => (await unsent()).length === 0, 'all mails are sent')
    const counts = await Promise.all(people.map(async ({ email }) => (await mart.mails.mailsTo(email)).length))
    assert.deepEqual([...new Set(counts)], [1])
  })

  test('make one admin and one signing key, also when they start at the same moment', async () => {
    const { db } = mart.service
    await db`delete from "user" where email = ${admin.email}`
    await db`delete from jwks`
    await Promise.all([mart.startReplica(), mart.startReplica()])
    assert.equal((await db`select from "user" where role = 'admin'`).length, 1)
    assert.equal((await db`select from jwks`).length, 1)
  })
})
