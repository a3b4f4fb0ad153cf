import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { Refusal } from './errors.ts'

export type Role = 'customer' | 'staff' | 'admin'

export interface Person {
  readonly id: string
  readonly role: Role
  readonly email: string
  readonly name: string
  /** Whether the address was proven when the token was issued; false for a token that does not say. */
  readonly emailVerified: boolean
  /** Of his account; null for a token that does not say. */
  readonly language: string | null
  /** When the token was issued and when it ends, in seconds since 1970. */
  readonly issuedAt: number
  readonly expiresAt: number
  /** When he signed in (the session, not the token), in seconds since 1970; null when the token does not say. */
  readonly signedInAt: number | null
  /** The id of the key that signed the token. */
  readonly signedBy: string
}

const roles: readonly string[] = ['customer', 'staff', 'admin']
const TOLERANCE_S = 60
const REFRESH_AFTER_MS = 5 * 60_000
const RETRY_AFTER_MS = 1_000
const TRIES_AHEAD = 2

export interface TokenVerifier {
  (token: string): Promise<Person>
  /** Fetches the key set before anybody asks, or the first to ask pay for it. What fails is left to the first token. */
  readonly fetchAhead: () => Promise<void>
}

/**
 * Verifies bearer tokens (RFC 7519, EdDSA) by the key set at `jwksUrl`. The last good keys serve while fetching fails. The returned function throws Refusal 401 for a token that is no good, and
 * 503 when its key is unknown and the key set can't be fetched. A token that `isRevoked`, or whose key has left the set,
 * is refused, remembered or not.
 */
export function tokenVerifier(jwksUrl: string, isRevoked: (person: Person) => boolean = () => false): TokenVerifier {
  const keys = keySet(jwksUrl)
  // Verifying costs 160 µs, remembering a few.
  const remembered = new LRUCache<string, Person>({ max: 10_000 })
  const verifyToken = async (token: string) => {
    const digest = createHash('sha256').update(token).digest('base64')
    const { ids } = await keys.current()
    const known = remembered.get(digest)
    const isGood = known && known.expiresAt + TOLERANCE_S > Date.now() / 1000 && ids.has(known.signedBy)
    const person = isGood ? known : await verify(token, keys)
    if (!isGood) remembered.set(digest, person)
    if (isRevoked(person)) throw unauthorized('This token is not valid any more: fetch a new one.', 'token_ended')
    return person
  }
  return Object.assign(verifyToken, { fetchAhead: keys.fetchAhead })
}

type Keys = ReturnType<typeof keySet>

async function verify(token: string, keys: Keys): Promise<Person> {
  try {
    return await verifyWith(token, (await keys.current()).key)
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw refusalFor(error)
  }
  try {
    return await verifyWith(token, (await keys.fetched()).key)
  } catch (error) {
    throw refusalFor(error)
  }
}

async function verifyWith(token: string, key: ReturnType<typeof createLocalJWKSet>): Promise<Person> {
  const { payload, protectedHeader } = await jwtVerify(token, key, {
    algorithms: ['EdDSA'],
    issuer: 'ai-mart',
    audience: 'ai-mart',
    clockTolerance: TOLERANCE_S,
    requiredClaims: ['sub', 'iat', 'exp', 'role'],
  })
  const { sub, role, email, name, email_verified, language, iat, exp, auth_time } = payload
  if (!sub || typeof role !== 'string' || !roles.includes(role)) throw unauthorized('The token names no known role.')
  // Without it a set of one key would still do, and nobody could tell which key to refuse.
  if (!protectedHeader.kid) throw unauthorized('The token names no key.')
  return {
    id: sub,
    role: role as Role,
    email: String(email ?? ''),
    name: String(name ?? ''),
    emailVerified: email_verified === true,
    language: typeof language === 'string' ? language : null,
    issuedAt: iat ?? 0,
    expiresAt: exp ?? 0,
    signedInAt: typeof auth_time === 'number' ? auth_time : null,
    signedBy: protectedHeader.kid,
  }
}

function refusalFor(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return unauthorized('The token has expired.', 'token_expired')
  if (error instanceof errors.JOSEError) return unauthorized('The token is not one of ours.')
  return error
}

export function unauthorized(message: string, code = 'unauthorized'): Refusal {
  return new Refusal(401, code, message, { headers: { 'www-authenticate': 'Bearer' } })
}

interface FetchedKeys {
  readonly key: ReturnType<typeof createLocalJWKSet>
  readonly ids: ReadonlySet<string | undefined>
  readonly fetchedAt: number
}

function keySet(url: string) {
  let good: FetchedKeys | undefined
  let lastTryAt = 0
  let lastTryFailed = false
  let fetching: Promise<void> | undefined
  let fetchingSoon: Promise<void> | undefined

  const fetchKeys = () => {
    fetching ??= (async () => {
      lastTryAt = Date.now()
      lastTryFailed = true
      const response = await fetch(url, { signal: AbortSignal.timeout(3_000) })
      if (!response.ok) throw new Error(`${url} answered ${response.status}`)
      const set = (await response.json()) as JSONWebKeySet
      good = { key: createLocalJWKSet(set), ids: new Set(set.keys.map(({ kid }) => kid)), fetchedAt: Date.now() }
      lastTryFailed = false
    })().finally(() => {
      fetching = undefined
    })
    return fetching
  }
  const fetchSoon = () => {
    fetchingSoon ??= sleep(Math.max(0, lastTryAt + RETRY_AFTER_MS - Date.now()))
      .then(fetchKeys)
      .finally(() => {
        fetchingSoon = undefined
      })
    return fetchingSoon
  }
  const unavailable = () =>
    new Refusal(503, 'keys_unavailable', 'The keys that verify tokens cannot be fetched now.', {
      headers: { 'retry-after': '2' },
    })

  return {
    /** A busy user service gets a second try; where nobody answers at all, nothing is waited for. */
    async fetchAhead() {
      for (let tries = 0; !good && tries < TRIES_AHEAD; tries++) {
        const failure = await fetchKeys().catch((error: unknown) => error)
        if (!(failure instanceof DOMException && failure.name === 'TimeoutError')) return
      }
    },
    /** The keys at hand, fetched when there are none; renewed beside the request when they are old. */
    async current() {
      if (!good) await fetchKeys().catch(() => undefined)
      if (!good) throw unavailable()
      if (Date.now() - good.fetchedAt > REFRESH_AFTER_MS && Date.now() - lastTryAt > RETRY_AFTER_MS) {
        fetchKeys().catch(() => undefined)
      }
      return good
    },
    /** Fresh keys, for a token whose key is not among those at hand: once a second, for all that ask meanwhile. */
    async fetched() {
      if (lastTryFailed && !fetching && Date.now() - lastTryAt < RETRY_AFTER_MS) throw unavailable()
      await fetchSoon().catch(() => undefined)
      if (!good || lastTryFailed) throw unavailable()
      return good
    },
  }
}
