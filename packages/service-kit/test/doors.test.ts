import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig, serviceChecks, serviceSettings } from '@mart/service-kit/config'
import { type App, createApp, type HttpOptions } from '@mart/service-kit/http-server'
import { newId } from '@mart/service-kit/ids'
import { createMetrics } from '@mart/service-kit/metrics'
import { addMetricsRoute } from '@mart/service-kit/metrics-route'
import { cursorFor, readCursor } from '@mart/service-kit/pagination'
import { quietLogger } from '@mart/service-kit/testing'
import { createTestKeys } from '@mart/service-kit/testing-tokens'
import { Type } from 'typebox'

const closed = { additionalProperties: false }
const Basket = Type.Object(
  {
    lines: Type.Array(
      Type.Object(
        { sku: Type.String({ minLength: 1, maxLength: 64 }), quantity: Type.Integer({ minimum: 1, maximum: 9 }) },
        closed,
      ),
      { minItems: 1, maxItems: 100 },
    ),
    note: Type.Optional(Type.Union([Type.String({ maxLength: 50 }), Type.Null()])),
    tags: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 20 }), { maxProperties: 5 })),
    more: Type.Optional(Type.Union([Type.Array(Type.Integer(), { maxItems: 3 }), Type.Null()])),
  },
  closed,
)

let keys: Awaited<ReturnType<typeof createTestKeys>>
before(async () => {
  keys = await createTestKeys()
})
after(() => keys.close())

async function openApp(options: Partial<HttpOptions> = {}): Promise<App> {
  const metrics = createMetrics('test')
  const app = await createApp({
    name: 'test',
    description: '',
    logger: quietLogger,
    metrics,
    jwksUrl: keys.url,
    rateLimitPerMinute: null,
    ...options,
  })
  app.get('/open', () => 'in')
  app.get('/hook', { config: { rateLimit: false } }, () => 'in')
  app.get('/mine', { onRequest: app.signedIn }, () => 'in')
  app.get('/things/:id', () => 'in')
  app.post('/things/:id', () => 'in')
  app.post('/baskets', { schema: { body: Basket } }, () => 'taken')
  app.post('/mine', { onRequest: app.signedIn, schema: { body: Basket } }, () => 'taken')
  app.delete('/anything', { schema: { body: Type.Object({ note: Type.Unknown() }) } }, () => 'gone')
  addMetricsRoute(app, metrics, 'the-token-of-prometheus')
  await app.ready()
  return app
}

const send = (app: App, body: unknown, url = '/baskets', method: 'POST' | 'DELETE' = 'POST') =>
  app.inject({
    method,
    url,
    headers: { 'content-type': 'application/json' },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  })

