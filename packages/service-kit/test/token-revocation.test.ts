import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { defineEvent } from '@mart/contracts/events/define-event'
import { handlerTable, on } from '@mart/service-kit/handlers'
import { newId } from '@mart/service-kit/ids'
import { defineService } from '@mart/service-kit/start-service'
import { eventually, quietLogger, startTestService } from '@mart/service-kit/testing'
import { testKeyId } from '@mart/service-kit/testing-tokens'
import { deleteOldRevocations, revokeTokensOn, watchRevokedTokens } from '@mart/service-kit/token-revocation'
import { Type } from 'typebox'

const topic = { name: 'mart.people', producer: 'people', retention: 'days' as const }
const data = Type.Object({ user_id: Type.String(), at: Type.String() })
const Left = defineEvent({ type: 'person.left', version: 1, topic, key: 'user_id', data, revokesTokensAt: 'at' })
const Leaked = defineEvent({
  type: 'person.key_leaked',
  version: 1,
  topic,
  key: 'key_id',
  data: Type.Object({ key_id: Type.String() }),
  revokesTokensBy: 'key_id',
})
const Moved = defineEvent({ type: 'person.moved', version: 1, topic, key: 'user_id', data })

const heard: string[] = []
const service = defineService({
  name: 'test',
  description: '',
  topic: { name: 'mart.tests', producer: 'test', retention: 'days' },
  settings: {},
  migrations: new URL('./', import.meta.url), // none
  addRoutes(app) {
    app.get('/me', { onRequest: app.signedIn }, (request) => ({ id: request.person?.id }))
  },
  consumes: () =>
    handlerTable(
      [on(Left, async (_, event) => heard.push(event.data.user_id)), ...revokeTokensOn(Left, Leaked)],
      [Left, Leaked, Moved],
    ),
})

