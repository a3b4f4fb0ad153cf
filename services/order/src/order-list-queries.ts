import type { PaymentMethod } from '@mart/contracts/payment-methods'
import type { Fragment, Queryable } from '@mart/service-kit/postgres'
import type { Order, OrderStatus } from './order.ts'

export interface ListedOrder extends Order {
  /** `placed_at` in microseconds since 1970, which a Date would cut. */
  readonly placed_us: number
}

export interface OrderFilter {
  readonly customerId?: string | undefined
  readonly number?: string | undefined
  /** All of them are known of the order, see migrations/0003. */
  readonly words?: readonly string[] | undefined
  readonly statuses: readonly OrderStatus[]
  readonly methods: readonly PaymentMethod[]
  readonly from?: Date | undefined
  /** Orders that were placed before it. */
  readonly to?: Date | undefined
  /** The last order of the page before. */
  readonly before?: { readonly placedUs: number; readonly id: string } | undefined
  readonly limit: number
}

/** Newest first, by the one walk along an index that passes over the fewest orders. */
export async function listOrders(db: Queryable, filter: OrderFilter): Promise<ListedOrder[]> {
  if (filter.number !== undefined || filter.customerId !== undefined) return await ordersOf(db, filter)
  return filter.words ? await ordersKnownBy(db, filter) : await ordersInStates(db, filter)
}

/** Of one customer, or the one of a number: few enough to look at each. */
async function ordersOf(db: Queryable, filter: OrderFilter): Promise<ListedOrder[]> {
  const { customerId, number, words = [], limit } = filter
  return await db<ListedOrder[]>`
    select ${columns(db)} from orders o
    where ${inWindow(db, filter, [db`o.placed_at`, db`o.id`])} and ${isOneOf(db, filter)}
      ${customerId ? db`and o.customer_id = ${customerId}` : db``} ${number ? db`and o.number = ${number}` : db``}
      ${knowsAll(db, words, [db`o.placed_at`, db`o.id`])}
    order by o.placed_at desc, o.id desc limit ${limit}`
}

/** Along the word that fewest orders have, or along the status and way to pay when fewer have these. */
async function ordersKnownBy(db: Queryable, filter: OrderFilter): Promise<ListedOrder[]> {
  const first = await rarestWord(db, filter)
  if (first === null) return await ordersInStates(db, filter)
  const others = (filter.words ?? []).filter((word) => word !== first)
  return await db<ListedOrder[]>`
    select ${columns(db)} from order_words w join orders o on o.id = w.order_id
    where w.word = ${first} and ${inWindow(db, filter, [db`w.placed_at`, db`w.order_id`])} and ${isOneOf(db, filter)}
      ${knowsAll(db, others, [db`w.placed_at`, db`w.order_id`])}
    order by w.placed_at desc, w.order_id desc limit ${filter.limit}`
}

/** Null when the status and way to pay are rarer than every word. */
async function rarestWord(db: Queryable, filter: OrderFilter): Promise<string | null> {
  const { words = [], statuses, methods } = filter
  const isAnyState = statuses.length > 1 && methods.length > 1 // a request names one, or takes all
  if (isAnyState && words.length === 1) return words[0]!
  const looks = await Promise.all(words.map((word) => lookAlongWord(db, filter, word)))
  const rarest = looks.reduce((a, b) => (isRarer(b, a) ? b : a))
  const isDecided = isAnyState || rarest.count < FEW
  if (!isDecided && isRarer(await lookAlongStates(db, filter), rarest)) return null
  return words[looks.indexOf(rarest)]!
}

/** The newest orders of a walk: how many, up to LOOKED_AT, and how far back they reach. */
interface Look {
  readonly count: number
  readonly reachesTo: number
}

const LOOKED_AT = 1_000
/** So few orders are looked at one by one. */
const FEW = 200

