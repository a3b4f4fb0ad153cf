import { OrderShape, OrderStatus, orderStatuses } from '@mart/contracts/http/order-shapes'
import { Page, pageQuery } from '@mart/contracts/http/shared-shapes'
import { DayOrMoment } from '@mart/contracts/http/time-shapes'
import { PaymentMethod } from '@mart/contracts/payment-methods'
import { Refusal } from '@mart/service-kit/errors'
import type { App } from '@mart/service-kit/http-server'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import { isStaff, personOf } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import { type Static, Type } from 'typebox'
import { endOf, momentOf, wantedBy } from '../finding.ts'
import { type ListedOrder, listOrders, type OrderFilter } from '../order-list-queries.ts'
import { viewOf } from '../order-view.ts'

const dayOrMoment = (description: string) => Type.Optional(Type.String({ ...DayOrMoment, description }))

const ListQuery = Type.Object(
  {
    ...pageQuery,
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        pattern: '\\S',
        'x-must': 'must say something',
        description:
          'a number, a phone in any writing, an e-mail address, a SKU, or words of a name: whole ones, all of them',
      }),
    ),
    from: dayOrMoment('placed at or after: a date (UTC) or a date-time of RFC 3339'),
    to: dayOrMoment('placed on that date (UTC) or before it, or before that date-time'),
    payment_method: Type.Optional(PaymentMethod),
    status: Type.Optional(OrderStatus),
    customer: Type.Optional(Type.String({ format: 'uuid', description: 'staff only' })),
  },
  { additionalProperties: false },
)
type ListQuery = Static<typeof ListQuery>

const methods = ['payfast', 'stripe', 'cash_on_delivery'] as const

/** Orders, newest first: a customer's own, all of them for staff. */
export function addListingRoute(app: App, db: Database): void {
  app.get(
    '/orders',
    {
      onRequest: app.signedIn,
      schema: {
        tags: ['orders'],
        security: [{ bearer: [] }],
        querystring: ListQuery,
        response: { 200: Page(OrderShape) },
      },
    },
    async (request) => {
      const person = personOf(request)
      const { customer, limit = 20, q } = request.query
      const filter = {
        ...filterOf(request.query),
        customerId: isStaff(person) ? customer : person.id,
        limit: limit + 1,
      }
      const orders = q === undefined ? await listOrders(db, filter) : await found(db, q, filter)
      const page = pageOf(orders, limit, (order) => cursorFor(order.placed_us, order.id))
      return { ...page, items: page.items.map(viewOf) }
    },
  )
}

/** Each meaning of the text is looked for by itself; an order that several of them find is there once. */
async function found(db: Database, q: string, filter: OrderFilter): Promise<ListedOrder[]> {
  const { number, words } = wantedBy(q)
  const meanings: OrderFilter[] = [
    ...(number ? [{ ...filter, number }] : []),
    ...words.map((all) => ({ ...filter, words: all })),
  ]
  const answers = await Promise.all(meanings.map((one) => listOrders(db, one)))
  const byId = new Map(answers.flat().map((order) => [order.id, order]))
  return [...byId.values()].sort((a, b) => b.placed_us - a.placed_us || (a.id < b.id ? 1 : -1)).slice(0, filter.limit)
}

function filterOf({ from, to, status, payment_method, cursor }: ListQuery) {
  const [placedUs, id] = readCursor(cursor, ['integer', 'uuid']) ?? []
  return {
    from: from === undefined ? undefined : dated('from', from, momentOf),
    to: to === undefined ? undefined : dated('to', to, endOf),
    statuses: status ? [status] : orderStatuses,
    methods: payment_method ? [payment_method] : methods,
    before: id === undefined ? undefined : { placedUs: placedUs as number, id: id as string },
  }
}

function dated(field: 'from' | 'to', text: string, read: (text: string) => Date | null): Date {
  const at = read(text)
  if (at) return at
  const message = 'must be a day and a time that there are'
  throw new Refusal(400, 'invalid_input', `${field}: ${message}`, { errors: [{ field, code: 'date', message }] })
}
