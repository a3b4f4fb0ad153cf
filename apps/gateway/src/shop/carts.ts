import { randomBytes } from 'node:crypto'
import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { Language } from '@mart/contracts/language'
import type { FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { type Caller, ServiceRefusal, type Services } from '../services-client.ts'
import type { Session } from '../session.ts'

const COOKIE = 'cart'
/** Of the cart that is to be: it makes one, and opens none that is not there. */
const NEXT_COOKIE = 'next_cart'
const KEPT_S = 30 * 24 * 60 * 60

export interface Whose {
  readonly caller: Caller
  readonly session: Session | null
}

interface Reader {
  readonly frame: { readonly language: Language }
}

/** Somebody whose cart has been looked at. */
export interface Visitor extends Whose {
  readonly cart: CartShape | null
  readonly frame: { readonly currency: string; readonly language: Language }
}

export type Carts = ReturnType<typeof cartsBy>

/** The cart of whoever asks: his account's own, or an anonymous one whose secret id is in a cookie that scripts can't read. */
export function cartsBy({ ask }: Services, { isSecure }: { readonly isSecure: boolean }) {
  const cookie = { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure, maxAge: KEPT_S } as const
  const secretIn = (request: FastifyRequest, name = COOKIE) => {
    const given = request.cookies[name] ?? ''
    return /^[\w-]{43}$/.test(given) ? given : null
  }
  const newSecret = () => randomBytes(32).toString('base64url')
  const idFor = (request: FastifyRequest, { session }: Whose) => (session ? 'mine' : secretIn(request))
  const pathFor = (request: FastifyRequest, whose: Whose) => {
    const id = idFor(request, whose)
    return id && `/carts/${id}`
  }
  const orNone = (error: unknown) => {
    if (error instanceof ServiceRefusal && error.status === 404) return null
    throw error
  }

  async function find(request: FastifyRequest, whose: Whose & Reader): Promise<CartShape | null> {
    const path = pathFor(request, whose)
    const { language } = whose.frame
    return path ? await ask<CartShape>('order', `${path}?language=${language}`, whose.caller).catch(orNone) : null
  }

  return {
    find,

    /** The path of his cart, which is made when there is none. */
    async open(request: FastifyRequest, reply: FastifyReply, whose: Visitor): Promise<string> {
      const known = idFor(request, whose)
      if (known && whose.cart) return `/carts/${known}`
      const id = known ?? secretIn(request, NEXT_COOKIE) ?? newSecret()
      const { currency } = whose.frame
      await ask('order', `/carts/${id}`, whose.caller, { method: 'PUT', body: { currency } })
      if (!whose.session) reply.setCookie(COOKIE, id, cookie)
      return `/carts/${id}`
    },

    /** With his first page comes the id of the cart to be: requests that add at once add to one. */
    prepare(reply: FastifyReply): void {
      const { request } = reply
      // What no route can be looked for has no cookies, and gets none.
      if (!reply.setCookie || secretIn(request) || secretIn(request, NEXT_COOKIE)) return
      const { maxAge: _, ...untilClosed } = cookie
      reply.setCookie(NEXT_COOKIE, newSecret(), untilClosed)
    },

    /** As an order names it. */
    idFor,
    pathFor,

    /** What he had put in before he signed in comes along. */
    async merge(request: FastifyRequest, reply: FastifyReply, caller: Caller): Promise<void> {
      const secret = secretIn(request)
      if (!secret) return
      await ask('order', `/carts/${secret}/merge`, caller, { method: 'POST' }).catch(orNone)
      reply.clearCookie(COOKIE, cookie)
    },
  }
}
