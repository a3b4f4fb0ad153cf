import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { Session } from '../session.ts'

const COOKIE = 'typed'
const KEPT_S = 60 * 60
/** A browser keeps no longer cookie; packed, the longest note and address fit. */
const MOST_CHARACTERS = 3_900
const MOST_BYTES = 64 * 1024
const names = [
  ...['name', 'phone', 'email', 'line1', 'line2', 'city', 'region', 'postal_code', 'country', 'address', 'note'],
  ...['payment_method', 'lines'],
]

export interface Typed {
  /** Who typed it; null: a guest. */
  readonly customer: string | null
  readonly fields: Readonly<Record<string, string>>
}

/**
 * What was typed into a checkout whose session had ended, or beside which another language was chosen, for whoever typed it:
 * in a cookie that scripts can't read.
 */
export function typedCheckouts({ isSecure }: { readonly isSecure: boolean }) {
  const cookie = { path: '/checkout', httpOnly: true, sameSite: 'lax', secure: isSecure, maxAge: KEPT_S } as const
  return {
    keep(reply: FastifyReply, { customer, fields }: Typed): void {
      const packed = deflateRawSync(JSON.stringify({ customer, fields: known(fields) })).toString('base64url')
      if (packed.length <= MOST_CHARACTERS) reply.setCookie(COOKIE, packed, cookie)
    },
    /** Whoever typed it. */
    find: typedIn,
    /** Nobody else is shown it. */
    of(request: FastifyRequest, session: Session | null): Typed['fields'] | null {
      const typed = typedIn(request)
      return typed && typed.customer === (session?.person.id ?? null) ? typed.fields : null
    },
    forget(request: FastifyRequest, reply: FastifyReply): void {
      if (request.cookies[COOKIE]) reply.clearCookie(COOKIE, cookie)
    },
  }
}

const known = (fields: Readonly<Record<string, unknown>>): Typed['fields'] =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = fields[name]
      return typeof value === 'string' && value ? [[name, value]] : []
    }),
  )

function typedIn({ cookies: { [COOKIE]: packed } }: FastifyRequest): Typed | null {
  if (!packed) return null
  try {
    const text = inflateRawSync(Buffer.from(packed, 'base64url'), { maxOutputLength: MOST_BYTES }).toString()
    const { customer, fields } = JSON.parse(text)
    return { customer, fields: known(fields) }
  } catch {
    return null // not one that was kept here
  }
}
