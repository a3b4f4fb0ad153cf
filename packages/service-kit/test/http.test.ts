import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { tokenVerifier } from '@mart/service-kit/auth'
import { conflict } from '@mart/service-kit/errors'
import { type App, createApp } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { newId } from '@mart/service-kit/ids'
import { createMetrics } from '@mart/service-kit/metrics'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { personOf } from '@mart/service-kit/people'
import { connectDatabase, type Database } from '@mart/service-kit/postgres'
import { createTestDatabase, quietLogger } from '@mart/service-kit/testing'
import { readMetric } from '@mart/service-kit/testing-metrics'
import { createTestKeys } from '@mart/service-kit/testing-tokens'
import { base64url, generateKeyPair, SignJWT } from 'jose'
import { Type } from 'typebox'

const Body = Type.Object(
  {
    name: Type.String({ minLength: 2 }),
    count: Type.Integer({ minimum: 1 }),
    kind: Type.Optional(Type.Enum(['a', 'b'])),
  },
  { additionalProperties: false },
)

describe('the door of a service', () => {
  const metrics = createMetrics('test')
  const told = { http: async () => ({ body: await metrics.registry.metrics() }) }
  let app: App
  let db: Database
  let keys: Awaited<ReturnType<typeof createTestKeys>>
  let drop: () => Promise<void>
  let works = 0
  let pause = 0

  before(async () => {
    const database = await createTestDatabase()
    drop = database.drop
    db = connectDatabase(database.url, { max: 8, applicationName: 'test' })
    await migrate(db, 'service-kit', kitMigrations)
    await db`create table effects (what text)`
    keys = await createTestKeys()
    app = await createApp({
      name: 'test',
      description: '',
      logger: quietLogger,
      metrics,
      jwksUrl: keys.url,
      rateLimitPerMinute: null,
    })
    app.get('/me', { onRequest: app.signedIn }, (request) => personOf(request))
    app.get('/find', (request) => db`select from effects where what = ${(request.query as { name: string }).name}`)
    app.get('/staff', { onRequest: app.staffOnly }, () => 'in')
    app.get('/broken', () => {
      throw new Error('a secret of ours')
    })
    app.put('/things', { schema: { body: Type.Union([Type.Null(), Body]) } }, () => 'done')
    app.get('/things/:id', { schema: { params: Type.Object({ id: Type.String({ format: 'uuid' }) }) } }, () => 'here')
    app.post('/things', { onRequest: app.signedIn, schema: { body: Body } }, (request, reply) =>
      runIdempotently({ db, request, reply, status: 201 }, async (tx) => {
        works += 1
        await sleep(pause)
        await tx`insert into effects values (${request.body.name})`
        if (request.body.name === 'refused') throw conflict('refused', 'not now')
        return { n: works }
      }),
    )
    await app.ready()
  })
  after(async () => {
    await app.close()
    keys.close()
    await db.end()
    await drop()
  })
  beforeEach(async () => {
    works = 0
    pause = 0
    await db`truncate effects`
  })

  test('a failure of ours is counted by its route, which told 0 before; one of the caller is none', async () => {
    const failures = () => readMetric(told, 'http_request_failures_total', { route: '/broken' })
    assert.equal(await failures(), 0)
    assert.equal((await app.inject('/broken')).statusCode, 500)
    assert.equal((await app.inject('/staff')).statusCode, 401)
    assert.equal(await failures(), 1)
    assert.equal(await readMetric(told, 'http_request_failures_total'), 1)
  })

  const ask = async (url: string, token?: string) =>
    await app.inject({ url, headers: token ? { authorization: `Bearer ${token}` } : {} })
  const id = newId()
  const send = async (body: unknown, { key, as = id }: { key?: string; as?: string } = {}) =>
    await app.inject({
      method: 'POST',
      url: '/things',
      headers: {
        authorization: `Bearer ${await keys.tokenFor({ id: as })}`,
        'content-type': 'application/json',
        ...(key ? { 'idempotency-key': key } : {}),
      },
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const good = { name: 'tea', count: 1 }

  test('every faulty field at once, unknown ones too, and nothing is converted', async () => {
    const answer = await send({ name: 'x', count: '5', kind: 'c', price: 1 })
    assert.equal(answer.statusCode, 422)
    assert.match(answer.headers['content-type'] as string, /application\/problem\+json/)
    const { errors, code, status } = answer.json()
    assert.deepEqual([code, status], ['invalid_input', 422])
    assert.deepEqual(errors.map((error: { field: string }) => error.field).toSorted(), [
      'count',
      'kind',
      'name',
      'price',
    ])
    assert.equal(errors.find((error: { field: string }) => error.field === 'price').code, 'unknown_field')
  })

  test('malformed JSON, a body that is too large, another content type', async () => {
    assert.equal((await send('{"name":')).json().code, 'malformed_json')
    assert.equal((await send({ ...good, name: 'x'.repeat(2_000_000) })).statusCode, 413)
    const text = await app.inject({
      method: 'POST',
      url: '/things',
      headers: { authorization: `Bearer ${await keys.tokenFor({ id })}`, 'content-type': 'text/plain' },
      payload: 'x',
    })
    assert.equal(text.statusCode, 415)
  })

  test('a NUL character, which no text column takes, is bad input', async () => {
    const answer = await send('{"name":"te\\u0000a","count":1}')
    assert.deepEqual([answer.statusCode, answer.json().errors[0].field], [422, 'name'])
    assert.equal((await ask('/things/%00')).statusCode, 404)
    assert.equal((await ask('/find?name=%00')).statusCode, 400)
  })

  test('half of a surrogate pair, which jsonb does not take, is bad input; a whole one is text', async () => {
    for (const half of ['\\ud83d', '\\uDE00', '\\ude00\\ud83d', '\\ud83d\\ud83d\\ude00']) {
      const answer = await send(`{"name":"tea ${half}","count":1}`)
      assert.deepEqual([answer.statusCode, answer.json().code], [422, 'invalid_input'], half)
    }
    for (const whole of ['\\ud83d\\uDE00', 'C:\\\\udata', 'C:\\\\ud800', '😀']) {
      assert.equal((await send(`{"name":"tea ${whole}","count":1}`)).statusCode, 201, whole)
    }
  })

  test('an id that is no UUID is 404, and so is a route that is none', async () => {
    assert.equal((await ask('/things/17')).statusCode, 404)
    assert.equal((await ask('/nowhere')).json().code, 'no_such_route')
  })

  test('our own fault tells nothing of our inside', async () => {
    const answer = await ask('/broken')
    assert.equal(answer.statusCode, 500)
    assert.doesNotMatch(answer.body, /secret|stack|\.ts/)
    assert.ok(answer.json().request_id)
  })

  test('a token of ours is let in; roles are kept apart', async () => {
    assert.equal((await ask('/me', await keys.tokenFor({ id }))).json().id, id)
    assert.equal((await ask('/staff', await keys.tokenFor({ id }))).statusCode, 403)
    assert.equal((await ask('/staff', await keys.tokenFor({ id, role: 'staff' }))).statusCode, 200)
    assert.equal((await ask('/staff', await keys.tokenFor({ id, role: 'admin' }))).statusCode, 200)
  })

  test('no token, an expired one, one without a signature, one signed by others, one for others: 401', async () => {
    const claims = { sub: id, role: 'admin', iss: 'ai-mart', aud: 'ai-mart' }
    const sign = async (change: Record<string, unknown>, expiry: string | number = '15m', kid = 'test') => {
      const { privateKey } = await generateKeyPair('EdDSA')
      return new SignJWT({ ...claims, ...change })
        .setProtectedHeader({ alg: 'EdDSA', kid })
        .setExpirationTime(expiry)
        .sign(privateKey)
    }
    const unsigned = [
      { alg: 'none', kid: 'test' },
      { ...claims, exp: Date.now() / 1000 + 900 },
    ].map((part) => base64url.encode(JSON.stringify(part)))
    const byName = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'test' }).setExpirationTime('15m')
    const hmac = await byName.sign(new TextEncoder().encode('the public key, as some libraries would take it'))
    for (const token of [
      undefined,
      'x',
      `${unsigned.join('.')}.`,
      hmac,
      await sign({}),
      await sign({}, '15m', 'unknown'),
    ]) {
      assert.equal((await ask('/me', token)).statusCode, 401, `${token}`)
    }
    const old = await ask('/me', await keys.tokenFor({ id, expiresAt: Math.floor(Date.now() / 1000) - 120 }))
    assert.equal(old.json().code, 'token_expired')
    const foreign = await ask('/me', await keys.tokenFor({ id, audience: 'another-mart' }))
    assert.equal(foreign.statusCode, 401)
    assert.equal((await ask('/me', await keys.tokenFor({ id, role: 'root' as 'admin' }))).statusCode, 401)
  })

  test('keys that cannot be fetched are 503 for a token that nobody can judge, never 401', async () => {
    const lonely = await createApp({
      name: 'test',
      description: '',
      logger: quietLogger,
      metrics: createMetrics('test'),
      jwksUrl: 'http://127.0.0.1:1/',
      rateLimitPerMinute: null,
    })
    lonely.get('/me', { onRequest: lonely.signedIn }, () => 'in')
    const answer = await lonely.inject({
      url: '/me',
      headers: { authorization: `Bearer ${await keys.tokenFor({ id })}` },
    })
    assert.equal(answer.statusCode, 503)
    assert.ok(answer.headers['retry-after'])
    await lonely.close()
  })

  test('a key that is unknown while none can be fetched is 503 each time that it is asked, not 401 the second time', async () => {
    const known = await createTestKeys()
    const verify = tokenVerifier(known.url)
    await verify(await known.tokenFor({ id }))
    known.close()
    await sleep(1_100)
    const { privateKey } = await generateKeyPair('EdDSA')
    const rotated = await new SignJWT({ role: 'customer' })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'new' })
      .setSubject(id)
      .setIssuer('ai-mart')
      .setAudience('ai-mart')
      .setExpirationTime('15m')
      .sign(privateKey)
    for (const time of ['first', 'second']) await assert.rejects(verify(rotated), { status: 503 }, time)
  })

  test('a key makes one effect; the answer is kept for the same request, another body is refused', async () => {
    const key = newId()
    const first = await send(good, { key })
    const again = await send(good, { key })
    assert.deepEqual([first.statusCode, again.statusCode], [201, 201])
    assert.deepEqual(again.json(), first.json())
    assert.equal(again.headers['idempotency-replayed'], 'true')
    assert.equal((await send({ ...good, count: 2 }, { key })).json().code, 'idempotency_key_reused')
    assert.equal((await send(good, { key, as: newId() })).json().n, 2, "another person's key is another key")
    assert.equal((await db`select from effects`).length, 2)
  })

  test('a request that still runs is 409 for its twin, and its effect is one', async () => {
    const key = newId()
    pause = 2_000 // longer than a busy machine needs to send five
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(good, { key })))
    assert.deepEqual(answers.map(({ statusCode }) => statusCode).toSorted(), [201, 409, 409, 409, 409])
    assert.equal((await db`select from effects`).length, 1)
  })

  test('a refusal leaves the key free and no trace', async () => {
    const key = newId()
    assert.equal((await send({ ...good, name: 'refused' }, { key })).statusCode, 409)
    assert.equal((await db`select from effects`).length, 0)
    assert.equal((await send(good, { key })).statusCode, 201)
  })

  test('the routes describe themselves as OpenAPI 3.1, and the page of it asks nobody outside', async () => {
    const document = (await ask('/openapi.json')).json()
    assert.match(document.openapi, /^3\.1/)
    assert.equal(document.paths['/things'].post.requestBody.required, true)
    assert.equal(document.paths['/things'].put.requestBody.required, false, 'a body that may be null may be left out')
    const page = await ask('/docs')
    assert.equal(page.statusCode, 200)
    assert.doesNotMatch(page.body, /https?:\/\//)
  })
})