describe('one request is worth one answer of a bounded size', () => {
  let app: App
  before(async () => {
    app = await openApp()
  })
  after(() => app.close())

  test('a body may have 64 kB where its route says no more', async () => {
    assert.equal((await send(app, `{"lines":[${'{},'.repeat(345_000)}{}]}`)).statusCode, 413)
    assert.equal((await send(app, `{"lines":[{"sku":"a","quantity":1}]}${' '.repeat(60_000)}`)).statusCode, 200)
  })

  test('an array that is too long is told, and nothing of what is in it', async () => {
    for (const lines of ['{},'.repeat(21_000), '0,'.repeat(30_000), '[[]],'.repeat(13_000)]) {
      const answer = await send(app, `{"lines":[${lines.slice(0, -1)}]}`)
      assert.equal(answer.statusCode, 422)
      assert.deepEqual(answer.json().errors, [
        { field: 'lines', code: 'maxItems', message: 'must NOT have more than 100 items' },
      ])
    }
    const { errors } = (await send(app, { lines: [{ sku: 'a', quantity: 1 }], more: Array(500).fill('x') })).json()
    assert.deepEqual(
      errors.map(({ field, code }: Record<string, string>) => [field, code]),
      [['more', 'maxItems']],
      'in a union too',
    )
  })

  test('fields that nobody knows, and names of a record, are counted before they are looked at', async () => {
    const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`field${n}`, n]))
    const unknown = await send(app, many)
    assert.equal(unknown.statusCode, 422)
    assert.equal(unknown.json().errors.length, 100)
    assert.ok(unknown.body.length < 20_000, `${unknown.body.length}`)
    const inLine = await send(app, { lines: [many] })
    assert.deepEqual([inLine.json().errors.length, inLine.json().errors[0].field], [100, 'lines[0].field0'])
    const record = await send(app, { lines: [{ sku: 'a', quantity: 1 }], tags: many })
    assert.deepEqual(
      record.json().errors.map((error: { code: string }) => error.code),
      ['maxProperties'],
    )
  })

  test('a hundred faults are told at most, also of arrays that are just short enough', async () => {
    const answer = await send(app, { lines: Array(100).fill({ a: 1, b: 2, c: 3 }) })
    assert.equal(answer.json().errors.length, 100)
    assert.ok(answer.body.length < 30_000, `${answer.body.length}`)
  })

  test('what was sent is not sent back: long names, long paths, long targets', async () => {
    const long = 'x'.repeat(8_000)
    assert.ok((await send(app, { [long]: 1, [`${long}2`]: 1 })).body.length < 3_000)
    for (const url of [`/${long}`, `/${long}%zz`, `/things/${long}`, `/open?${long}`, `/%e0%a4%a/${long}`]) {
      for (const method of ['GET', 'POST', 'PUT'] as const) {
        const answer = await app.inject({ method, url })
        assert.ok(answer.body.length < 1_000, `${method} ${url.slice(0, 20)}: ${answer.body.length}`)
        assert.ok(answer.statusCode < 500)
      }
    }
  })

  test('a wrong body costs little, however wrong it is', async () => {
    const lines = `{"lines":[${Array(100).fill('{"a":1,"b":[[1]],"sku":5}').join()}],${Array.from({ length: 4_000 }, (_, n) => `"k${n}":0`).join()}}`
    const before = process.cpuUsage()
    for (let n = 0; n < 20; n += 1) await send(app, lines)
    const { user } = process.cpuUsage(before)
    assert.ok(user < 2_000_000, `${user} µs for 20`)
  })
})

describe('what must not be accepted', () => {
  let app: App
  before(async () => {
    app = await openApp()
  })
  after(() => app.close())

  test('a body that is deep is bad input, whatever its route does with it', async () => {
    const nested = (depth: number, open: string, inner: string, close: string) =>
      `${open.repeat(depth)}${inner}${close.repeat(depth)}`
    for (const body of [
      nested(20_000, '[', '', ']'),
      nested(7_000, '{"a":', '1', '}'),
      nested(7_000, '{"note":', '"\\u0000"', '}'),
      nested(7_000, '{"note":', '"\\ud800"', '}'),
      nested(25, '[', '"]]]]]]]]]]"', ']'),
    ]) {
      for (const [method, url] of [
        ['DELETE', '/anything'],
        ['POST', '/baskets'],
        ['POST', '/things/1'],
      ] as const) {
        const answer = await send(app, body, url, method)
        assert.deepEqual([answer.statusCode, answer.json().code], [422, 'invalid_input'], `${method} ${url}`)
      }
    }
    const text = JSON.stringify({ note: '[{'.repeat(1_000) })
    assert.equal((await send(app, text, '/anything', 'DELETE')).statusCode, 200, 'brackets in a text are text')
  })

  test('a NUL character is refused deep in a body, as a name too, and in the body of a DELETE', async () => {
    for (const body of [
      '{"note":{"a":[{"b":"\\u0000"}]}}',
      '{"note":{"\\u0000":1}}',
      '{"note":1,"\\ud800":2}',
      '{"note":["\\u0000"]}',
    ]) {
      const answer = await send(app, body, '/anything', 'DELETE')
      assert.deepEqual([answer.statusCode, answer.json().errors[0].code], [422, 'unstorable'], body)
    }
  })

  test('a method that a path does not have is 405 and says which it has; a path that is none is 404', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'] as const) {
      const answer = await app.inject({ method: method as 'PUT', url: '/things/7?a=b' })
      assert.deepEqual([answer.statusCode, answer.headers['allow']], [405, 'GET, HEAD, POST'], method)
      assert.equal(answer.json().code, 'method_not_allowed')
      assert.equal((await app.inject({ method: method as 'PUT', url: '/nope' })).statusCode, 404, method)
    }
  })

  test('a cursor of ours comes back; one with values that no column holds is refused', () => {
    const id = newId()
    assert.deepEqual(readCursor(cursorFor('relevance', 7, id), ['string', 'int4', 'uuid']), ['relevance', 7, id])
    const bad: [unknown[], Parameters<typeof readCursor>[1]][] = [
      [
        ['relevance', 2 ** 31, id],
        ['string', 'int4', 'uuid'],
      ],
      [
        ['relevance', -(2 ** 31) - 1, id],
        ['string', 'int4', 'uuid'],
      ],
      [
        ['relevance', 0.5, id],
        ['string', 'int4', 'uuid'],
      ],
      [[2 ** 53], ['integer']],
      [['\0'], ['string']],
      [['\ud800'], ['string']],
      [['0000-01-01T00:00:00.000Z'], ['time']],
      [['+275760-09-13T00:00:00.000Z'], ['time']],
      [['2026-02-30T00:00:00.000Z'], ['time']],
      [['yesterday'], ['time']],
      [[`${id}0`], ['uuid']],
      [[[]], ['string']],
      [[], ['string']],
    ]
    for (const [values, kinds] of bad)
      assert.throws(
        () => readCursor(cursorFor(...(values as string[])), kinds),
        { status: 400 },
        JSON.stringify(values),
      )
    const now = new Date().toISOString()
    assert.deepEqual(readCursor(cursorFor(now), ['time']), [now])
  })
})

