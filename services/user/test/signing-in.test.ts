import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { UserPasswordChanged, UserProfileChanged, UserRegistered } from '@mart/contracts/events/user-events'
import { faultIn } from '@mart/service-kit/event-schema'
import { isUuid, newId } from '@mart/service-kit/ids'
import { eventually } from '@mart/service-kit/testing'
import { getMigrations } from 'better-auth/db/migration'
import { createAuth } from '../src/better-auth-client.ts'
import { authRoutes } from '../src/http/auth-routes.ts'
import { linkIn } from './mail-server.ts'
import { freshEmail, password, startUserService, type UserService } from './user-service.ts'

describe('signing up and in', () => {
  let mart: UserService
  before(async () => {
    mart = await startUserService()
  })
  after(() => mart.stop())

  const auth = () => createAuth(mart.service, async () => {})
  const accounts = async (email: string) =>
    (await mart.service.db`select from "user" where email = ${email.toLowerCase()}`).length

  test('who signs up has a session, whose token every service verifies', async () => {
    const { id, email, session } = await mart.signUp()
    assert.ok(isUuid(id))
    const { issuedAt, expiresAt, signedInAt, signedBy, ...person } = await mart.personOf(session)
    const expected = { id, email, emailVerified: false, name: 'Ayesha Khan', language: 'en', role: 'customer' }
    assert.deepEqual(person, expected)
    assert.ok(signedInAt! <= issuedAt && signedInAt! > issuedAt - 60)
    assert.ok(isUuid(signedBy))
    const minutes = (expiresAt - Date.now() / 1000) / 60
    assert.ok(minutes > 14 && minutes <= 15, `${minutes} minutes`)
  })

  test('signing in opens another session; signing out ends it and no other', async () => {
    const { id, email, session: first } = await mart.signUp()
    const answer = await mart.signIn(email.toUpperCase())
    assert.equal(answer.status, 200)
    assert.equal(answer.body.user.id, id)
    const { token: second } = answer.body
    assert.equal((await mart.http('POST', '/auth/sign-out', mart.withSession(second))).status, 200)
    assert.equal((await mart.http('GET', '/auth/token', mart.withSession(second))).status, 401)
    assert.equal((await mart.http('GET', '/auth/get-session', mart.withSession(first))).body.user.email, email)
  })

  test('a wrong password and an unknown address are told the same', async () => {
    const { email } = await mart.signUp()
    const wrong = await mart.signIn(email, 'something else')
    const unknown = await mart.signIn(freshEmail())
    assert.equal(wrong.status, 401)
    assert.equal(wrong.body.code, 'INVALID_EMAIL_OR_PASSWORD')
    assert.deepEqual([unknown.status, unknown.body], [wrong.status, wrong.body])
  })

  test('an address signs up once, however it is written, also twice at once', async () => {
    const { email } = await mart.signUp()
    const body = { email: email.toUpperCase(), password: 'of somebody else', name: 'Somebody Else' }
    const again = await mart.http('POST', '/auth/sign-up/email', { body })
    assert.equal(again.status, 422)
    assert.equal(again.body.code, 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL')
    const fresh = freshEmail()
    const both = await Promise.all(
      [password, 'of somebody else'].map((word) =>
        mart.http('POST', '/auth/sign-up/email', { body: { ...body, email: fresh, password: word } }),
      ),
    )
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 422])
    assert.equal(both.find(({ status }) => status === 422)?.body.code, 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL')
    assert.equal(await accounts(fresh), 1)
  })

  test('a sign-up that is pressed twice opens one account, and a session each time; its owner is not warned of himself', async () => {
    const body = { email: freshEmail(), password, name: 'Ayesha Khan' }
    const signUp = () => mart.http('POST', '/auth/sign-up/email', { body })
    const answers = [...(await Promise.all([signUp(), signUp(), signUp()])), await signUp()]
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.user?.id]),
      answers.map(() => [200, answers[0]!.body.user.id]),
    )
    for (const { body } of answers)
      assert.equal(
        (await mart.http('GET', '/auth/get-session', mart.withSession(body.token))).body.user.email,
        body.user.email,
      )
    assert.equal(await accounts(body.email), 1)
    const warned = await mart.service.db`select 1 from account_mails where kind = 'account_exists'
      and user_id = ${answers[0]!.body.user.id}`
    assert.equal(warned.length, 0)
  })

  test('a sign-up is said once, with its data as the contract has it', async () => {
    const { id, email } = await mart.signUp({ name: "O'Hara <b>\"' عائشہ" })
    const said = (await mart.published(UserRegistered)).filter(({ key }) => key === id)
    assert.equal(said.length, 1)
    assert.equal(faultIn(UserRegistered, said[0]!.data), null)
    assert.deepEqual(
      { ...said[0]!.data, registered_at: '' },
      { user_id: id, email, name: "O'Hara <b>\"' عائشہ", email_verified: false, language: 'en', registered_at: '' },
    )
    assert.ok(isUuid(said[0]!.id))
    assert.deepEqual(
      (await mart.published(UserProfileChanged)).filter(({ key }) => key === id),
      [],
    )
  })

  test('nobody becomes staff by what he sends at sign-up', async () => {
    const body = { email: freshEmail(), password, name: 'Mallory' }
    for (const field of ['role', 'id', 'emailVerified', 'image', 'banned', 'erased_at']) {
      const answer = await mart.http('POST', '/auth/sign-up/email', { body: { ...body, [field]: 'admin' } })
      assert.equal(answer.status, 400)
      assert.deepEqual(answer.body, { code: 'FIELD_NOT_ALLOWED', message: `${field} is not allowed to be set` })
    }
    assert.equal(await accounts(body.email), 0)
  })

  test('a faulty sign-up is refused and leaves nothing', async () => {
    const good = { email: freshEmail(), password, name: 'Ayesha' }
    const faulty: [Record<string, unknown>, string][] = [
      [{ password: 'seven77' }, 'PASSWORD_TOO_SHORT'],
      [{ password: 'x'.repeat(129) }, 'PASSWORD_TOO_LONG'],
      [{ password: 12345678 }, 'VALIDATION_ERROR'],
      [{ name: '   ' }, 'VALIDATION_ERROR'],
      [{ name: 'x'.repeat(101) }, 'VALIDATION_ERROR'],
      [{ email: 'nobody' }, 'VALIDATION_ERROR'],
      [{ email: `${'x'.repeat(250)}@example.com` }, 'VALIDATION_ERROR'],
      [{ email: undefined }, 'VALIDATION_ERROR'],
    ]
    for (const [fault, code] of faulty) {
      const answer = await mart.http('POST', '/auth/sign-up/email', { body: { ...good, ...fault } })
      assert.equal(answer.status, 400, JSON.stringify(fault))
      assert.equal(answer.body.code, code, JSON.stringify(fault))
    }
    assert.equal(await accounts(good.email), 0)
  })

  test('a body that is no JSON, or far too large, is a problem document', async () => {
    const broken = await mart.http('POST', '/auth/sign-in/email', { body: '{"email": ' })
    assert.deepEqual([broken.status, broken.body.code], [400, 'malformed_json'])
    const huge = await mart.http('POST', '/auth/sign-in/email', { body: { email: 'x'.repeat(2_000_000) } })
    assert.deepEqual([huge.status, huge.body.code], [413, 'body_too_large'])
  })

  test('no authorization of any shape is a fault of ours', async () => {
    const { session } = await mart.signUp()
    for (const authorization of ['Bearer', 'Bearer a%00b', `Bearer ${session}.x`, 'Bearer %', `Basic ${session}`]) {
      const answer = await mart.http('GET', '/auth/token', { headers: { authorization } })
      assert.equal(answer.status, 401, authorization)
    }
    const cookie = `better-auth.session_token=${session}`
    assert.equal((await mart.http('GET', '/auth/token', { headers: { cookie } })).status, 401)
  })

  test('a database that is away is told as such, not as a wrong password', async () => {
    const { email } = await mart.signUp()
    const { db } = mart.service
    await db`
      create function be_away() returns trigger language plpgsql as $$
      begin raise exception 'shutting down' using errcode = '57P01'; end $$`
    await db`create trigger away before insert on session for each row execute function be_away()`
    const answer = await mart.signIn(email)
    await db`drop trigger away on session`
    assert.deepEqual([answer.status, answer.body.code, answer.headers.get('retry-after')], [503, 'try_again', '1'])
    assert.equal((await mart.signIn(email)).status, 200)
  })

  test('a new password needs the old one, and ends the other sessions when told to', async () => {
    const { session, email } = await mart.signUp()
    const other = (await mart.signIn(email)).body.token
    const change = (currentPassword: string) =>
      mart.http('POST', '/auth/change-password', {
        ...mart.withSession(session),
        body: { currentPassword, newPassword: 'another password', revokeOtherSessions: true },
      })
    assert.equal((await change('not it')).status, 400)
    const answer = await change(password)
    assert.equal(answer.status, 200)
    assert.equal((await mart.http('GET', '/auth/token', mart.withSession(other))).status, 401)
    assert.equal((await mart.http('GET', '/auth/token', mart.withSession(answer.body.token))).status, 200)
  })

  test('a new password ends the tokens that were issued before it', async () => {
    const { id, session } = await mart.signUp()
    const as = { id, issuedAt: Date.now() / 1000 }
    const look = () => mart.http('GET', '/users/me', { as })
    assert.equal((await look()).status, 200)
    const body = { currentPassword: password, newPassword: 'another password' }
    const changed = await mart.http('POST', '/auth/change-password', { ...mart.withSession(session), body })
    assert.equal(changed.status, 200)
    await eventually(async () => (await look()).body.code === 'token_ended', 'the old token is refused')
    const said = (await mart.published(UserPasswordChanged)).filter(({ key }) => key === id)
    assert.deepEqual(
      said.map(({ data }) => faultIn(UserPasswordChanged, data)),
      [null],
    )
  })

  test('a mailed link leads to a page of the shop alone, however its address is changed', async () => {
    const { email } = await mart.signUp()
    const [mail] = await mart.mails.mailsTo(email)
    const token = new URLSearchParams(linkIn(mail!.text).search).get('token')!
    const opened = async (query: URLSearchParams | string) => {
      const answer = await fetch(`${mart.service.url}/auth/verify-email?${query}`, { redirect: 'manual' })
      return answer.headers.get('location') ?? ''
    }
    for (const callbackURL of [
      '/.//evil.example',
      '/x/..//evil.example',
      '/%2e//evil.example',
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/@evil.example',
    ])
      for (const one of ['none', token])
        assert.equal(await opened(new URLSearchParams({ token: one, callbackURL })), '', callbackURL)
    const twice = new URLSearchParams({ token: 'none', callbackURL: '/email-verified' })
    twice.append('callbackURL', '/.//evil.example')
    assert.equal(await opened(twice), '')
    assert.equal(await opened('token=none&x=?&callbackURL=/.//evil.example'), '')
    const wrong = new URLSearchParams({ token: 'none', callbackURL: '/email-verified' })
    assert.equal(await opened(wrong), '/email-verified?error=INVALID_TOKEN')
  })

  test('of better-auth only the routes that the service lists can be reached', async () => {
    const open = new Set(authRoutes.map(({ method, path }) => `${method} ${path}`))
    const endpoints = Object.values(auth().api).flatMap((endpoint) => {
      const { path, options } = endpoint as { path?: string; options: { method?: string | string[] } }
      const methods = [options.method ?? []].flat()
      return path === undefined ? [] : methods.map((method) => ({ method, path }))
    })
    const closed = endpoints.filter(({ method, path }) => !open.has(`${method} ${path}`))
    assert.equal(endpoints.length - closed.length, authRoutes.length)
    assert.ok(closed.some(({ path }) => path === '/admin/impersonate-user') && closed.length > 30)
    const session = (await mart.signUp()).session
    for (const { method, path } of closed) {
      const url = `/auth${path.replace(/:\w+/, newId())}`
      const answer = await mart.http(method, url, {
        ...mart.withSession(session),
        ...(method === 'POST' ? { body: {} } : {}),
      })
      const isOpenOtherwise = authRoutes.some((route) => route.path === path)
      assert.equal(answer.status, isOpenOtherwise ? 405 : 404, `${method} ${url}`)
    }
  })

  test('better-auth finds nothing left to migrate', async () => {
    const migrations = await getMigrations(auth().options)
    assert.deepEqual([migrations.toBeCreated, migrations.toBeAdded], [[], []])
    assert.equal((await migrations.compileMigrations()).trim(), ';')
  })
})