/** Of two that are long, the one whose newest orders reach further back has fewer. */
const isRarer = (one: Look, other: Look): boolean =>
  one.count < LOOKED_AT || other.count < LOOKED_AT ? one.count < other.count : one.reachesTo < other.reachesTo

async function lookAlongWord(db: Queryable, filter: OrderFilter, word: string): Promise<Look> {
  return await look(
    db,
    db`select k.placed_at from order_words k
      where k.word = ${word} and ${inWindow(db, filter, [db`k.placed_at`, db`k.order_id`])}
      order by k.placed_at desc limit ${LOOKED_AT}`,
  )
}

async function lookAlongStates(db: Queryable, filter: OrderFilter): Promise<Look> {
  const { statuses, methods } = filter
  return await look(
    db,
    db`select o.placed_at
      from unnest(${[...statuses]}::text[]) as s(wanted_status), unnest(${[...methods]}::text[]) as m(wanted_method)
      cross join lateral (
        select o.placed_at from orders o
        where o.status = wanted_status and o.payment_method = wanted_method
          and ${inWindow(db, filter, [db`o.placed_at`, db`o.id`])}
        order by o.placed_at desc limit ${LOOKED_AT}) o
      order by o.placed_at desc limit ${LOOKED_AT}`,
  )
}

async function look(db: Queryable, newest: Fragment): Promise<Look> {
  const [row] = await db<{ count: number; reaches_to: number }[]>`
    select count(*)::int, coalesce(extract(epoch from min(placed_at)), 0)::float8 as reaches_to from (${newest}) newest`
  return { count: row!.count, reachesTo: row!.reaches_to }
}

/** Each status and way to pay is a walk of its own; words, if any, are asked for on the way. */
async function ordersInStates(db: Queryable, filter: OrderFilter): Promise<ListedOrder[]> {
  const { statuses, methods, words = [], limit } = filter
  // By the index alone, which holds all that is asked; the orders themselves are read for what is shown.
  return await db<ListedOrder[]>`
    select ${columns(db)} from (
      select walked.* from unnest(${[...statuses]}::text[]) as s(wanted_status), unnest(${[...methods]}::text[]) as m(wanted_method)
      cross join lateral (
        select o.placed_at, o.id from orders o
        where o.status = wanted_status and o.payment_method = wanted_method
          and ${inWindow(db, filter, [db`o.placed_at`, db`o.id`])} ${knowsAll(db, words, [db`o.placed_at`, db`o.id`])}
        order by o.placed_at desc, o.id desc limit ${limit}
      ) walked
      order by walked.placed_at desc, walked.id desc limit ${limit}) found
    join orders o on o.id = found.id
    order by o.placed_at desc, o.id desc`
}

type Place = readonly [placedAt: Fragment, id: Fragment]

const columns = (db: Queryable) => db`o.*, (extract(epoch from o.placed_at) * 1000000)::bigint as placed_us`

const isOneOf = (db: Queryable, { statuses, methods }: OrderFilter) =>
  db`o.status = any(${[...statuses]}::text[]) and o.payment_method = any(${[...methods]}::text[])`

/** Asked of each order that a walk comes to: written as `exists` the planner may read all orders of the word instead. */
const knowsAll = (db: Queryable, words: readonly string[], [placedAt, id]: Place) =>
  words.reduce(
    (sql, word) => db`${sql} and (
      select true from order_words k where k.word = ${word} and k.placed_at = ${placedAt} and k.order_id = ${id})`,
    db``,
  )

function inWindow(db: Queryable, { from, to, before }: OrderFilter, [placedAt, id]: Place) {
  const us = (text: number) => db`timestamptz 'epoch' + ${text}::bigint * interval '1 microsecond'`
  return db`true ${from ? db`and ${placedAt} >= ${from}` : db``} ${to ? db`and ${placedAt} < ${to}` : db``}
    ${before ? db`and (${placedAt}, ${id}) < (${us(before.placedUs)}, ${before.id}::uuid)` : db``}`
}
