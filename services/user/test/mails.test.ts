import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { UserProfileChanged, UserRegistered } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { eventually, type TestPerson } from '@mart/service-kit/testing'
import { readMetric } from '@mart/service-kit/testing-metrics'
import { linkIn } from './mail-server.ts'
import { freshEmail, password, startUserService, type UserService } from './user-service.ts'

describe('mailed links', () => {
  let mart: UserService
  before(async () => {
    mart = await startUserService()
  })
  after(() => mart.stop())

  const rowsOf = (userId: string) => mart.service.db<
    { secret: string | null; sent: boolean; lost: boolean; error: string; attempts: number }[]
  >`
    select secret, sent_at is not null as sent, given_up_at is not null as lost, last_error as error, attempts
    from account_mails where user_id = ${userId} order by id`
  const askForReset = (email: string) => mart.http('POST', '/auth/request-password-reset', { body: { email } })
  const open = (link: URL) => fetch(mart.service.url + link.pathname + link.search, { redirect: 'manual' })

  test('a sign-up is mailed a link that verifies the address, and nothing that the one who signed up wrote', async () => {
    const { id, email } = await mart.signUp({ name: 'Win at evil.example' })
    const [mail] = await mart.mails.mailsTo(email)
    for (const part of [mail!.subject, mail!.text, mail!.html, mail!.headers]) assert.doesNotMatch(part, /evil|Win at/)
    assert.equal((await mart.http('GET', '/users/me', { as: { id } })).body.email_verified, false)
    const answer = await open(linkIn(mail!.text))
    assert.deepEqual([answer.status, answer.headers.get('location')], [302, '/email-verified'])
    assert.equal((await mart.http('GET', '/users/me', { as: { id } })).body.email_verified, true)
    const page = await mart.http('GET', '/email-verified')
    assert.match(page.body, /Thank you/)
  })

  test('mails that were handed over are counted; the one that is due longest is told, unless it may not go', async () => {
    const oldest = () => readMetric(mart, 'mails_oldest_due_seconds')
    const { id, email } = await mart.signUp()
    await mart.mails.mailsTo(email)
    await eventually(async () => (await readMetric(mart, 'mails_total', { outcome: 'sent' })) >= 1, 'it is counted')
    const [mail] = await mart.service.db`
      insert into account_mails (user_id, kind, expires_at, next_try_at, sending_until)
      values (${id}, 'password_changed', now() + interval '1 day', now() - interval '5 minutes', now() + interval '1 hour')
      returning id`
    // Mails of the other tests are due for a moment, too.
    assert.ok((await oldest()) < 300)
    await mart.prove(email)
    const told = await oldest()
    assert.ok(told >= 300 && told < 400, `${told}`)
    await mart.service.db`delete from account_mails where id = ${mail!['id']}`
    assert.ok((await oldest()) < 300)
  })

  test('mails are in the language of the account, which a sign-up may give; events say it', async () => {
    const { id, email } = await mart.signUp({ language: 'ur' })
    const [mail] = await mart.mails.mailsTo(email)
    assert.equal(mail!.subject, 'کیا یہ آپ کی ای میل ہے؟')
    assert.match(mail!.html, /<html lang="ur" dir="rtl">/)
    const languages = async () => [
      (await mart.published(UserRegistered)).find(({ key }) => key === id)?.data.language,
      ...(await mart.published(UserProfileChanged)).filter(({ key }) => key === id).map(({ data }) => data.language),
    ]
    assert.deepEqual(await languages(), ['ur'])
    await mart.prove(email)
    await mart.http('PATCH', '/users/me', { as: { id }, body: { language: 'en' } })
    assert.deepEqual(await languages(), ['ur', 'ur'])
    await askForReset(email)
    await eventually(async () => {
      const all = await mart.mails.mailsTo(email, 2)
      return all.some(({ subject }) => subject === 'Set a new password')
    }, 'the mail is in English')
    assert.equal(
      (
        await mart.http('POST', '/auth/sign-up/email', {
          body: { email: freshEmail(), password, name: 'A', language: 'fr' },
        })
      ).status,
      400,
    )
  })

  test('a link that was changed verifies nothing and says so', async () => {
    const { id, email } = await mart.signUp()
    const link = linkIn((await mart.mails.mailsTo(email))[0]!.text)
    link.searchParams.set('token', `${link.searchParams.get('token')}x`)
    const answer = await open(link)
    assert.equal(answer.headers.get('location'), '/email-verified?error=INVALID_TOKEN')
    const page = await mart.http('GET', '/email-verified?error=INVALID_TOKEN')
    assert.match(page.body, /This link does not work/)
    assert.equal((await mart.http('GET', '/users/me', { as: { id } })).body.email_verified, false)
  })

  test('who reads Urdu finds the pages behind the links in it', async () => {
    const { email } = await mart.signUp({ language: 'ur' })
    const proving = linkIn((await mart.mails.mailsTo(email))[0]!.text)
    const there = (await open(proving)).headers.get('location')!
    assert.equal(there, '/email-verified?language=ur')
    assert.match((await mart.http('GET', there)).body, /<html lang="ur" dir="rtl">.*<h1>شکریہ/s)
    proving.searchParams.set('token', 'changed')
    const dead = (await open(proving)).headers.get('location')!
    assert.match((await mart.http('GET', dead)).body, /<html lang="ur" dir="rtl">.*<h1>یہ لنک کام نہیں کرتا/s)
    assert.equal((await askForReset(email)).status, 200)
    const reset = linkIn((await mart.mails.mailsTo(email, 2))[1]!.text)
    const form = (await mart.http('GET', reset.pathname + reset.search)).body
    assert.match(form, /<html lang="ur" dir="rtl">.*<h1>نیا پاس ورڈ لگائیں/s)
    assert.ok(new URLSearchParams(reset.hash.slice(1)).get('token'))
    assert.match((await mart.http('GET', '/reset-password?language=fr')).body, /<html lang="en" dir="ltr">/)
  })

  test('the verification link can be asked for again', async () => {
    const { session, email } = await mart.signUp()
    const answer = await mart.http('POST', '/auth/send-verification-email', {
      ...mart.withSession(session),
      body: { email },
    })
    assert.equal(answer.status, 200)
    assert.equal((await mart.mails.mailsTo(email, 2)).length, 2)
  })

  test('a forgotten password is set anew by the mailed link, once, and ends every session', async () => {
    const { id, email, session } = await mart.signUp({ name: '<b>Ayesha</b> evil.example' })
    await mart.prove(email)
    assert.equal((await askForReset(email)).status, 200)
    const mail = (await mart.mails.mailsTo(email, 2)).find(({ subject }) => subject === 'Set a new password')
    assert.match(mail!.html, /Hello &lt;b&gt;Ayesha&lt;\/b&gt;,/)
    const link = linkIn(mail!.text)
    assert.equal(link.pathname, '/reset-password')
    const form = await mart.http('GET', link.pathname)
    assert.match(form.headers.get('content-security-policy')!, /default-src 'none'/)
    const token = new URLSearchParams(link.hash.slice(1)).get('token')
    const reset = () => mart.http('POST', '/auth/reset-password', { body: { token, newPassword: 'a new password' } })
    assert.equal((await reset()).status, 200)
    assert.equal((await reset()).status, 400)
    assert.equal((await mart.http('GET', '/auth/token', mart.withSession(session))).status, 401)
    assert.equal((await mart.signIn(email)).status, 401)
    assert.equal((await mart.signIn(email, 'a new password')).status, 200)
    await eventually(async () => (await rowsOf(id)).every(({ sent }) => sent), 'all mails are noted as sent')
    assert.ok((await rowsOf(id)).every(({ secret }) => secret === null))
  })

  test('the database never holds a reset token once it is mailed', async () => {
    const { id, email } = await mart.signUp()
    await mart.prove(email)
    await askForReset(email)
    const mail = (await mart.mails.mailsTo(email, 2)).find(({ subject }) => subject === 'Set a new password')
    const token = new URLSearchParams(linkIn(mail!.text).hash.slice(1)).get('token')!
    await eventually(async () => (await rowsOf(id)).every(({ sent }) => sent), 'all mails are noted as sent')
    const [found] = await mart.service.db`
      select from verification where identifier like ${`%${token}%`}
      union all select from account_mails where secret is not null and user_id = ${id}`
    assert.equal(found, undefined)
  })

  test('an unknown address is answered as a known one, and mailed nothing', async () => {
    const { email } = await mart.signUp()
    const [known, unknown] = [await askForReset(email), await askForReset(freshEmail())]
    assert.deepEqual([unknown.status, unknown.body], [known.status, known.body])
  })

  test('an address that is not proven is mailed the link that proves it, whatever is asked for', async () => {
    const { email } = await mart.signUp()
    await askForReset(email)
    const mails = await mart.mails.mailsTo(email, 2)
    assert.deepEqual([...new Set(mails.map(({ subject }) => subject))], ['Is this your e-mail address?'])
  })

  test('an address that is not proven is mailed three links an hour and ten a day, what is more stays as skipped', async () => {
    const { id, email } = await mart.signUp()
    const { db } = mart.service
    const ask = (times: number) =>
      db`insert into account_mails (user_id, kind, expires_at)
        select ${id}, 'verify_email', now() + interval '1 day' from generate_series(1, ${times})`
    const skipped = async () =>
      (await db`select from account_mails where user_id = ${id} and skipped_at is not null`).length
    await ask(6)
    await eventually(async () => (await skipped()) === 4, 'four of seven are skipped')
    assert.equal((await mart.mails.mailsTo(email, 3)).length, 3)
    for (const inAll of [6, 9, 10]) {
      await db`update account_mails set taken_at = taken_at - interval '61 minutes' where user_id = ${id}`
      await ask(4)
      await mart.mails.mailsTo(email, inAll)
    }
    await eventually(async () => (await skipped()) === 4 + 1 + 1 + 3, 'all others are skipped')
    assert.equal((await mart.mails.mailsTo(email, 10)).length, 10)
  })

  test('staff see what became of each mail, page by page; nobody else does', async () => {
    const { id, email } = await mart.signUp()
    const { db } = mart.service
    const staff = { id: newId(), role: 'staff' as const }
    const list = async (query: string) => {
      const { status, body } = await mart.http('GET', `/users/mails?user_id=${id}&${query}`, { as: staff })
      assert.equal(status, 200, JSON.stringify(body))
      return body
    }
    const became = async () =>
      (await list('')).items.map(({ status, reason }: { status: string; reason: string | null }) => [status, reason])
    await mart.mails.mailsTo(email)
    await db`
      insert into account_mails (user_id, kind, secret, expires_at) values
        (${id}, 'verify_email', null, now() + interval '1 day'), (${id}, 'verify_email', null, now() + interval '1 day'),
        (${id}, 'verify_email', null, now() + interval '1 day'), (${id}, 'verify_email', 'hidden', now())`
    await eventually(async () => !JSON.stringify(await became()).includes('pending'), 'all are settled')
    assert.deepEqual((await became()).toSorted(), [
      ['failed', 'expired'],
      ['sent', null],
      ['sent', null],
      ['sent', null],
      ['skipped', 'unproven_limit'],
    ])
    await db`
      insert into account_mails (user_id, kind, secret, to_email, next_try_at, expires_at)
      values (${id}, 'change_email', 'hidden', 'new@example.com', now() + interval '1 hour', now() + interval '1 day')`
    const all = await list('')
    assert.doesNotMatch(JSON.stringify(all), /hidden|secret/)
    const [waiting] = all.items
    assert.deepEqual(
      [waiting.status, waiting.kind, waiting.recipient, waiting.sent_at, waiting.attempts],
      ['pending', 'change_email', 'new@example.com', null, 0],
    )
    assert.ok(Date.parse(waiting.next_attempt_at) > Date.parse(waiting.at))
    for (const [status, count] of Object.entries({ pending: 1, sent: 3, skipped: 1, failed: 1 })) {
      const { items } = await list(`status=${status}`)
      assert.deepEqual(
        items.map((mail: { status: string }) => mail.status),
        Array(count).fill(status),
      )
      if (status !== 'pending') for (const mail of items) assert.equal(mail.recipient, email)
    }
    const first = await list('limit=4')
    const rest = await list(`limit=4&cursor=${first.next_cursor}`)
    assert.deepEqual([...first.items, ...rest.items], all.items)
    assert.equal(rest.next_cursor, null)

    const status = async (query: string, as?: TestPerson) =>
      (await mart.http('GET', `/users/mails${query}`, { as })).status
    assert.deepEqual([await status('', { id }), await status('')], [403, 401])
    for (const query of ['?status=lost', '?user_id=1', '?limit=101', '?cursor=none'])
      assert.equal(await status(query, staff), 400, query)
  })

  test('a reset that cannot be written down is not answered as if it were', async () => {
    const { email } = await mart.signUp()
    await mart.prove(email)
    await mart.service.db`alter table account_mails add constraint no_more check (secret is null) not valid`
    try {
      assert.equal((await askForReset(email)).status, 500)
    } finally {
      await mart.service.db`alter table account_mails drop constraint no_more`
    }
    assert.equal((await askForReset(email)).status, 200)
  })

  test('what the mail server refuses is tried again', async () => {
    const email = freshEmail()
    mart.mails.refuse(email)
    const { id } = await mart.signUp({ email })
    await eventually(async () => (await rowsOf(id))[0]?.error === 'refused_451', 'the refusal is noted')
    await mart.service.db`update account_mails set next_try_at = now() where user_id = ${id}`
    assert.equal((await mart.mails.mailsTo(email)).length, 1)
    await eventually(async () => (await rowsOf(id))[0]!.sent, 'the mail is noted as sent')
  })

  test('what was sent is not sent again', async () => {
    const { id, email, session } = await mart.signUp()
    await eventually(async () => (await rowsOf(id))[0]!.sent, 'the mail is noted as sent')
    await mart.service.db`update account_mails set next_try_at = '-infinity' where user_id = ${id}`
    await mart.http('POST', '/auth/send-verification-email', { ...mart.withSession(session), body: { email } })
    await mart.mails.mailsTo(email, 2)
    await eventually(async () => (await rowsOf(id)).every(({ sent }) => sent), 'both are noted as sent')
    assert.deepEqual(
      (await rowsOf(id)).map(({ attempts }) => attempts),
      [1, 1],
    )
  })

  test('a mail whose link has expired is given up, its secret forgotten', async () => {
    const { id, email } = await mart.signUp()
    await mart.mails.mailsTo(email)
    await mart.service.db`
      insert into account_mails (user_id, kind, secret, expires_at) values (${id}, 'reset_password', 's', now())`
    await eventually(async () => (await rowsOf(id)).at(-1)!.lost, 'the mail is given up')
    assert.equal((await rowsOf(id)).at(-1)!.secret, null)
    assert.equal((await mart.mails.mailsTo(email)).length, 1)
  })

  test('signing in does not wait for the verification', async () => {
    const { email } = await mart.signUp()
    assert.equal((await mart.signIn(email, password)).status, 200)
  })
})
