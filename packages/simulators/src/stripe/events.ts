import { newId, nowS } from '../kit/ids.ts'
import { type ApiRoute, route } from './api-route.ts'
import { listAnswer, listParameters } from './lists.ts'
import type { Cause, Event } from './objects.ts'
import { fields, flag, list, text } from './parameters.ts'
import type { Simulator } from './simulator.ts'
import { renderEvent } from './webhooks.ts'

export const API_VERSION = '2026-10-28.endive'

/** Records what happened to `object`, as it is now, and sends it to the webhook. */
export function say(
  { store, deliveries }: Simulator,
  type: string,
  object: object,
  cause: Cause = { id: null, idempotency_key: null },
): void {
  const event: Event = {
    id: newId('evt_'),
    object: 'event',
    api_version: API_VERSION,
    created: nowS(),
    data: { object: structuredClone(object) },
    livemode: false,
    request: cause,
    type,
  }
  store.events.put(event)
  deliveries.accept(event.id)
}

const eventListParameters = fields({
  required: {},
  optional: { ...listParameters, type: text(), types: list(text(), { most: 20 }), delivery_success: flag },
})

export const eventRoutes: ApiRoute[] = [
  route('GET', '/v1/events', eventListParameters, ({ store }, { type, types, delivery_success, ...paging }) => {
    const wanted = types ?? (type ? [type] : ['*'])
    const events = store.events
      .newestFirst()
      .filter((event) => wanted.some((pattern) => matches(event.type, pattern)))
      .map((event) => renderEvent(store, event))
      .filter(({ pending_webhooks: pending }) => (delivery_success ?? pending === 0) === (pending === 0))
    return listAnswer(store, events, { url: '/v1/events', ...paging })
  }),
]

function matches(type: string, pattern: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern
}
