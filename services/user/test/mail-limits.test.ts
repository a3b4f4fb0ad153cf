import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newId } from '@mart/service-kit/ids'
import { eventually } from '@mart/service-kit/testing'
import { mayReset } from '../src/mail.ts'
import { linkIn } from './mail-server.ts'
import { freshEmail, password, startUserService, type UserService } from './user-service.ts'

test('a link for a new password is mailed three times an hour, and after ten in a day once an hour', () => {
  const allowed = [
    [0, 0],
    [2, 2],
    [2, 9],
    [0, 10],
    [0, 40],
  ] as const
  const refused = [
    [3, 3],
    [1, 10],
    [2, 12],
  ] as const
  for (const [hour, day] of allowed) assert.equal(mayReset({ hour, day }), true, `${hour} ${day}`)
  for (const [hour, day] of refused) assert.equal(mayReset({ hour, day }), false, `${hour} ${day}`)
})

describe('what a stranger has mailed to somebody', () => {
  let mart: UserService
  before(async () => {
    mart = await startUserService()
  })
  after(() => mart.stop())

  const post = (path: string, body: unknown, session?: string) =>
    mart.http('POST', `/auth${path}`, { body, ...(session ? mart.withSession(session) : {}) })
  const rowsOf = (userId: string, kind: string) =>
    mart.service.db`select * from account_mails where user_id = ${userId} and kind = ${kind} order by id`
  const isSettled = (userId: string) =>
    eventually(async () => {
      const due = await mart.service.db`
        select from account_mails
        where user_id = ${userId} and sent_at is null and given_up_at is null and skipped_at is null`
      return due.length === 0
    }, 'nothing is due')

  test('a proven address gets three links for a new password an hour, of which the last one works', async () => {
    const { id, email } = await mart.signUpProven()
    await mart.mails.mailsTo(email)
    for (let asked = 1; asked <= 5; asked += 1) {
      const { status } = await post('/request-password-reset', { email })
      assert.equal(status, 200)
      await isSettled(id)
    }
    assert.equal((await rowsOf(id, 'reset_password')).length, 3)
    const links = (await mart.mails.mailsTo(email, 4)).filter(({ subject }) => subject === 'Set a new password')
    const token = new URLSearchParams(linkIn(links.at(-1)!.text).hash.slice(1)).get('token')
    assert.equal((await post('/reset-password', { token, newPassword: 'a new password' })).status, 200)
    await mart.service.db`
      update account_mails set created_at = created_at - interval '61 minutes' where user_id = ${id}`
    await post('/request-password-reset', { email })
    assert.equal((await rowsOf(id, 'reset_password')).length, 4)
  })

  test('links for a new password are counted also when many are asked for at once', async () => {
    const { id, email } = await mart.signUpProven()
    await mart.service.db`
      insert into account_mails (user_id, kind, expires_at, next_try_at)
      select ${id}, 'reset_password', now() + interval '1 hour', now() + interval '1 hour' from generate_series(1, 2)`
    await mart.service.db`update account_mails set taken_at = now() where user_id = ${id}`
    await Promise.all([1, 2, 3, 4].map(() => post('/request-password-reset', { email })))
    const rows = await rowsOf(id, 'reset_password')
    assert.equal(rows.length, 3)
    const kept = await mart.service.db`select from verification where value = ${id}`
    assert.equal(kept.length, 1)
  })

  test('an account that wants the address for itself uses up nothing of what its owner needs for his own', async () => {
    const stranger = await mart.signUp()
    const email = freshEmail()
    const change = (newEmail: string) => post('/change-email', { newEmail }, stranger.session)
    for (let asked = 1; asked <= 4; asked += 1) assert.equal((await change(email)).status, 200)
    await isSettled(stranger.id)
    const became = (await rowsOf(stranger.id, 'change_email')).map((row) => row['last_error'])
    assert.deepEqual(became.toSorted(), [null, null, null, 'unproven_limit'])
    const owner = await mart.signUp({ email })
    await isSettled(owner.id)
    assert.equal((await rowsOf(owner.id, 'verify_email'))[0]!['last_error'], null)
    assert.equal((await mart.mails.mailsTo(email, 4)).length, 4)
  })

  test('an account has five links to new addresses mailed a day', async () => {
    const { id, session } = await mart.signUp()
    const asked = await Promise.all(
      Array.from({ length: 7 }, () => post('/change-email', { newEmail: freshEmail() }, session)),
    )
    assert.deepEqual(asked.map(({ status }) => status).toSorted(), [200, 200, 200, 200, 200, 429, 429])
    assert.equal(asked.find(({ status }) => status === 429)!.body.code, 'too_many_mails')
    assert.equal((await rowsOf(id, 'change_email')).length, 5)
  })
})

describe('an address at a domain in any letters', () => {
  let mart: UserService
  before(async () => {
    mart = await startUserService()
  })
  after(() => mart.stop())

  test('is one account however it is written, and is mailed', async () => {
    const name = newId()
    const kept = `${name}@xn--exmple-cua.com`
    const typed = `${name}@exämple.com`
    const body = { email: typed, password, name: 'Ayesha' }
    const { status, body: opened } = await mart.http('POST', '/auth/sign-up/email', { body })
    assert.deepEqual([status, opened.user?.email], [200, kept])
    // The server of this test reads the ASCII form of an envelope back, not that of a header.
    await mart.prove(typed)
    assert.match((await mart.mails.mailsTo(typed))[0]!.headers, new RegExp(`^To: .*${kept}`, 'm'))
    for (const email of [typed, kept, `${name}@EXÄMPLE.COM`])
      assert.equal((await mart.signIn(email)).status, 200, email)
    const again = { ...body, email: kept, password: `another ${password}` }
    assert.equal((await mart.http('POST', '/auth/sign-up/email', { body: again })).status, 422)
    const other = `new-${typed}`
    await mart.http('POST', '/auth/change-email', { ...mart.withSession(opened.token), body: { newEmail: other } })
    await mart.http('POST', '/auth/request-password-reset', { body: { email: typed } })
    assert.equal((await mart.mails.mailsTo(other)).length, 1)
    const mails = await mart.mails.mailsTo(typed, 3)
    assert.ok(mails.some(({ subject }) => subject === 'Set a new password'))
  })

  test('has letters before the @ that every mail server takes, or it is told why not', async () => {
    for (const email of ['sänä@example.com', 'ثنا@exämple.com', 'nobody'])
      for (const [path, body] of [
        ['/sign-up/email', { email, password, name: 'Ayesha' }],
        ['/sign-in/email', { email, password }],
        ['/request-password-reset', { email }],
        ['/send-verification-email', { email }],
        ['/change-email', { newEmail: email }],
      ] as const) {
        const answer = await mart.http('POST', `/auth${path}`, { body })
        assert.deepEqual([answer.status, answer.body.code], [400, 'VALIDATION_ERROR'], path)
        assert.match(answer.body.message, /^body\/(newEmail|email) must be an e-mail address like/)
      }
  })
})
