import { inBatches } from '@mart/service-kit/batches'
import { Refusal } from '@mart/service-kit/errors'
import type { App } from '@mart/service-kit/http-server'
import type { Logger } from '@mart/service-kit/logger'
import { type Database, inTransaction } from '@mart/service-kit/postgres'
import type { SpanStarter } from '@mart/service-kit/tracing'
import Stripe from 'stripe'
import { Type } from 'typebox'
import { followNotification } from '../http/notifications.ts'
import { ignoreEvent } from '../provider-events/use-cases.ts'
import type { Told } from '../provider-news.ts'
import { type Applied, updateRecords } from '../use-cases/record-update.ts'
import { isEvent, readEvent, type StripeEvent } from './stripe-event.ts'

const MAX_BYTES = 256 * 1024

export const Received = Type.Object({ received: Type.Boolean() })

interface Given {
  readonly db: Database
  readonly logger: Logger
  readonly tracer: SpanStarter
  readonly secrets: readonly string[]
  readonly countRefused: () => void
}

/** Where Stripe tells us: nothing is read before its signature, which covers the very bytes, has been verified. */
export async function addStripeWebhook(app: App, { db, logger, tracer, secrets, countRefused }: Given): Promise<void> {
  const read = (body: Buffer, signature: string | string[] | undefined) => {
    try {
      const event = verifiedEvent(body, signature, secrets)
      return { event, notified: readEvent(event) }
    } catch (error) {
      if (error instanceof Refusal && error.code === 'bad_signature') countRefused()
      else logger.warn({ reason: (error as Error).message }, 'Stripe told us something that we cannot read')
      throw error
    }
  }
  const apply = inBatches<Told, Applied>({
    run: (batch) => inTransaction(db, (tx) => updateRecords(tx, batch)),
    mostItems: 64,
    mostAtOnce: 1,
    mostWaiting: 5_000,
  })
  await app.register(async (scope) => {
    takeAnyBody(scope as unknown as App)

    scope.post(
      '/webhooks/stripe',
      {
        bodyLimit: MAX_BYTES,
        config: { rateLimit: false },
        schema: { tags: ['webhooks'], response: { 200: Received } },
      },
      async (request) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const { event, notified } = read(body, request.headers['stripe-signature'])
        const { id, type, created } = event
        const stored = { provider: 'stripe', id, type, payload: event } as const
        if (!notified) await inTransaction(db, (tx) => ignoreEvent(tx, stored))
        else {
          const { news, about, martId } = notified
          const notification = { event: stored, happenedAt: new Date(created * 1000), martId }
          const { trace, end } = followNotification({ tracer, logger }, stored)
          const applied = await apply({ news, about, notification, trace })
          end()
          if (applied instanceof Refusal) throw applied
          for (const alarm of applied) logger.error({ provider_event: id }, alarm)
        }
        return { received: true }
      },
    )
  })
}

/** The event in these very bytes, signed with any of the secrets. Throws Refusal 400 for a forged, unsigned or old one, and for what is no event. */
export function verifiedEvent(
  body: Buffer,
  signature: string | string[] | undefined,
  secrets: readonly string[],
): StripeEvent {
  for (const secret of secrets) {
    try {
      const event: unknown = Stripe.webhooks.constructEvent(body, signature ?? '', secret)
      if (isEvent(event)) return event
      throw new TypeError('It has no fields of an event')
    } catch (error) {
      const isWrongSecret = error instanceof Stripe.errors.StripeSignatureVerificationError
      if (!isWrongSecret)
        throw new Refusal(400, 'malformed_event', 'The body is signed, but it is no event that we can read.')
    }
  }
  throw new Refusal(400, 'bad_signature', 'The body is not signed by Stripe for this endpoint, or too long ago.')
}

/** Bodies as they are, whatever they are called. */
export function takeAnyBody(scope: App): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body))
}
