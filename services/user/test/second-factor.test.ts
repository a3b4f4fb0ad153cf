import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually } from '@mart/service-kit/testing'
import { totp, totpBefore } from './totp.ts'
import { freshEmail, password, startUserService, type UserService } from './user-service.ts'

describe('a second factor', () => {
  let mart: UserService
  before(async () => {
    mart = await startUserService({ STAFF_2FA: 'required' })
  })
  after(() => mart.stop())

  const post = (path: string, body: unknown, session?: string) =>
    mart.http('POST', `/auth${path}`, { body, ...(session ? mart.withSession(session) : {}) })
  const tokenOf = (session: string) => mart.http('GET', '/auth/token', mart.withSession(session))
  const begin = async (email: string) => (await mart.signIn(email)).body.twoFactorToken as string
  const verify = (code: string, twoFactorToken: string) => post('/two-factor/verify-totp', { code, twoFactorToken })
  /** A person whose second factor is on; the code of the step before now is used. */
  const enabled = async () => {
    const person = await mart.signUpProven()
    const { body } = await post('/two-factor/enable', { password }, person.session)
    const on = await post('/two-factor/verify-totp', { code: await totpBefore(body.totpURI) }, person.session)
    assert.equal(on.status, 200, JSON.stringify(on.body))
    return {
      ...person,
      session: on.body.token as string,
      uri: body.totpURI as string,
      codes: body.backupCodes as string[],
    }
  }

  test('signing in takes two steps, without a cookie; sessions from before it was on have ended', async () => {
    const person = await mart.signUpProven()
    const other = (await mart.signIn(person.email)).body.token
    assert.equal((await post('/two-factor/enable', { password: 'not it at all' }, person.session)).status, 400)
    const { body } = await post('/two-factor/enable', { password }, person.session)
    assert.match(body.totpURI, /^otpauth:\/\/totp\/AI%20Mart/)
    assert.equal(body.backupCodes.length, 10)
    assert.equal((await mart.signIn(person.email)).body.token.length > 0, true)
    const on = await post('/two-factor/verify-totp', { code: await totpBefore(body.totpURI) }, person.session)
    assert.deepEqual(
      [(await tokenOf(on.body.token)).status, (await tokenOf(person.session)).status, (await tokenOf(other)).status],
      [200, 401, 401],
    )
    const first = await mart.signIn(person.email)
    assert.deepEqual([first.status, first.body.twoFactorRedirect, first.body.token], [200, true, undefined])
    assert.equal(first.headers.get('set-cookie'), null)
    assert.equal((await verify('000000', `${first.body.twoFactorToken}x`)).status, 401)
    const second = await verify(totp(body.totpURI), first.body.twoFactorToken)
    assert.equal(second.status, 200)
    assert.equal((await tokenOf(second.body.token)).status, 200)
    assert.equal((await verify(totp(body.totpURI, 1), first.body.twoFactorToken)).status, 401)
  })

  test('a code opens one session, also when it is sent twice at once', async () => {
    const { email, uri, id } = await enabled()
    const code = totp(uri)
    const [one, two, three] = [await begin(email), await begin(email), await begin(email)]
    const both = await Promise.all([verify(code, one), verify(code, two)])
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 401])
    const again = await verify(code, three)
    assert.deepEqual([again.status, again.body.code], [401, 'INVALID_CODE'])
    const opened = await mart.service.db`select from session where "userId" = ${id}`
    assert.equal(opened.length, 2)
  })

  test('guessing ends the sign-in after five codes, and the account waits after ten', async () => {
    const { email, uri } = await enabled()
    const codes = []
    for (let round = 0; round < 2; round += 1) {
      const pending = await begin(email)
      for (let at = 0; at < 5; at += 1) codes.push((await verify('000000', pending)).body.code)
      if (round === 0) codes.push((await verify(totp(uri), pending)).body.code)
    }
    assert.deepEqual(codes.slice(0, 5), Array(5).fill('INVALID_CODE'))
    assert.equal(codes[5], 'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE')
    const locked = await verify(totp(uri), await begin(email))
    assert.equal(locked.status, 429)
  })

  test('a recovery code stands in for the app, once', async () => {
    const { email, codes } = await enabled()
    const recover = async (code: string | undefined) =>
      post('/two-factor/verify-backup-code', { code, twoFactorToken: await begin(email) })
    const answer = await recover(codes[0])
    assert.equal((await tokenOf(answer.body.token)).status, 200)
    assert.equal((await recover(codes[0])).status, 401)
    assert.equal((await recover(codes[1])).status, 200)
  })

  test('staff without one get no token where it is required, and customers do', async () => {
    const { id, session, email } = await mart.signUpProven()
    assert.equal((await tokenOf(session)).status, 200)
    await mart.service.db`update "user" set role = 'staff' where id = ${id}`
    const refused = await tokenOf(session)
    assert.deepEqual([refused.status, refused.body.code], [403, 'TWO_FACTOR_REQUIRED'])
    const { body } = await post('/two-factor/enable', { password }, session)
    const on = await post('/two-factor/verify-totp', { code: await totpBefore(body.totpURI) }, session)
    assert.equal((await tokenOf(on.body.token)).status, 200)
    const off = await post('/two-factor/disable', { password }, on.body.token)
    assert.equal((await tokenOf(off.body.token)).status, 403)
    assert.equal((await mart.signIn(email)).body.twoFactorRedirect, undefined)
  })

  test('a new address counts once it is proven, by the newest link, once; the old one is told', async () => {
    const { id, email, session } = await mart.signUpProven()
    const [first, second] = [freshEmail(), freshEmail()]
    const taken = (await mart.signUp()).email
    for (const newEmail of [taken, first, second])
      assert.equal((await post('/change-email', { newEmail }, session)).status, 200, newEmail)
    const linkTo = async (to: string) => {
      const [mail] = await mart.mails.mailsTo(to)
      assert.doesNotMatch(mail!.text, /Ayesha/)
      const { pathname, search } = new URL(/http:\S+/.exec(mail!.text)![0])
      return async () =>
        (await fetch(mart.service.url + pathname + search, { redirect: 'manual' })).headers.get('location')
    }
    const [older, newer] = [await linkTo(first), await linkTo(second)]
    const profile = async () => (await mart.http('GET', '/users/me', { as: { id } })).body
    assert.equal(await older(), '/email-verified?error=INVALID_TOKEN')
    assert.equal((await profile()).email, email)
    assert.equal(await newer(), '/email-verified')
    assert.deepEqual([(await profile()).email, (await profile()).email_verified], [second, true])
    assert.equal(await newer(), '/email-verified?error=INVALID_TOKEN')
    await eventually(
      async () =>
        (await mart.mails.mailsTo(email)).some(({ subject }) => subject === 'Your e-mail address was changed'),
      'the old address is told',
    )
    assert.equal((await mart.mails.mailsTo(taken)).length, 1)
    assert.equal((await mart.signIn(second)).status, 200)
  })
})
