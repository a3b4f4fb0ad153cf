import { notFound } from '@mart/service-kit/errors'
import type { GuestLinks } from '@mart/service-kit/guest-links'
import type { FastifyRequest } from '@mart/service-kit/http-server'
import { personOf } from '@mart/service-kit/people'
import type { Actor } from '../order.ts'

/** Who asks about an order, for routes behind `signedInOrGuest`. Throws Refusal 404 for a link that is not this order's. */
export function askerAbout(orderId: string, request: FastifyRequest, links: GuestLinks | null): Actor {
  if (request.guestLink === null) return personOf(request)
  if (!links?.isOf(orderId, request.guestLink)) throw notFound('order')
  return { id: orderId, role: 'guest', emailVerified: false }
}
