import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { tokenVerifier } from '@mart/service-kit/auth'
import { guardRoutes } from '@mart/service-kit/people'
import fastify from 'fastify'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

interface Key {
  readonly jwk: JWK
  readonly sign: (header?: { kid?: string }) => Promise<string>
}

async function makeKey(kid: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA')
  const sign = (header: { kid?: string } = { kid }) =>
    new SignJWT({ role: 'customer' })
      .setProtectedHeader({ alg: 'EdDSA', ...header })
      .setSubject('somebody')
      .setIssuer('ai-mart')
      .setAudience('ai-mart')
      .setIssuedAt()
      .setExpirationTime('15m')
      .sign(privateKey)
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA' }, sign }
}

describe('a key set whose keys change', () => {
  let published: readonly Key[]
  let fetches = 0
  let isBusy = false
  const server = createServer((_, response) => {
    fetches += 1
    if (isBusy && fetches === 1) return
    response.end(JSON.stringify({ keys: published.map(({ jwk }) => jwk) }))
  })
  let [old, fresh]: Key[] = []
  let url: string
  before(async () => {
    ;[old, fresh] = [await makeKey('old'), await makeKey('new')]
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  after(() => server.close())
  beforeEach(() => {
    published = [old!]
    fetches = 0
    isBusy = false
  })

  test('the set is there before a service takes its first request, also when the first answer does not come', async () => {
    isBusy = true
    const app = fastify()
    guardRoutes(app, { jwksUrl: url })
    app.get('/', { onRequest: app.signedIn }, () => 'in')
    await app.ready()
    assert.equal(fetches, 2)
    const authorization = `Bearer ${await old!.sign()}`
    assert.equal((await app.inject({ url: '/', headers: { authorization } })).statusCode, 200)
    assert.equal(fetches, 2)
  })

  test('a service is ready without the set where nobody answers', async () => {
    const app = fastify()
    guardRoutes(app, { jwksUrl: 'http://127.0.0.1:1/' })
    await app.ready()
  })

  test('a key that came right after the set was fetched is good: it is looked for again, once for all who ask', async () => {
    const verify = tokenVerifier(url)
    assert.equal((await verify(await old!.sign())).signedBy, 'old')
    published = [old!, fresh!]
    const tokens = await Promise.all(Array.from({ length: 20 }, () => fresh!.sign()))
    const people = await Promise.all(tokens.map((token) => verify(token)))
    assert.ok(people.every(({ signedBy }) => signedBy === 'new'))
    assert.equal(fetches, 2)
  })

  test('what was verified and remembered is refused once its key has left the set', async () => {
    const verify = tokenVerifier(url)
    const token = await old!.sign()
    await verify(token)
    published = [fresh!]
    await verify(token)
    await verify(await fresh!.sign())
    await assert.rejects(verify(token), { status: 401 })
  })

  test('a token that names no key is refused, though the set has but one that fits', async () => {
    const verify = tokenVerifier(url)
    await verify(await old!.sign())
    await assert.rejects(verify(await old!.sign({})), { status: 401 })
  })
})
