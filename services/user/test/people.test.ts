import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { UserErased, UserProfileChanged, UserRegistered } from '@mart/contracts/events/user-events'
import { faultIn } from '@mart/service-kit/event-schema'
import { newId } from '@mart/service-kit/ids'
import { startUserService, type UserService } from './user-service.ts'

const home = {
  label: 'Home',
  name: 'Ayesha Khan',
  line1: '1 Mall Road',
  city: 'Lahore',
  country: 'PK',
  phone: '+923001234567',
}

describe('people', () => {
  let mart: UserService
  before(async () => {
    mart = await startUserService()
  })
  after(() => mart.stop())

  const addresses = (id: string) => mart.http('GET', '/users/me/addresses', { as: { id } })
  const addAddress = (id: string, body: unknown, headers = {}) =>
    mart.http('POST', '/users/me/addresses', { as: { id }, body, headers })

  test('a person reads and changes his profile; a new name is said, a new phone is not', async () => {
    const { id, email, session } = await mart.signUp()
    const as = { id }
    const before = await mart.http('GET', '/users/me', { as })
    const { created_at, ...profile } = before.body
    const expected = {
      id,
      email,
      email_verified: false,
      name: 'Ayesha Khan',
      phone: null,
      language: 'en',
      role: 'customer',
    }
    assert.deepEqual(profile, expected)
    assert.ok(Date.now() - Date.parse(created_at) < 60_000)

    const changed = await mart.http('PATCH', '/users/me', { as, body: { phone: '0300-1234567', language: 'ur' } })
    assert.deepEqual(
      [changed.body.phone, changed.body.language, changed.body.name],
      ['+923001234567', 'ur', 'Ayesha Khan'],
    )
    assert.equal((await mart.http('PATCH', '/users/me', { as, body: { name: 'A. Khan' } })).body.phone, '+923001234567')
    assert.equal((await mart.http('PATCH', '/users/me', { as, body: { phone: null } })).body.phone, null)
    const { name, language } = await mart.personOf(session)
    assert.deepEqual([name, language], ['A. Khan', 'ur'])
    const said = (await mart.published(UserProfileChanged)).filter(({ key }) => key === id)
    assert.deepEqual(
      said.map(({ data }) => [data.name, data.email, faultIn(UserProfileChanged, data)]),
      [['A. Khan', email, null]],
    )
  })

  test('a person reads where he is signed in and what was mailed about his account, never what opens either', async () => {
    const { id, email, session } = await mart.signUp()
    await mart.signIn(email)
    const list = async (what: string, as: { id: string }, query = '') => {
      const { status, body } = await mart.http('GET', `/users/me/${what}${query}`, { as })
      assert.equal(status, 200)
      return body
    }
    const first = await list('sessions', { id }, '?limit=1')
    const rest = await list('sessions', { id }, `?limit=1&cursor=${first.next_cursor}`)
    const sessions = [...first.items, ...rest.items]
    assert.deepEqual([sessions.length, rest.next_cursor], [2, null])
    for (const { opened_at, ends_at, ...one } of sessions) {
      assert.deepEqual(Object.keys(one).sort(), ['address', 'browser', 'id'])
      assert.ok(Date.parse(opened_at) < Date.parse(ends_at))
    }
    assert.match(sessions[0].address, /127\.0\.0\.1/)
    const mails = await list('mails', { id })
    assert.deepEqual(
      mails.items.map(({ kind, recipient }: { kind: string; recipient: string }) => [kind, recipient]),
      [['verify_email', email]],
    )
    assert.ok(!JSON.stringify([sessions, mails]).includes(session))
    assert.deepEqual(Object.keys(mails.items[0]).sort(), ['at', 'id', 'kind', 'recipient', 'status'])
    const stranger = await mart.signUp()
    const theirs = (await list('sessions', stranger)).items.map((one: { id: string }) => one.id)
    assert.equal(theirs.length, 1)
    assert.ok(!sessions.some((one) => theirs.includes(one.id)))
  })

  test('every fault of a profile or an address is named at once, and nothing changes', async () => {
    const { id } = await mart.signUp()
    const faults = async (method: string, path: string, body: unknown) => {
      const answer = await mart.http(method, path, { as: { id }, body })
      assert.equal(answer.status, 422)
      return answer.body.errors.map((error: { field: string }) => error.field).sort()
    }
    const profile = { name: ' ', language: 'fr', role: 'admin', email: 'x@example.com' }
    assert.deepEqual(await faults('PATCH', '/users/me', profile), ['email', 'language', 'name', 'role'])
    assert.deepEqual(await faults('PATCH', '/users/me', {}), ['body'])
    const address = {
      ...home,
      line1: 'zero\u0000',
      country: 'Pakistan',
      phone: 'none',
      city: undefined,
      user_id: newId(),
    }
    const faulty = ['city', 'country', 'line1', 'phone', 'user_id']
    assert.deepEqual(await faults('POST', '/users/me/addresses', address), faulty)
    assert.deepEqual((await addresses(id)).body, { items: [], next_cursor: null })
    assert.equal((await mart.http('GET', '/users/me', { as: { id } })).body.name, 'Ayesha Khan')
  })

  test('without a token there is nothing to see', async () => {
    for (const path of ['/users/me', '/users/me/addresses', '/users']) {
      const answer = await mart.http('GET', path)
      assert.deepEqual(
        [answer.status, answer.headers.get('content-type')],
        [401, 'application/problem+json; charset=utf-8'],
      )
    }
  })

  test('an address book: add, list, change, make default, delete', async () => {
    const { id } = await mart.signUp()
    const as = { id }
    const first = await addAddress(id, home)
    assert.equal(first.status, 201)
    assert.deepEqual(first.body, { ...home, id: first.body.id, is_default: true })
    const second = await addAddress(id, { ...home, label: 'Office', line2: '2nd floor', is_default: true })
    const labels = async () =>
      (await addresses(id)).body.items.map((item: { label: string; is_default: boolean }) => [
        item.label,
        item.is_default,
      ])
    assert.deepEqual(await labels(), [
      ['Office', true],
      ['Home', false],
    ])

    const path = `/users/me/addresses/${first.body.id}`
    const changed = await mart.http('PATCH', path, { as, body: { is_default: true, city: 'Multan', label: '' } })
    const { label: _, ...unlabelled } = home
    assert.deepEqual(changed.body, { ...unlabelled, id: first.body.id, city: 'Multan', is_default: true })
    assert.deepEqual(await labels(), [
      [undefined, true],
      ['Office', false],
    ])
    assert.equal((await mart.http('DELETE', path, { as })).status, 204)
    assert.equal((await mart.http('DELETE', path, { as })).status, 404)
    assert.deepEqual((await addresses(id)).body.items, [{ ...second.body, is_default: false }])
  })

  test("somebody else's address is not there", async () => {
    const [owner, other] = [await mart.signUp(), await mart.signUp()]
    const path = `/users/me/addresses/${(await addAddress(owner.id, home)).body.id}`
    assert.equal((await mart.http('PATCH', path, { as: { id: other.id }, body: { city: 'X' } })).status, 404)
    assert.equal((await mart.http('DELETE', path, { as: { id: other.id } })).status, 404)
    assert.equal((await mart.http('DELETE', '/users/me/addresses/no-uuid', { as: { id: other.id } })).status, 404)
    assert.equal((await addresses(owner.id)).body.items[0].city, 'Lahore')
  })

  test('an address is added once for a key, however often and at once it is sent', async () => {
    const { id } = await mart.signUp()
    const headers = { 'idempotency-key': newId() }
    const answers = await Promise.all([1, 2, 3].map(() => addAddress(id, home, headers)))
    assert.ok(answers.every(({ status }) => status === 201 || status === 409))
    const again = await addAddress(id, home, headers)
    assert.deepEqual([again.status, again.headers.get('idempotency-replayed')], [201, 'true'])
    assert.equal((await addresses(id)).body.items.length, 1)
    assert.equal((await addAddress(id, { ...home, city: 'Multan' }, headers)).status, 422)
  })

  test('an address book ends at 50', async () => {
    const { id } = await mart.signUp()
    await mart.service.db`
      insert into addresses (user_id, name, line1, city, country, phone, is_default)
      select ${id}, 'x', 'x', 'x', 'PK', '0', false from generate_series(1, 50)`
    const answer = await addAddress(id, home)
    assert.deepEqual([answer.status, answer.body.code], [409, 'too_many_addresses'])
  })

  test('who is erased leaves nothing of himself, is said to be, and may come again', async () => {
    const { id, email, session } = await mart.signUp({ name: 'Forget Me' })
    const as = { id, name: 'Forget Me' }
    await addAddress(id, { ...home, line1: 'Forget Street' }, { 'idempotency-key': newId() })
    await mart.http('PATCH', '/users/me', { as, body: { phone: '+92 300 9999999' } })
    await mart.http('POST', '/auth/request-password-reset', { body: { email } })
    await mart.http('POST', '/auth/sign-in/email', { body: { email, password: 'wrong word' } })
    assert.equal((await mart.http('DELETE', '/users/me', { as })).status, 204)

    const rows = async (table: string) =>
      await mart.service.db<{ row: string }[]>`
        select t::text as row from ${mart.service.db(table)} t where t::text ~ ${`${email}|Forget|9999999`}`
    const tables = ['user', 'session', 'account', 'verification', 'addresses', 'account_mails', 'idempotency_keys']
    for (const table of tables) assert.deepEqual([...(await rows(table))], [], table)
    const [left] = await mart.service.db`
      select (select count(*) from session where "userId" = ${id}) as sessions,
        (select count(*) from account where "userId" = ${id}) as accounts,
        (select count(*) from verification where value = ${id}) as links`
    assert.deepEqual({ ...left }, { sessions: 0, accounts: 0, links: 0 })

    for (const [method, path, body] of [
      ['GET', '/users/me'],
      ['PATCH', '/users/me', { name: 'Back' }],
      ['DELETE', '/users/me'],
      ['GET', '/users/me/addresses'],
      ['POST', '/users/me/addresses', home],
    ] as const) {
      const answer = await mart.http(method, path, { as, body })
      assert.deepEqual([answer.status, answer.body.code], [401, 'account_gone'], `${method} ${path}`)
    }
    assert.equal((await mart.http('GET', '/auth/token', mart.withSession(session))).status, 401)
    assert.equal((await mart.signIn(email)).status, 401)
    const said = (await mart.published(UserErased)).filter(({ key }) => key === id)
    assert.deepEqual(
      said.map(({ data }) => faultIn(UserErased, data)),
      [null],
    )
    assert.equal(
      (await mart.published(UserProfileChanged)).filter(({ key, data }) => key === id && data.name !== 'Forget Me')
        .length,
      0,
    )

    const again = await mart.signUp({ email })
    assert.notEqual(again.id, id)
    assert.equal((await mart.published(UserRegistered)).filter(({ data }) => data.email === email).length, 2)
  })

  test('a sign-in that was under way opens no session for who was erased meanwhile', async () => {
    const { id } = await mart.signUp()
    const { db } = mart.service
    const late = db.begin(async (tx) => {
      await tx`select from "user" where id = ${id} for update`
      const session = db`
        insert into session (id, token, "userId", "expiresAt", "updatedAt") values (${newId()}, ${id}, ${id}, now(), now())`
      const outcome = session.then(
        () => 'opened',
        (error: { message: string }) => error.message,
      )
      await new Promise((resolve) => setTimeout(resolve, 100))
      await tx`update "user" set erased_at = now() where id = ${id}`
      return { outcome }
    })
    assert.equal(await (await late).outcome, 'the account was erased')
  })
})
