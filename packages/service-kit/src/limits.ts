import rateLimit, { type FastifyRateLimitStore, normalizeIP } from '@fastify/rate-limit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from './errors.ts'
import type { App } from './http-app.ts'
import { guestAsker } from './people.ts'
import type { RequestCounts } from './request-counts.ts'

/** Behind one address there may be a household or an office: so many times what one person has. */
const PERSONS_PER_ADDRESS = 5
const IPV6_NETWORK_BITS = 64

/**
 * Two counts a minute. By address, before any work and whatever comes of the request: `perMinute` for who shows no token,
 * five times that for who does; where a route says `perAddressAndMinute`, that of the route beside it. By person, before the
 * body is read: `perMinute`. A route with `config: { rateLimit: false }` counts for nobody. With `counts` they are those of
 * all replicas, else of this process.
 */
export async function limitRates(app: App, perMinute: number, counts?: RequestCounts): Promise<void> {
  const store = counts && { store: storeOf(counts) }
  await app.register(rateLimit, { global: false, timeWindow: '1 minute', cache: 20_000, ...store })
  const byAddress = app.createRateLimit({
    max: ({ headers }) => (headers.authorization ? PERSONS_PER_ADDRESS * perMinute : perMinute),
    keyGenerator: ({ ip, headers }) => `${headers.authorization ? 'token' : ''} ${networkOf(ip)}`,
  })
  const byRoute = app.createRateLimit({
    max: ({ routeOptions }) => routeOptions.config?.perAddressAndMinute ?? perMinute,
    keyGenerator: ({ ip, routeOptions }) => `${routeOptions.url} ${networkOf(ip)}`,
  })
  const byPerson = app.createRateLimit({
    max: perMinute,
    keyGenerator: (request) => request.person?.id ?? (request.guestLink ? guestAsker(request.guestLink) : request.ip),
  })
  const isCounted = (request: FastifyRequest) => request.routeOptions.config?.rateLimit !== false

  app.addHook('onRequest', async (request, reply) => {
    if (!isCounted(request)) return
    refuseExceeded(await byAddress(request), reply)
    if (request.routeOptions.config?.perAddressAndMinute) refuseExceeded(await byRoute(request), reply)
  })
  app.addHook('preParsing', async (request, reply) => {
    if ((request.person || request.guestLink) && isCounted(request)) refuseExceeded(await byPerson(request), reply)
  })
}

const storeOf = ({ add }: RequestCounts) =>
  class implements FastifyRateLimitStore {
    incr(who: string, counted: Parameters<FastifyRateLimitStore['incr']>[1]): void {
      counted(null, add(who))
    }

    /** The two counts name callers apart. */
    child(): this {
      return this
    }
  }

/** What one household or office has of addresses: an address, of IPv6 its network. */
export const networkOf = (ip: string): string => normalizeIP(ip, IPV6_NETWORK_BITS)

type Count = Awaited<ReturnType<ReturnType<App['createRateLimit']>>>

function refuseExceeded(count: Count, reply: FastifyReply): void {
  if (count.isAllowed) return
  const { max, remaining, ttlInSeconds, isExceeded } = count
  reply.header('ratelimit-limit', max).header('ratelimit-remaining', remaining).header('ratelimit-reset', ttlInSeconds)
  if (!isExceeded) return
  throw new Refusal(429, 'too_many_requests', `Too many requests: try again in ${ttlInSeconds} s.`, {
    headers: { 'retry-after': String(ttlInSeconds) },
  })
}
