import type { FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'

const COOKIE = 'guest'
const KEPT_S = 90 * 24 * 60 * 60

/** Whether it can be the secret of a guest's link. */
export const isGuestSecret = (given: unknown): given is string => typeof given === 'string' && /^[\w-]{43}$/.test(given)

export type GuestOrders = ReturnType<typeof guestOrders>

/** A guest's way to his order: the link's secret in a cookie that scripts can't read, and that is sent for this order alone. */
export function guestOrders({ isSecure }: { readonly isSecure: boolean }) {
  const cookie = { httpOnly: true, sameSite: 'lax', secure: isSecure, maxAge: KEPT_S } as const
  return {
    remember: (reply: FastifyReply, orderId: string, secret: string) =>
      reply.setCookie(COOKIE, secret, { ...cookie, path: `/orders/${encodeURIComponent(orderId)}` }),
    /** It opens nothing any more: the order is an account's. */
    forget: (reply: FastifyReply, orderId: string) =>
      reply.clearCookie(COOKIE, { ...cookie, path: `/orders/${encodeURIComponent(orderId)}` }),
    /** For `Authorization: Guest …`. */
    secretOf(request: FastifyRequest): string | undefined {
      const secret = request.cookies[COOKIE]
      return isGuestSecret(secret) ? secret : undefined
    },
  }
}
