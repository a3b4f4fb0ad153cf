import { type ApiRoute, route } from './api-route.ts'
import { noSuch } from './errors.ts'
import { expanded, expandParameter } from './lists.ts'
import { fields } from './parameters.ts'
import type { Store } from './store.ts'
import { renderEvent } from './webhooks.ts'

type Kind = { kind: string; param: string; find: (store: Store, id: string) => object | undefined }

const kinds: Record<string, Kind> = {
  'checkout/sessions': {
    kind: 'checkout.session',
    param: 'session',
    find: (store, id) => store.sessions.get(id)?.session,
  },
  payment_intents: { kind: 'payment_intent', param: 'intent', find: (store, id) => store.paymentIntents.get(id) },
  charges: { kind: 'charge', param: 'charge', find: (store, id) => store.charges.get(id) },
  refunds: { kind: 'refund', param: 'refund', find: (store, id) => store.refunds.get(id) },
  disputes: { kind: 'dispute', param: 'dispute', find: (store, id) => store.disputes.get(id) },
  events: {
    kind: 'event',
    param: 'id',
    find: (store, id) => {
      const event = store.events.get(id)
      return event && renderEvent(store, event)
    },
  },
}

const parameters = fields({ required: {}, optional: expandParameter, notSimulated: ['client_secret'] })

export const retrieveRoutes: ApiRoute[] = Object.entries(kinds).map(([path, { kind, param, find }]) =>
  route('GET', `/v1/${path}/:id`, parameters, ({ store }, { expand }, { id }) => {
    const found = find(store, id)
    if (!found) throw noSuch(kind, id, { param })
    return expanded(store, found, expand)
  }),
)