/** Sends `text` as it is and gives what came back when `isEnough` or the other side closed, with the time that it took. */
async function raw(port: number, text: string, isEnough = /\r\n\r\n/): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (data) => {
    answer += data
    if (isEnough.test(answer)) socket.destroy()
  })
  socket.on('error', () => {})
  socket.write(text)
  await new Promise((resolve) => socket.once('close', resolve))
  return answer
}

async function listening(options: Partial<HttpOptions> = {}) {
  const app = await openApp(options)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, port: (app.server.address() as AddressInfo).port }
}

describe('at the socket', () => {
  test('what nobody takes is refused before its body: unknown paths, other methods, nobody in particular', async () => {
    const { app, port } = await listening()
    const started = (line: string) =>
      `${line} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n[[[`
    for (const [line, status] of [
      ['POST /nope', 404],
      ['PUT /baskets', 405],
      ['POST /mine', 401],
      ['POST http://x/baskets', 400],
    ] as const) {
      const answer = await Promise.race([raw(port, started(line)), sleep(5_000, 'nothing')])
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), line)
    }
    await app.close()
  })

  test('a target that is no path is 400, for a route as for none', async () => {
    const { app, port } = await listening()
    for (const target of ['http://x/open', 'http://x/nope', 'http://x', 'HTTP://x/things/1', '*']) {
      const method = target === '*' ? 'OPTIONS' : 'GET'
      const answer = await raw(port, `${method} ${target} HTTP/1.1\r\nhost: x\r\n\r\n`)
      assert.match(answer, /^HTTP\/1.1 400 /, target)
    }
    assert.match(await raw(port, 'GET /open?to=http://x HTTP/1.1\r\nhost: x\r\n\r\n'), /^HTTP\/1.1 200 /)
    await app.close()
  })

  test('what never becomes a request is told as a problem, too', async () => {
    const { app, port } = await listening()
    const broken = [
      [431, 'headers_too_large', `GET /open?q=${'x'.repeat(17_000)} HTTP/1.1\r\nhost: x\r\n\r\n`],
      [400, 'bad_request', 'what is this\r\n\r\n'],
    ] as const
    for (const [status, code, text] of broken) {
      const [head, body] = (await raw(port, text)).split('\r\n\r\n')
      assert.match(head!, new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*content-type: application/problem\\+json`))
      assert.deepEqual([JSON.parse(body!).status, JSON.parse(body!).code], [status, code])
    }
    await app.close()
  })

  test('two hundred clients that drip are sent away in time, and meanwhile others are answered at once', async () => {
    const { app, port } = await listening()
    const { headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections } = app.server
    assert.deepEqual(
      [headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections],
      [10_000, 30_000, 65_000, 120_000, 2_000],
    )
    Object.assign(app.server, { headersTimeout: 2_000, requestTimeout: 3_000 }) // the test's patience, not the service's
    const startedAt = Date.now()
    const slow = Array.from({ length: 200 }, (_, n) => drip(port, n % 2 === 0 ? 'headers' : 'body'))
    await sleep(500)
    const waits: number[] = []
    for (let n = 0; n < 50; n += 1) {
      const askedAt = Date.now()
      assert.match(await raw(port, 'GET /open HTTP/1.1\r\nhost: x\r\n\r\n'), /^HTTP\/1.1 200 /)
      waits.push(Date.now() - askedAt)
    }
    assert.ok(waits.toSorted((a, b) => a - b)[25]! < 500, `${waits}`)
    const answers = await Promise.all(slow)
    assert.ok(Date.now() - startedAt < 15_000, `gone after ${Date.now() - startedAt} ms`)
    for (const answer of answers) assert.match(answer, /^HTTP\/1.1 408 /)
    await app.close()
  })

  test('connections beyond the most at once are closed; those that are there go on', async () => {
    const { app, port } = await listening({ maxConnections: 5 })
    const held = await Promise.all(Array.from({ length: 5 }, () => opened(port)))
    assert.equal(await raw(port, 'GET /open HTTP/1.1\r\nhost: x\r\n\r\n'), '')
    held[0]!.write('GET /open HTTP/1.1\r\nhost: x\r\n\r\n')
    const [answer] = (await new Promise((resolve) => held[0]!.once('data', (data) => resolve([String(data)])))) as [
      string,
    ]
    assert.match(answer, /^HTTP\/1.1 200 /)
    for (const socket of held) socket.destroy()
    await app.close()
  })

  test('metrics are told on this machine, and elsewhere to who shows the token', async () => {
    const { app, port } = await listening()
    const ask = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve) =>
        httpRequest({ port, host: '127.0.0.1', path: '/metrics', headers }, (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        }).end(),
      )
    assert.equal(await ask({}), 200)
    const elsewhere = { 'x-forwarded-for': '203.0.113.9' }
    assert.equal(await ask(elsewhere), 401)
    assert.equal(await ask({ ...elsewhere, authorization: 'Bearer the-token-of-prometheuS' }), 401)
    assert.equal(await ask({ ...elsewhere, authorization: 'Bearer the-token-of-prometheus' }), 200)
    const fromAfar = await app.inject({ url: '/metrics', remoteAddress: '10.1.2.3' })
    assert.equal(fromAfar.statusCode, 401)
    await app.close()
  })
})

const opened = (port: number) =>
  new Promise<Socket>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', () => {})
  })

/** Sends a byte each 200 ms until it is sent away. */
async function drip(port: number, what: 'headers' | 'body'): Promise<string> {
  const socket = await opened(port)
  let answer = ''
  socket.on('data', (data) => {
    answer += data
  })
  const headers = 'POST /baskets HTTP/1.1\r\nhost: x\r\n'
  socket.write(
    what === 'headers' ? headers : `${headers}content-type: application/json\r\ncontent-length: 1000\r\n\r\n`,
  )
  const timer = setInterval(() => socket.write('x'), 200)
  await new Promise((resolve) => socket.once('close', resolve))
  clearInterval(timer)
  return answer
}

describe('rates are limited', () => {
  const most = async (ask: () => Promise<{ statusCode: number }>, tries: number) => {
    const statuses: number[] = []
    for (let n = 0; n < tries; n += 1) statuses.push((await ask()).statusCode)
    return statuses
  }

  test('by address before any work, whatever comes of the request', async () => {
    const asked: ((app: App) => Promise<{ statusCode: number }>)[] = [
      (app) => app.inject({ url: '/nope' }),
      (app) => app.inject({ url: '/mine' }),
      (app) => app.inject({ method: 'PUT', url: '/open' }),
      (app) => send(app, '{'),
      (app) => send(app, {}),
      (app) => app.inject({ url: '/open' }),
    ]
    for (const [index, ask] of asked.entries()) {
      const app = await openApp({ rateLimitPerMinute: 3 })
      const statuses = await most(() => ask(app), 5)
      assert.deepEqual(
        statuses.map((status) => status === 429),
        [false, false, false, true, true],
        `${index}: ${statuses}`,
      )
      await app.close()
    }
  })

  test('with tokens that are none five times as many, and then no more', async () => {
    const app = await openApp({ rateLimitPerMinute: 2 })
    const ask = () => app.inject({ url: '/mine', headers: { authorization: `Bearer ${newId()}` } })
    const statuses = await most(ask, 12)
    assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429])
    await app.close()
  })

  test('by person, also for what is refused; another person at the same address goes on', async () => {
    const app = await openApp({ rateLimitPerMinute: 2 })
    const as = async (id: string) => {
      const headers = { authorization: `Bearer ${await keys.tokenFor({ id })}`, 'content-type': 'application/json' }
      return await app.inject({ method: 'POST', url: '/mine', headers, payload: '{}' })
    }
    const [one, other] = [newId(), newId()]
    assert.deepEqual(await most(() => as(one), 4), [422, 422, 429, 429])
    assert.deepEqual(await most(() => as(other), 3), [422, 422, 429])
    const last = await as(one)
    assert.ok(last.headers['retry-after'] && last.headers['ratelimit-limit'] === '2')
    await app.close()
  })

  test('a route may be left out, as what a provider calls is', async () => {
    const app = await openApp({ rateLimitPerMinute: 2 })
    assert.deepEqual(await most(() => app.inject({ url: '/hook' }), 4), [200, 200, 200, 200])
    await app.close()
  })

  test('behind a proxy that is trusted each address has its own count; nobody else can say where he comes from', async () => {
    const from = (app: App, address: string, proxy: string) =>
      app.inject({ url: '/open', remoteAddress: proxy, headers: { 'x-forwarded-for': address } })
    const app = await openApp({ rateLimitPerMinute: 1, trustedProxies: ['10.0.0.0/8', '127.0.0.1'] })
    assert.equal((await from(app, '203.0.113.1', '10.0.0.7')).statusCode, 200)
    assert.equal((await from(app, '203.0.113.2', '10.0.0.7')).statusCode, 200)
    assert.equal((await from(app, '203.0.113.1', '10.0.0.8')).statusCode, 429)
    assert.equal((await from(app, '203.0.113.3, 203.0.113.1', '10.0.0.8')).statusCode, 429, 'what the proxy saw counts')
    assert.equal((await from(app, '203.0.113.4', '192.0.2.1')).statusCode, 200)
    assert.equal((await from(app, '203.0.113.5', '192.0.2.1')).statusCode, 429)
    await app.close()
    const alone = await openApp({ rateLimitPerMinute: 1 })
    assert.equal((await from(alone, '203.0.113.1', '10.0.0.7')).statusCode, 200)
    assert.equal((await from(alone, '203.0.113.2', '10.0.0.7')).statusCode, 429)
    await alone.close()
  })

  test('TRUSTED_PROXIES is addresses and networks, and what is neither ends the start', () => {
    const around = { PORT: '1', DATABASE_URL: 'postgres://x/x', EVENT_LOG_URL: 'postgres://x/x' }
    const read = (text: string) =>
      readConfig(Type.Object(serviceSettings), { ...around, TRUSTED_PROXIES: text }, serviceChecks)
    for (const good of ['', '10.0.0.7', '10.0.0.7, 172.16.0.0/12', '::1,fd00::/8']) read(good)
    for (const bad of ['proxy', '10.0.0.7/33', '10.0.0', 'true', '10.0.0.0/8/8', '::1/129', '10.0.0.0/'])
      assert.throws(() => read(bad), /TRUSTED_PROXIES: "/, bad)
  })
})

test('what is answered to a person is stored nowhere', async () => {
  const app = await openApp()
  const headers = { authorization: `Bearer ${await keys.tokenFor({ id: newId() })}` }
  for (const url of ['/mine', '/open', '/nope'])
    assert.equal((await app.inject({ url, headers })).headers['cache-control'], 'no-store', url)
  assert.equal((await app.inject({ url: '/open' })).headers['cache-control'], undefined)
  await app.close()
})
