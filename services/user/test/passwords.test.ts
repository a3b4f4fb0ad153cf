import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newId } from '@mart/service-kit/ids'
import { inTransaction } from '@mart/service-kit/postgres'
import { eventually } from '@mart/service-kit/testing'
import { whyCommon } from '../src/common-password.ts'
import { whoTries } from '../src/password-try.ts'
import { forgetWhatExpired } from '../src/use-cases/forget-expired.ts'
import { freshEmail, password, startUserService, type UserService } from './user-service.ts'

test('a password that is tried first is refused however it is disguised, a good one is not', () => {
  const common = [
    'password',
    'Password1',
    'P@ssw0rd123',
    'qwerty123',
    'iloveyou1',
    'Admin@123',
    'letmein!!',
    'pass_word',
    'passwordpassword',
    'abcdefghij',
    '98765432',
    '11111111',
    'ababababab',
    '03001234567',
    'ｐａｓｓｗｏｒｄ',
    'lahore1234',
    'Ayesha-Khan',
    'ayesha.khan',
    'KHAN12345',
  ]
  for (const one of common) assert.ok(whyCommon(one, ['ayesha.khan@example.com', 'Ayesha Khan']), one)
  for (const one of [
    password,
    'a-long-password',
    'whatever it is',
    'K7#pq!w2',
    'sunset over nine hills',
    'پاسورڈ جو لمبا ہے',
  ])
    assert.equal(whyCommon(one, ['ayesha.khan@example.com', 'Ayesha Khan']), null, one)
})

test('looking at a password takes no time to speak of, however it is made', () => {
  const hostile = [
    'a1b2c'.repeat(25),
    'ab'.repeat(64),
    `${'!'.repeat(60)}abcdef${'!'.repeat(62)}`,
    '@$1!0473'.repeat(16),
  ]
  const took = hostile.map((one) => {
    const start = performance.now()
    whyCommon(one, ['x'.repeat(254), 'y z '.repeat(25)])
    return performance.now() - start
  })
  assert.ok(Math.max(...took) < 1_000, String(took))
})

test('tries count by account and address together; an IPv6 network is one address', () => {
  const who = (account: string, from: string) => whoTries('secret', account, from)
  assert.equal(who('A@example.com ', '10.0.0.1'), who('a@example.com', '10.0.0.1'))
  assert.notEqual(who('a@example.com', '10.0.0.1'), who('a@example.com', '10.0.0.2'))
  assert.notEqual(who('a@example.com', '10.0.0.1'), who('b@example.com', '10.0.0.1'))
  assert.equal(who('a', '2001:db8:1:2:3:4:5:6'), who('a', '2001:db8:1:2::1'))
  assert.notEqual(who('a', '2001:db8:1:2::1'), who('a', '2001:db8:1:3::1'))
})

