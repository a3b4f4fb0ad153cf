import { booking } from './balance.ts'
import { invalidRequest, noSuch } from './errors.ts'
import type { Charge } from './objects.ts'
import { integer, list, range, text } from './parameters.ts'
import type { Store } from './store.ts'

export const expandParameter = { expand: list(text(), { most: 20 }) }

export const listParameters = {
  ...expandParameter,
  limit: integer({ least: 1, most: 100 }),
  starting_after: text(),
  ending_before: text(),
  created: range,
}

export type Paging = {
  url: string
  expand?: string[]
  limit?: number
  starting_after?: string
  ending_before?: string
  created?: (seconds: number) => boolean
}

/** One page of `rows`, which come newest first. */
export function listAnswer<Row extends { id: string; created: number }>(store: Store, rows: Row[], paging: Paging) {
  const { url, limit = 10, starting_after: after, ending_before: before, created = () => true } = paging
  const found = rows.filter((row) => created(row.created))
  const placeOf = (id: string, param: string) => {
    const place = found.findIndex((row) => row.id === id)
    if (place < 0) throw noSuch('object', id, { param, status: 400 })
    return place
  }
  const end = before ? placeOf(before, 'ending_before') : found.length
  const first = after ? placeOf(after, 'starting_after') + 1 : before ? Math.max(0, end - limit) : 0
  const data = found.slice(first, Math.min(end, first + limit))
  const hasMore = before ? first > 0 : first + limit < end
  const paths = (paging.expand ?? []).map((path) => path.replace(/^data\./, ''))
  return { object: 'list', url, has_more: hasMore, data: data.map((row) => expanded(store, row, paths)) }
}

/** A copy of `object` in which the ids (and lists) named by `paths` stand as whole objects. */
export function expanded(store: Store, object: object, paths: string[] = []): object {
  const copy = { ...object } as Record<string, unknown>
  for (const path of paths) {
    const [name = '', ...rest] = path.split('.')
    const inner = expansions[name]?.(store, copy)
    if (inner === undefined) throw invalidRequest(`This property cannot be expanded (${name}).`, { param: 'expand' })
    copy[name] = inner && rest.length > 0 ? expanded(store, inner, [rest.join('.')]) : inner
  }
  return copy
}

type Expansion = (store: Store, object: Record<string, unknown>) => object | null | undefined

const expansions: Record<string, Expansion> = {
  payment_intent: reference('payment_intent', (store, id) => store.paymentIntents.get(id)),
  latest_charge: reference('latest_charge', (store, id) => store.charges.get(id)),
  charge: reference('charge', (store, id) => store.charges.get(id)),
  balance_transaction: (_store, object) =>
    object['object'] === 'charge' ? booking(object as unknown as Charge) : undefined,
  customer: (_store, { customer }) => (customer === null ? null : undefined),
  payment_method: (_store, { payment_method: id }) => (id === null ? null : undefined),
  line_items: (store, { object, id }) => {
    if (object !== 'checkout.session') return undefined
    return wholeList(store.sessions.get(String(id))?.lines ?? [], `/v1/checkout/sessions/${String(id)}/line_items`)
  },
  refunds: (store, { object, id }) => {
    if (object !== 'charge') return undefined
    return wholeList(
      store.refunds.newestFirst().filter((refund) => refund.charge === id),
      `/v1/charges/${String(id)}/refunds`,
    )
  },
}

/** `payment_intent.latest_charge` and `payment_intent.payment_method` may come one after the other. */
function reference(name: string, find: (store: Store, id: string) => object | undefined): Expansion {
  return (store, object) => {
    const value = object[name]
    if (value === null || typeof value === 'object') return value
    return typeof value === 'string' ? find(store, value) : undefined
  }
}

function wholeList(data: object[], url: string) {
  return { object: 'list', url, has_more: false, data }
}
