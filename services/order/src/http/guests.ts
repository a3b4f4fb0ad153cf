import { ClaimedShape } from '@mart/contracts/http/order-shapes'
import { Nothing, problems } from '@mart/contracts/http/shared-shapes'
import { Refusal } from '@mart/service-kit/errors'
import type { GuestLinks } from '@mart/service-kit/guest-links'
import type { App } from '@mart/service-kit/http-server'
import { personOf } from '@mart/service-kit/people'
import { type Database, inTransaction } from '@mart/service-kit/postgres'
import { claimOrders } from '../use-cases/claim-orders.ts'
import { forgetGuest } from '../use-cases/forget-guests.ts'
import { orderFor, orderParams as params } from './read.ts'

export function addGuestRoutes(app: App, db: Database, links: GuestLinks | null): void {
  app.post(
    '/orders/claim',
    {
      onRequest: app.signedIn,
      config: { doesOnce: false }, // again claims nothing, with a key or without
      schema: {
        tags: ['guests'],
        summary: 'What was ordered as a guest with the caller’s proven e-mail address becomes his',
        response: { 200: ClaimedShape, ...problems(403) },
      },
    },
    async (request) => {
      const person = personOf(request)
      if (!person.emailVerified) {
        throw new Refusal(
          403,
          'email_not_proven',
          'Prove your e-mail address first: open the link that was mailed there.',
        )
      }
      return { claimed: await inTransaction(db, (tx) => claimOrders(tx, person)) }
    },
  )

  app.delete(
    '/orders/:id/contact',
    {
      onRequest: app.signedInOrGuest,
      schema: {
        tags: ['guests'],
        params,
        summary:
          'Forgets the guest who placed it: at once when it is over, else as soon as it is; an account is erased whole',
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const { order } = await orderFor(db, request, links)
      await inTransaction(db, (tx) => forgetGuest(tx, order.id))
      return reply.code(204).send(null)
    },
  )
}
