import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { LRUCache } from 'lru-cache'
import { type Caller, ServiceRefusal, type Services } from './services-client.ts'

const COOKIE = 'session'
/** For so long a token is used again: a session that was ended elsewhere lives on for as long. */
const TOKEN_MS = 60_000
const SESSION_S = 7 * 24 * 60 * 60

export interface Session {
  /** For the services. */
  readonly token: string
  readonly person: {
    readonly id: string
    readonly name: string
    readonly email: string
    readonly emailVerified: boolean
    readonly role: 'customer' | 'staff' | 'admin'
  }
}

export type Sessions = ReturnType<typeof sessionsBy>

export const callerOf = ({ ip, id }: FastifyRequest, session?: Session | null): Caller => ({
  address: ip,
  requestId: id,
  token: session?.token,
})

/** Who asks: by a cookie that scripts can't read, which holds the session of the user service and never a token. */
export function sessionsBy({ ask }: Services, { isSecure }: { readonly isSecure: boolean }) {
  const known = new LRUCache<string, Session>({ max: 10_000, ttl: TOKEN_MS })
  const cookie = { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure, maxAge: SESSION_S } as const
  // Of anything else no header could be made; it is nobody's session.
  const secretIn = ({ cookies }: FastifyRequest) => {
    const given = cookies[COOKIE] ?? ''
    return /^[!-~]{1,4096}$/.test(given) ? given : undefined
  }
  const nameOf = (secret: string) => createHash('sha256').update(secret).digest('base64')

  async function sessionWith(request: FastifyRequest, secret: string): Promise<Session> {
    const { token } = await ask<{ token: string }>('user', '/auth/token', { ...callerOf(request), token: secret })
    const session = { token, person: personIn(token) }
    known.set(nameOf(secret), session)
    return session
  }

  return {
    /** Null when nobody is signed in, or the session has ended. */
    async of(request: FastifyRequest): Promise<Session | null> {
      const secret = secretIn(request)
      if (!secret) return null
      const found = known.get(nameOf(secret))
      if (found) return found
      try {
        return await sessionWith(request, secret)
      } catch (error) {
        if (error instanceof ServiceRefusal && error.status === 401) return null
        throw error
      }
    },
    /** For what only the session itself opens, not a token: the routes of the user service below `/auth`. */
    asItself: (request: FastifyRequest): Caller => ({ ...callerOf(request), token: secretIn(request) }),

    /** What is known of it is out of date: the next look asks anew. */
    forget(request: FastifyRequest): void {
      known.delete(nameOf(secretIn(request) ?? ''))
    },
    async open(request: FastifyRequest, reply: FastifyReply, secret: string): Promise<Session> {
      reply.setCookie(COOKIE, secret, cookie)
      return await sessionWith(request, secret)
    },
    async close(request: FastifyRequest, reply: FastifyReply): Promise<void> {
      const secret = secretIn(request)
      reply.clearCookie(COOKIE, cookie)
      // Pages that were shown to him as well; the cart and the language are the browser's.
      reply.header('clear-site-data', '"cache"')
      if (!secret) return
      this.forget(request)
      await ask('user', '/auth/sign-out', { ...callerOf(request), token: secret }, { method: 'POST', body: {} }).catch(
        (error: unknown) => {
          if (!(error instanceof ServiceRefusal)) throw error // it had ended before
        },
      )
    },
  }
}

/** The user service has just said it, over a way that is ours: only services have to verify it. */
function personIn(token: string): Session['person'] {
  const { sub, name, email, email_verified, role } = JSON.parse(
    Buffer.from(token.split('.')[1]!, 'base64url').toString(),
  )
  return { id: sub, name, email, emailVerified: email_verified === true, role }
}
