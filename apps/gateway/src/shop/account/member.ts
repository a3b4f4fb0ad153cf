import type { FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { Session } from '../../session.ts'
import type { Visit } from '../frame.ts'
import type { Shop } from '../open-shop.ts'
import { isOfAnother, signInFirst } from '../sign-in-first.ts'

export interface Member extends Visit {
  readonly session: Session
}

type Handler<Request> = (member: Member, request: Request, reply: FastifyReply) => Promise<unknown>

/** Does it for whoever is signed in; anybody else, and who sends what was shown to another, signs in first and comes back. */
export const forMember =
  <Request extends FastifyRequest>(shop: Shop, handle: Handler<Request>) =>
  async (request: Request, reply: FastifyReply) => {
    const visit = await shop.visit(request)
    const { session } = visit
    if (!session || isOfAnother(request, session)) return await signInFirst(shop, request, reply)
    return await handle({ ...visit, session }, request, reply)
  }

/** One of these that a page was led to with `?done=`; nobody else's words are shown. */
export const doneIn = <Name extends string>({ query }: FastifyRequest, names: readonly Name[]): Name | null =>
  names.find((name) => name === (query as { done?: unknown }).done) ?? null
