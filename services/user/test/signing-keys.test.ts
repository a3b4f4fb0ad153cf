import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { SigningKeyRevoked } from '@mart/contracts/events/user-events'
import { tokenVerifier } from '@mart/service-kit/auth'
import { faultIn } from '@mart/service-kit/event-schema'
import { inTransaction } from '@mart/service-kit/postgres'
import { defineService, type RunningService, type Service, startService } from '@mart/service-kit/start-service'
import { eventually, quietLogger } from '@mart/service-kit/testing'
import { decodeProtectedHeader } from 'jose'
import { makeKeyPair } from '../src/better-auth-tokens-client.ts'
import type { Config } from '../src/config.ts'
import { renewingKeys } from '../src/keys-worker.ts'
import { user } from '../src/main.ts'
import { keyTimes } from '../src/signing-key.ts'
import { renewSigningKeys } from '../src/use-cases/renew-signing-keys.ts'
import { startUserService, type UserService } from './user-service.ts'

const usual = keyTimes(90)
const keySetUrl = (at: { url: string }) => `${at.url}/.well-known/jwks.json`
const published = async (at: { url: string }) => {
  const { keys } = (await (await fetch(keySetUrl(at))).json()) as { keys: { kid: string }[] }
  return keys.map(({ kid }) => kid)
}

const renew = ({ db, config }: Service<Config>) =>
  inTransaction(db, (tx) => renewSigningKeys(tx, { times: usual, makePair: () => makeKeyPair(config) }))
const minutesPass = ({ db }: Service<Config>, minutes: number) =>
  db`update jwks set signs_from = signs_from - ${minutes} * interval '1 minute'`

describe('signing keys of two replicas', () => {
  let mart: UserService
  let replicas: RunningService<Config>[]
  let session: string
  before(async () => {
    mart = await startUserService()
    const { config } = mart.service
    const settings = Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)]))
    replicas = [mart.service, await startService(user, { ...settings, PORT: '0' })]
    session = (await mart.signUp()).session
  })
  after(async () => {
    await replicas[1]!.stop()
    await mart.stop()
  })
  beforeEach(async () => {
    await mart.service.db`truncate jwks`
    await renew(mart.service)
  })

  const ask = async (revoke: boolean) =>
    (await mart.service.db`select id from ask_for_signing_key(${revoke}) as id`).map((row) => row['id'] as string)
  const tokenOf = async (at: { url: string }) => {
    const answer = await fetch(`${at.url}/auth/token`, mart.withSession(session))
    assert.equal(answer.status, 200)
    return ((await answer.json()) as { token: string }).token
  }
  const signedBy = (token: string) => decodeProtectedHeader(token).kid!
  const signers = async () => [...new Set((await Promise.all(replicas.map(tokenOf))).map(signedBy))]

  test('a new key is published before it signs, the old one for as long as its tokens may live; no verifier refuses any', async (t) => {
    const [old] = await published(replicas[0]!)
    const [first, second] = replicas as [RunningService<Config>, RunningService<Config>]
    const proxy = await keySetThatGoesAway(keySetUrl(first))
    t.after(proxy.close)
    const oldTokens = await Promise.all(replicas.map(tokenOf))
    assert.deepEqual(await ask(false), [old])
    await eventually(async () => (await published(first)).length === 2, 'another key is published')
    const [, fresh] = await published(first)
    assert.deepEqual(await published(second), [old, fresh])
    assert.deepEqual(await signers(), [old])
    assert.deepEqual(await ask(false), [], 'one is on its way already')

    const stale = tokenVerifier(proxy.url)
    await stale(oldTokens[0]!)
    proxy.goAway()
    await minutesPass(first, 14)
    assert.deepEqual(await signers(), [old], 'verifiers may still keep a set without the new key')
    await minutesPass(first, 1)
    assert.deepEqual(await signers(), [fresh])
    const tokens = [...oldTokens, ...(await Promise.all(replicas.map(tokenOf)))]
    const cold = tokenVerifier(keySetUrl(second))
    for (const verify of [stale, cold]) for (const token of tokens) await verify(token)

    await minutesPass(first, 29)
    await renew(mart.service)
    assert.deepEqual(await published(first), [old, fresh])
    for (const token of tokens) await tokenVerifier(keySetUrl(first))(token)
    await minutesPass(first, 1)
    await renew(mart.service)
    assert.deepEqual(await published(second), [fresh])
    assert.deepEqual(await signers(), [fresh])
  })

  test('while keys rotate every token is good at once, whoever signed it and however old the key set is', async () => {
    const { db, config } = mart.service
    const lasting = replicas.map((at) => tokenVerifier(keySetUrl(at)))
    const seen = new Set<string>()
    await inTransaction(db, async (tx) => {
      await tx`select ask_for_signing_key(false)`
      const times = { ...usual, publishedAheadMs: 2_000 }
      await renewSigningKeys(tx, { times, makePair: () => makeKeyPair(config) })
    })
    let rounds = 0
    await eventually(async () => {
      const tokens = await Promise.all(replicas.map(tokenOf))
      const now = new Set(tokens.map(signedBy))
      for (const id of now) seen.add(id)
      const verifiers = [...lasting, ...replicas.map((at) => tokenVerifier(keySetUrl(at)))]
      await Promise.all(verifiers.flatMap((verify) => tokens.map((token) => verify(token))))
      rounds += 1
      return now.size === 1 && seen.size === 2
    }, 'all sign by the new key')
    assert.ok(rounds > 1)
  })

  test('a key that has leaked is out of the set in the moment in which another signs; its tokens are refused here', async () => {
    const [leaked] = await published(replicas[0]!)
    const { url } = mart.service
    const lasting = tokenVerifier(keySetUrl(replicas[0]!))
    const token = await tokenOf(replicas[0]!)
    await lasting(token)
    assert.deepEqual(await ask(true), [leaked])
    await eventually(async () => !(await published(replicas[0]!)).includes(leaked!), 'the key is out of the set')
    const [fresh, ...more] = await published(replicas[1]!)
    assert.deepEqual(more, [])
    assert.deepEqual(await signers(), [fresh])
    await lasting(await tokenOf(replicas[1]!))
    await assert.rejects(lasting(token), { status: 401 }, 'who has seen the new set refuses what he remembers')
    const said = (await mart.published(SigningKeyRevoked)).filter(({ key }) => key === leaked)
    assert.deepEqual(
      said.map(({ data }) => faultIn(SigningKeyRevoked, data)),
      [null],
    )
    assert.deepEqual(
      [...(await mart.service.db`select key_id from refused_keys where key_id = ${leaked!}`)],
      [{ key_id: leaked }],
    )
    assert.equal((await fetch(`${url}/auth/get-session`, mart.withSession(session))).status, 200, 'sessions stay')
  })

  test('a leak ends every key there is: one that was to sign next, and those that signed before', async () => {
    await ask(false)
    await eventually(async () => (await published(replicas[0]!)).length === 2, 'another key is published')
    const old = await published(replicas[0]!)
    assert.deepEqual((await ask(true)).sort(), old.toSorted())
    await eventually(async () => (await published(replicas[0]!)).length === 1, 'both are out of the set')
    const [fresh] = await published(replicas[1]!)
    assert.ok(!old.includes(fresh!))
    assert.deepEqual(await signers(), [fresh])
  })
})

