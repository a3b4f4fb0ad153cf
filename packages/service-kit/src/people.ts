import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { type Person, tokenVerifier, unauthorized } from './auth.ts'
import { Refusal } from './errors.ts'
import type { RevokedTokens } from './token-revocation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    person: Person | null
    /** What a guest shows; nobody has looked yet what it is good for. */
    guestLink: string | null
  }
  interface FastifyInstance {
    /** Lets in whoever has a good token. */
    signedIn: onRequestAsyncHookHandler
    /** Lets in staff and admins. */
    staffOnly: onRequestAsyncHookHandler
    adminOnly: onRequestAsyncHookHandler
    /** Lets everybody in, and knows who it is when there is a token; a bad token is still 401. */
    maybeSignedIn: onRequestAsyncHookHandler
    /** Lets in whoever has a good token, and whoever shows a guest's link: the route looks whether it is good. */
    signedInOrGuest: onRequestAsyncHookHandler
    /** For an answer that goes on: calls `act` when who asked may not any more. Returns how to call that off. */
    whenRevoked: RevokedTokens['whenRevoked']
  }
}

const noneEnded: Pick<RevokedTokens, 'isRevoked' | 'whenRevoked'> = {
  isRevoked: () => false,
  whenRevoked: () => () => undefined,
}

/** Decorates the app with the guards of its routes: `{ onRequest: app.staffOnly }`. */
export function guardRoutes(
  app: FastifyInstance,
  { jwksUrl, revokedTokens = noneEnded }: { jwksUrl: string; revokedTokens?: typeof noneEnded | undefined },
): void {
  const verify = tokenVerifier(jwksUrl, revokedTokens.isRevoked)
  app.addHook('onReady', verify.fetchAhead)
  const identify = async (request: FastifyRequest): Promise<Person | null> => {
    const header = request.headers.authorization
    if (!header) return null
    const [, token] = /^Bearer +(\S+)$/i.exec(header) ?? []
    if (!token) throw unauthorized('Authorization must be "Bearer <token>".')
    return await verify(token)
  }
  const guard =
    (...allowed: string[]): onRequestAsyncHookHandler =>
    async (request) => {
      request.person = await identify(request)
      if (!request.person) throw unauthorized('This needs a token: Authorization: Bearer <token>.')
      if (allowed.length > 0 && !allowed.includes(request.person.role)) {
        throw new Refusal(403, 'forbidden', `This is for ${allowed.join(' and ')} only.`)
      }
    }
  const signedIn = guard()
  app.decorateRequest('person', null)
  app.decorateRequest('guestLink', null)
  app.decorate('signedIn', signedIn)
  app.decorate('signedInOrGuest', async function (request, reply) {
    request.guestLink = /^Guest +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
    if (request.guestLink === null) await signedIn.call(this, request, reply)
  })
  app.decorate('staffOnly', guard('staff', 'admin'))
  app.decorate('adminOnly', guard('admin'))
  app.decorate('whenRevoked', revokedTokens.whenRevoked)
  app.decorate('maybeSignedIn', async (request) => {
    request.person = await identify(request)
  })
}

/** Who asks; for routes behind a guard. */
export function personOf(request: FastifyRequest): Person {
  if (!request.person) throw unauthorized('This needs a token: Authorization: Bearer <token>.')
  return request.person
}

/** Whose an answer is: a person's id, or what stands for a guest's link. */
export const askerOf = (request: FastifyRequest): string =>
  request.guestLink === null ? personOf(request).id : guestAsker(request.guestLink)

export const guestAsker = (link: string): string => `guest:${createHash('sha256').update(link).digest('base64url')}`

export const isStaff = (person: Person | null): boolean => person?.role === 'staff' || person?.role === 'admin'
