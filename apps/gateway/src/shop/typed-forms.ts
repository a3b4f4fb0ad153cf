import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { Session } from '../session.ts'

const COOKIE = 'typed'
const KEPT_S = 60 * 60
/** A browser keeps no longer cookie; packed, the longest note and address fit. */
const MOST_CHARACTERS = 3_900
const MOST_BYTES = 64 * 1024
const CHECKOUT = '/checkout'
/** Below a path of our own: of what else stands in an address no cookie could be made. */
const plainPath = /^(\/[\w-]+)+$/
const neverKept = /^key$|password/i

export interface Typed {
  /** Who typed it; null: a guest. */
  readonly customer: string | null
  readonly fields: Readonly<Record<string, string>>
}

/**
 * What was typed into a form whose session had ended, or beside which another language was chosen, for whoever typed it: in a cookie
 * of its page that scripts can't read.
 */
export function typedForms({ isSecure }: { readonly isSecure: boolean }) {
  const cookie = { httpOnly: true, sameSite: 'lax', secure: isSecure, maxAge: KEPT_S } as const
  return {
    /** For the page at `path`. False for more than can be kept. */
    keep(reply: FastifyReply, { customer, fields }: Typed, path = CHECKOUT): boolean {
      const packed = deflateRawSync(JSON.stringify({ customer, fields: known(fields) })).toString('base64url')
      const fits = packed.length <= MOST_CHARACTERS && plainPath.test(path)
      if (fits) reply.setCookie(COOKIE, packed, { ...cookie, path })
      return fits
    },
    /** Whoever typed it. */
    find: typedIn,
    /** Nobody else is shown it. */
    of(request: FastifyRequest, session: Session | null): Typed['fields'] | null {
      const typed = typedIn(request)
      return typed && typed.customer === (session?.person.id ?? null) ? typed.fields : null
    },
    forget(request: FastifyRequest, reply: FastifyReply, path = CHECKOUT): void {
      if (request.cookies[COOKIE] && plainPath.test(path)) reply.clearCookie(COOKIE, { ...cookie, path })
    },
  }
}

const known = (fields: Readonly<Record<string, unknown>>): Typed['fields'] =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      typeof value === 'string' && value && !neverKept.test(name) ? [[name, value]] : [],
    ),
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