describe('signing keys, step by step', () => {
  let mart: UserService
  before(async () => {
    mart = await startUserService({}, defineService({ ...user, works: () => [] }))
  })
  after(() => mart.stop())

  test('however many look at once, one new key is made, by age too', async () => {
    const [old] = await published(mart.service)
    await mart.service.db`update jwks set signs_from = now() - interval '89 days 23 hours'`
    await Promise.all([1, 2, 3].map(() => renew(mart.service)))
    assert.deepEqual(await published(mart.service), [old])
    await mart.service.db`update jwks set signs_from = now() - interval '90 days'`
    const steps = await Promise.all([1, 2, 3, 4].map(() => renew(mart.service)))
    assert.deepEqual(
      steps.flatMap(({ made }) => (made ? made.why : [])),
      ['age'],
    )
    assert.equal((await published(mart.service)).length, 2)
  })

  test('what happens to keys is in the log, and how old the present one is among the metrics', async () => {
    const said: unknown[] = []
    const say = (details: object, message: string) => said.push([message, details])
    const logger = Object.assign(Object.create(quietLogger), { info: say, warn: say })
    const { run } = renewingKeys({ ...mart.service, logger })
    const age = async () =>
      Number(/^signing_key_age_seconds\{[^}]*\} (\S+)$/m.exec((await mart.http('GET', '/metrics')).body)?.[1])
    await mart.service.db`truncate jwks`
    await renew(mart.service)
    const [old] = await published(mart.service)
    await mart.service.db`update jwks set signs_from = now() - interval '91 days'`
    assert.ok((await age()) >= 91 * 86_400)
    await run(AbortSignal.timeout(5_000))
    await minutesPass(mart.service, 45)
    await run(AbortSignal.timeout(5_000))
    const [fresh] = await published(mart.service)
    assert.deepEqual(
      said
        .map((line) => JSON.parse(JSON.stringify(line)))
        .map(([message, { signs_from: _, ...more }]) => [message, more]),
      [
        ['a new signing key is published', { key: fresh, why: 'age' }],
        ['signing keys that signed until lately were dropped', { keys: [old] }],
      ],
    )
    assert.ok((await age()) < 91 * 86_400)
  })

  test('how long a key signs has bounds, which are told with every other problem', async () => {
    for (const days of ['0', '0.5', '826', 'ninety'])
      await assert.rejects(startService(user, { SIGNING_KEY_DAYS: days }), (error: Error) =>
        ['SIGNING_KEY_DAYS: must be ', 'AUTH_SECRET: is not set'].every((line) => error.message.includes(line)),
      )
  })
})

/** A key set of its own that hands out another's, until that cannot be reached any more. */
async function keySetThatGoesAway(source: string) {
  let isThere = true
  const server = createServer(async (_, response) => {
    if (!isThere) return response.writeHead(503).end()
    return response.end(await (await fetch(source)).text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    goAway: () => (isThere = false),
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