describe('passwords', () => {
  let mart: UserService
  before(async () => {
    mart = await startUserService()
  })
  after(() => mart.stop())

  const post = (path: string, body: unknown, session?: string) =>
    mart.http('POST', `/auth${path}`, { body, ...(session ? mart.withSession(session) : {}) })
  const tokenStatus = async (session: string) =>
    (await mart.http('GET', '/auth/token', mart.withSession(session))).status
  const resetTokens = async (email: string, count: number) => {
    const link = /reset-password#token=(\S+)/
    const found = async () => (await mart.mails.mailsTo(email)).flatMap(({ text }) => link.exec(text)?.[1] ?? [])
    await eventually(async () => (await found()).length >= count, `${count} reset links`)
    return await found()
  }

  test('a common password is refused at sign-up, change and reset, and says why', async () => {
    const { email, session } = await mart.signUpProven()
    const refused = async (path: string, body: unknown) => {
      const answer = await post(path, body, session)
      assert.deepEqual([answer.status, answer.body.code], [400, 'PASSWORD_TOO_COMMON'], path)
      assert.match(answer.body.message, /tried first.*Take another/)
    }
    await refused('/sign-up/email', { email: freshEmail(), password: 'Passw0rd!', name: 'A' })
    await refused('/change-password', { currentPassword: password, newPassword: 'Passw0rd!' })
    await post('/request-password-reset', { email })
    const [token] = await resetTokens(email, 1)
    await refused('/reset-password', { token, newPassword: 'Passw0rd!' })
    assert.equal((await post('/reset-password', { token, newPassword: 'a better one' })).status, 200)
  })

  test('wrong passwords wait longer and longer; the owner is let in from elsewhere, and by a session of his', async () => {
    const { email, session } = await mart.signUp()
    const wrong = async () => (await mart.signIn(email, 'not the password')).status
    assert.deepEqual(await Promise.all(Array.from({ length: 5 }, wrong)), Array(5).fill(401))
    assert.equal(await wrong(), 401)
    const blocked = await mart.signIn(email)
    assert.deepEqual([blocked.status, blocked.body.code], [429, 'too_many_tries'])
    assert.ok(Number(blocked.headers.get('retry-after')) >= 1)
    const byHisSession = await post('/sign-in/email', { email, password }, session)
    assert.equal(byHisSession.status, 200)
    const others = await mart.signUp()
    assert.equal((await mart.signIn(others.email)).status, 200)
    const { db } = mart.service
    await db`update password_tries set free_at = now()`
    assert.equal(await wrong(), 401)
    const [{ wait }] =
      (await db`select extract(epoch from free_at - last_at)::int as wait from password_tries`) as unknown as [
        Record<string, number>,
      ]
    assert.equal(wait, 8)
    await db`update password_tries set free_at = now()`
    assert.equal((await mart.signIn(email)).status, 200)
    assert.equal((await db`select from password_tries`).length, 0)
  })

  test('an address without an account is slowed down just the same', async () => {
    const email = freshEmail()
    const statuses = []
    for (let at = 0; at < 7; at += 1) statuses.push((await mart.signIn(email)).status)
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 401, 429])
    await mart.service.db`delete from password_tries`
  })

  test('many tries at once are counted one by one', async () => {
    const { email } = await mart.signUp()
    const answers = await Promise.all(Array.from({ length: 20 }, () => mart.signIn(email, 'not the password')))
    // Six at once, and one more for every wait that ends meanwhile on a slow machine.
    const tried = answers.filter(({ status }) => status === 401).length
    assert.ok(tried >= 6 && tried <= 9, `${tried} of 20 were tried`)
    assert.equal(answers.filter(({ status }) => status === 429).length, 20 - tried)
    await mart.service.db`delete from password_tries`
  })

  test('the tries that are kept are bounded', async () => {
    const { db } = mart.service
    await db`
      insert into password_tries (who, tries, free_at, last_at)
      select n::text, 1, now(), now() - n * interval '10 milliseconds' from generate_series(1, 100010) n
      union all select 'old', 9, now() + interval '1 minute', now() - interval '61 minutes'`
    await inTransaction(db, forgetWhatExpired)
    const [{ count, old }] = (await db`
      select count(*)::int as count, count(*) filter (where who = 'old')::int as old from password_tries`) as unknown as [
      Record<string, number>,
    ]
    assert.deepEqual([old, count! > 99_000 && count! <= 100_000], [0, true])
    await db`delete from password_tries`
  })

  test('of reset links only the newest works, and none after the password was changed', async () => {
    const { email, session } = await mart.signUpProven()
    await post('/request-password-reset', { email })
    await resetTokens(email, 1)
    await post('/request-password-reset', { email })
    const [older, newer] = await resetTokens(email, 2)
    const reset = async (token: string | undefined) =>
      (await post('/reset-password', { token, newPassword: 'yet another one' })).status
    assert.equal(await reset(older), 400)
    const change = { currentPassword: password, newPassword: 'changed by hand' }
    assert.equal((await post('/change-password', change, session)).status, 200)
    assert.equal(await reset(newer), 400)
    assert.equal((await mart.signIn(email, 'changed by hand')).status, 200)
  })

  test('a changed password ends the other sessions unless told not to, and its owner is mailed', async () => {
    const { email, session } = await mart.signUpProven()
    const other = (await mart.signIn(email)).body.token
    const keep = { currentPassword: password, newPassword: 'the second one', revokeOtherSessions: false }
    assert.equal((await post('/change-password', keep, session)).status, 200)
    assert.deepEqual([await tokenStatus(session), await tokenStatus(other)], [200, 200])
    const change = { currentPassword: 'the second one', newPassword: 'the third one' }
    const { body } = await post('/change-password', change, session)
    assert.deepEqual([await tokenStatus(body.token), await tokenStatus(other)], [200, 401])
    const told = async () =>
      (await mart.mails.mailsTo(email)).filter(({ subject }) => subject === 'Your password was changed').length
    await eventually(async () => (await told()) === 2, 'both changes are told')
  })

  test('an old password is guessed no faster from a stolen session', async () => {
    const { session, email } = await mart.signUp()
    const guess = () =>
      post('/change-password', { currentPassword: 'a guess', newPassword: 'the thief has it' }, session)
    for (let at = 0; at < 6; at += 1) assert.equal((await guess()).status, 400)
    assert.equal((await guess()).status, 429)
    assert.equal((await mart.signIn(email)).status, 200)
  })

  test('a sign-up with the address of somebody tells him, once a day, and is rationed', async () => {
    const { email } = await mart.signUpProven()
    const body = { email: email.toUpperCase(), password: 'somebody else', name: 'Win at evil.example' }
    const statuses = []
    for (let at = 0; at < 7; at += 1) statuses.push((await post('/sign-up/email', body)).status)
    assert.deepEqual(statuses, [422, 422, 422, 422, 422, 422, 429])
    assert.equal((await post('/sign-up/email', { ...body, email: freshEmail() })).status, 429)
    await mart.service.db`delete from password_tries`
    const told = async () =>
      (await mart.mails.mailsTo(email)).filter(({ subject }) => subject === 'You have an account already')
    await eventually(async () => (await told()).length === 1, 'the owner is told')
    assert.doesNotMatch((await told())[0]!.text, /evil/)
    const [{ count }] = (await mart.service.db`
      select count(*)::int as count from account_mails mail join "user" on "user".id = user_id
      where email = ${email} and kind = 'account_exists'`) as unknown as [Record<string, number>]
    assert.equal(count, 1)
  })

  test('a sign-up with the address of somebody who has not proven it mails him no second link', async () => {
    const { id, email } = await mart.signUp()
    assert.equal((await post('/sign-up/email', { email, password: 'somebody else', name: 'Mallory' })).status, 422)
    const mailed = await mart.service.db`select kind from account_mails where user_id = ${id}`
    assert.deepEqual(
      mailed.map(({ kind }) => kind),
      ['verify_email'],
    )
    await mart.service.db`delete from password_tries`
  })

  test('a sign-up with the address of somebody guesses no faster than a sign-in: the right password opens nothing while that waits', async () => {
    const { email } = await mart.signUp()
    const signUp = async (word: string) =>
      (await post('/sign-up/email', { email, password: word, name: 'Mallory' })).status
    for (let at = 0; at < 5; at += 1) assert.equal((await mart.signIn(email, 'a guess')).status, 401)
    assert.equal(await signUp('another guess'), 422)
    assert.equal(await signUp(password), 422)
    await mart.service.db`delete from password_tries`
    assert.equal(await signUp(password), 200)
  })

  test('a reset is answered no sooner for an address that nobody has', async () => {
    const { email } = await mart.signUpProven()
    for (const one of [email, freshEmail()]) {
      const start = performance.now()
      assert.equal((await post('/request-password-reset', { email: one })).status, 200)
      assert.ok(performance.now() - start >= 399)
    }
  })

  test('to be erased takes the password, or a sign-in of late', async () => {
    const { id, email } = await mart.signUp()
    const as = { id, signedInAt: Math.floor(Date.now() / 1000) - 16 * 60 }
    const erase = (body?: unknown) => mart.http('DELETE', '/users/me', { as, body })
    const stale = await erase()
    assert.deepEqual([stale.status, stale.body.code], [403, 'fresh_sign_in_required'])
    const wrong = await erase({ password: 'not it at all' })
    assert.deepEqual([wrong.status, wrong.body.code], [403, 'wrong_password'])
    assert.equal((await erase({ passwort: password })).status, 422)
    for (let at = 0; at < 5; at += 1) await erase({ password: 'not it at all' })
    assert.equal((await erase({ password })).status, 429)
    await mart.service.db`delete from password_tries`
    assert.equal((await mart.signIn(email)).status, 200)
    assert.equal((await erase({ password })).status, 204)
    const { id: fresh } = await mart.signUp()
    assert.equal((await mart.http('DELETE', '/users/me', { as: { id: fresh } })).status, 204)
    assert.notEqual(fresh, newId())
  })
})

test('where a sign-up opens no session it is answered alike for a new and for a known address', async () => {
  const mart = await startUserService({ SIGN_UP_SIGNS_IN: 'off' })
  try {
    const email = freshEmail()
    const signUp = async () => {
      const start = performance.now()
      const { status, body } = await mart.http('POST', '/auth/sign-up/email', {
        body: { email, password, name: 'Ayesha' },
      })
      assert.ok(performance.now() - start >= 499)
      const shape = Object.keys(body.user).sort()
      return { status, token: body.token, name: body.user.name, email: body.user.email, shape }
    }
    const first = await signUp()
    assert.deepEqual(await signUp(), first)
    assert.deepEqual([first.status, first.token], [200, null])
    const other = { email: freshEmail(), password, name: 'Ayesha' }
    const both = await Promise.all([1, 2].map(() => mart.http('POST', '/auth/sign-up/email', { body: other })))
    assert.deepEqual(
      both.map(({ status, body }) => [status, body.token]),
      [
        [200, null],
        [200, null],
      ],
    )
    assert.equal((await mart.signIn(email)).status, 200)
  } finally {
    await mart.stop()
  }
})
