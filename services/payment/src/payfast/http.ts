import { Refusal } from '@mart/service-kit/errors'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import type { Logger } from '@mart/service-kit/logger'
import { type Database, inTransaction } from '@mart/service-kit/postgres'
import type { SpanStarter } from '@mart/service-kit/tracing'
import { followNotification } from '../http/notifications.ts'
import { Received, takeAnyBody } from '../stripe/http.ts'
import type { PayfastSettings } from './payfast-http-client.ts'
import { fieldsOf, isGenuine, notificationIn, type PayfastNotification } from './payfast-notification.ts'
import { receivePayfast } from './use-cases.ts'

const MAX_BYTES = 256 * 1024

interface Given {
  readonly db: Database
  readonly logger: Logger
  readonly tracer: SpanStarter
  /** Null without keys: then nothing is genuine. */
  readonly payfast: PayfastSettings | null
  readonly countRefused: () => void
}

/** Where PayFast tells us, as it likes to: GET or POST, query, form or JSON. */
export async function addPayfastWebhook(app: App, given: Given): Promise<void> {
  const { db, payfast, countRefused } = given
  await app.register(async (scope) => {
    takeAnyBody(scope as unknown as App)
    scope.route({
      method: ['GET', 'POST'],
      url: '/webhooks/payfast',
      bodyLimit: MAX_BYTES,
      config: { rateLimit: false },
      schema: { tags: ['webhooks'], response: { 200: Received } },
      async handler(request) {
        const notification = genuineIn(request, payfast)
        if (!notification) {
          countRefused()
          throw new Refusal(400, 'bad_signature', 'The validation_hash is not made by PayFast for this shop.')
        }
        const { code: type, id } = notification
        const { trace, end } = followNotification(given, { provider: 'payfast', type, id })
        await inTransaction(db, (tx) => receivePayfast(tx, notification, trace))
        end()
        return { received: true }
      },
    })
  })
}

/** What PayFast told with this request, if somebody with our key made its hash. */
export function genuineIn(
  { url, body }: Pick<FastifyRequest, 'url' | 'body'>,
  payfast: PayfastSettings | null,
): PayfastNotification | null {
  const fields = fieldsOf(url, Buffer.isBuffer(body) ? body.toString() : '')
  const notification = fields && notificationIn(fields)
  if (!payfast || !notification) return null
  const { merchantId, securedKey } = payfast
  const { basketId, code, hash } = notification
  return isGenuine(hash, { basketId, securedKey, merchantId, code }) ? notification : null
}
