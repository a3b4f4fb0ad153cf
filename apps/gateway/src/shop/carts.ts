import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { Language } from '@mart/contracts/language'
import type { FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { type Caller, ServiceRefusal, type Services } from '../services-client.ts'
import type { Session } from '../session.ts'

const COOKIE = 'cart'
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
  const secretIn = (request: FastifyRequest) => {
    const given = request.cookies[COOKIE] ?? ''
    return /^[\w-]{43}$/.test(given) ? given : null
  }
  const pathFor = (request: FastifyRequest, { session }: Whose) => {
    const id = session ? 'mine' : secretIn(request)
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
      const path = pathFor(request, whose)
      if (path && whose.cart) return path
      const { currency } = whose.frame
      const cart = await ask<CartShape>('order', '/carts', whose.caller, { method: 'POST', body: { currency } })
      if (whose.session) return '/carts/mine'
      reply.setCookie(COOKIE, cart.id, cookie)
      return `/carts/${cart.id}`
    },

    pathFor,

    /** What he had put in before he signed in comes along. */
    async merge(request: FastifyRequest, reply: FastifyReply, caller: Caller): Promise<void> {
      const secret = secretIn(request)
      if (!secret) return
      await ask('order', `/carts/${secret}/merge`, caller, { method: 'POST' }).catch(orNone)
      reply.clearCookie(COOKIE, cookie)
    },

    /** After an order; whoever is quicker than that sees what he has ordered once more. */
    async empty(request: FastifyRequest, whose: Whose): Promise<void> {
      const path = pathFor(request, whose)
      if (path) await ask('order', path, whose.caller, { method: 'DELETE' }).catch(orNone)
    },
  }
}
