import type { FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { Session } from '../session.ts'
import { pageOf } from './form-pages.ts'
import { fieldsOf } from './forms.ts'
import type { Shop } from './open-shop.ts'

/** Whether the form was shown to another account than the one that is signed in, if any; one that names none was not. */
export function isOfAnother(request: FastifyRequest, session: Session | null): boolean {
  const { customer } = fieldsOf(request)
  return customer !== undefined && customer !== session?.person.id
}

/**
 * Leads to the sign-in, and back to the page from there. Who has sent a form reads that nothing came of it; where it names whose
 * it is, what was typed is on its page again for him.
 */
export async function signInFirst(
  shop: Pick<Shop, 'sessions' | 'typed'>,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const page = pageOf(request)
  const signIn = `/sign-in?next=${encodeURIComponent(page)}`
  if (request.method === 'GET') return reply.redirect(signIn, 303)
  const { customer, ...fields } = fieldsOf(request)
  const isKept = customer !== undefined && shop.typed.keep(reply, { customer, fields }, page)
  const session = await shop.sessions.of(request)
  const ended = session && isOfAnother(request, session) ? 'other' : isKept ? 'typed' : 'nothing'
  return reply.redirect(`${signIn}&ended=${ended}`, 303)
}
