import { type ApiRoute, route } from './api-route.ts'
import { invalidRequest, noSuch } from './errors.ts'
import { expandParameter, listAnswer, listParameters } from './lists.ts'
import { choice, fields } from './parameters.ts'

const listIntentsParameters = fields({
  required: {},
  optional: listParameters,
  notSimulated: ['customer', 'customer_account'],
})

const cancelParameters = fields({
  required: {},
  optional: {
    ...expandParameter,
    cancellation_reason: choice('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'),
  },
})

export const paymentIntentRoutes: ApiRoute[] = [
  route('GET', '/v1/payment_intents', listIntentsParameters, ({ store }, paging) =>
    listAnswer(store, store.paymentIntents.newestFirst(), { url: '/v1/payment_intents', ...paging }),
  ),
  route('POST', '/v1/payment_intents/:id/cancel', cancelParameters, ({ store }, _parameters, { id }) => {
    const intent = store.paymentIntents.get(id)
    if (!intent) throw noSuch('payment_intent', id, { param: 'intent' })
    if (intent.status === 'succeeded' || intent.status === 'canceled' || intent.status === 'processing')
      throw invalidRequest(
        `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action.`,
        { code: 'payment_intent_unexpected_state' },
      )
    // Every intent here belongs to a session: Stripe cancels such a one only when its session expires.
    throw invalidRequest(
      'You cannot cancel this PaymentIntent directly because it was created by a Checkout Session. Expire the Checkout Session instead.',
      { code: 'payment_intent_unexpected_state' },
    )
  }),
]