describe('ended tokens', () => {
  let mart: Awaited<ReturnType<typeof startTestService>>
  before(async () => {
    mart = await startTestService(service)
  })
  after(() => mart.stop())

  const statusOf = async (id: string, issuedAt: number) =>
    (await mart.http('GET', '/me', { as: { id, issuedAt } })).status
  const secondsAgo = (seconds: number) => Date.now() / 1000 - seconds
  const leave = (id: string, at = new Date()) => mart.consume(Left, { user_id: id, at: at.toISOString() })

  test('a token from before is refused, also one that was verified and remembered; a later one is good', async () => {
    const id = newId()
    const before = secondsAgo(5)
    assert.equal(await statusOf(id, before), 200)
    await leave(id)
    await eventually(async () => (await statusOf(id, before)) === 401, 'the old token is refused')
    const refused = await mart.http('GET', '/me', { as: { id, issuedAt: before } })
    assert.deepEqual([refused.body.code, refused.headers.get('www-authenticate')], ['token_ended', 'Bearer'])
    assert.equal(await statusOf(id, Date.now() / 1000 + 0.01), 200)
    assert.equal(await statusOf(newId(), before), 200)
  })

  test('a token issued in the same second is told apart', async () => {
    const id = newId()
    const at = new Date(Math.floor(Date.now() / 1000) * 1000 + 500)
    await leave(id, at)
    await eventually(async () => (await statusOf(id, at.getTime() / 1000)) === 401, 'the old token is refused')
    assert.equal(await statusOf(id, at.getTime() / 1000 + 0.001), 200)
  })

  test('other hearings of the same event run beside it, and an earlier end takes nothing back', async () => {
    const id = newId()
    await leave(id)
    await leave(id, new Date(Date.now() - 60_000))
    assert.deepEqual(
      heard.filter((one) => one === id),
      [id, id],
    )
    await eventually(async () => (await statusOf(id, secondsAgo(30))) === 401, 'the later end counts')
  })

  test('a replica that heard nothing is told by the database, and a new one reads it at its start', async () => {
    const id = newId()
    const { db } = mart.service
    const replica = await watchRevokedTokens(db, quietLogger)
    let woken = 0
    replica.work.onReady?.(() => {
      woken += 1
    })
    await eventually(async () => woken > 0, 'it listens')
    const told = woken
    await leave(id)
    await eventually(async () => woken > told, 'it is told')
    const token = { id, issuedAt: secondsAgo(1), signedBy: 'test' }
    assert.equal(replica.isRevoked(token), false)
    await replica.work.run(AbortSignal.timeout(1_000))
    assert.equal(replica.isRevoked(token), true)
    assert.equal((await watchRevokedTokens(db, quietLogger)).isRevoked(token), true)
  })

  test('who waits for an end is told once, at once when it was before, and not after calling it off', async () => {
    const [id, another] = [newId(), newId()]
    const token = { id, issuedAt: secondsAgo(1), signedBy: testKeyId }
    const told: string[] = []
    const held = await watchRevokedTokens(mart.service.db, quietLogger)
    const look = () => held.work.run(AbortSignal.timeout(1_000))
    held.whenRevoked(token, () => told.push('waiting'))
    held.whenRevoked({ ...token, issuedAt: Date.now() / 1000 + 60 }, () => told.push('newer'))
    held.whenRevoked({ ...token, id: another }, () => told.push('another'))
    const callOff = held.whenRevoked(token, () => told.push('called off'))
    callOff()
    await look()
    await leave(id)
    assert.equal(told.length, 0)
    await look()
    await look()
    assert.deepEqual(told, ['waiting'])
    held.whenRevoked(token, () => told.push('late'))
    assert.deepEqual(told, ['waiting', 'late'])
  })

  test('an end is forgotten once no token can be older, and not before', async () => {
    const { db } = mart.service
    await db`select end_tokens(array['old', 'new'], array[now() - interval '21 minutes', now() - interval '17 minutes'])`
    await deleteOldRevocations(db)
    assert.deepEqual(
      (await db`select person_id from ended_tokens where person_id in ('old', 'new')`).map((row) => row['person_id']),
      ['new'],
    )
  })

  test('tokens of a key that leaked are refused, whatever they say and while the key set still has it, for ever', async () => {
    const persons = [secondsAgo(5), secondsAgo(-5)].map((issuedAt) => ({ id: newId(), issuedAt }))
    const look = (as: { id: string; issuedAt: number }) => mart.http('GET', '/me', { as })
    for (const as of persons) assert.equal((await look(as)).status, 200)
    const { db } = mart.service
    const remembered = await mart.tokenFor({ id: newId() })
    const withRemembered = () => mart.http('GET', '/me', { headers: { authorization: `Bearer ${remembered}` } })
    assert.equal((await withRemembered()).status, 200)
    await mart.consume(Leaked, { key_id: 'another' })
    await (await watchRevokedTokens(db, quietLogger)).work.run(AbortSignal.timeout(1_000))
    assert.equal((await withRemembered()).status, 200)
    await mart.consume(Leaked, { key_id: testKeyId }, { key_id: testKeyId })
    await eventually(async () => (await withRemembered()).status === 401, 'what it remembers is refused')
    for (const as of persons) assert.equal((await look(as)).body.code, 'token_ended')
    await db`update refused_keys set refused_at = now() - interval '1 year'`
    await deleteOldRevocations(db)
    const { isRevoked, whenRevoked } = await watchRevokedTokens(db, quietLogger)
    let cut = 0
    whenRevoked({ id: newId(), issuedAt: secondsAgo(0), signedBy: testKeyId }, () => {
      cut += 1
    })
    assert.equal(cut, 1, 'a stream with such a token ends')
    assert.deepEqual(
      [testKeyId, 'a good one'].map((signedBy) => isRevoked({ id: newId(), issuedAt: secondsAgo(0), signedBy })),
      [true, false],
    )
  })

  test('an event that does not say when tokens end cannot be wired to end them', () => {
    assert.throws(() => revokeTokensOn(Moved), /person.moved does not say/)
  })
})
