import { type IdempotencyScope, RESPONSES_STORED_FOR } from '@mart/service-kit/idempotency'
import { announceOutbox, type OutboxEvent, outboxInsert, toOutboxEvent } from '@mart/service-kit/outbox'
import type { Database } from '@mart/service-kit/postgres'
import type { Holder } from '../guests.ts'
import { recordTransitions } from '../instruments.ts'
import type { OpenOrderLimits } from '../open-orders.ts'
import type { Order } from '../order.ts'
import { placed } from '../order-events.ts'

export interface NewOrder {
  readonly order: Order
  /** His customer may have only one open cash order, and this would be it. */
  readonly isUnprovenCash: boolean
  /** What a guest is counted by; none of an account. */
  readonly holders: readonly Holder[]
  readonly idempotency: IdempotencyScope | null
  /** That it comes from. */
  readonly cartId: string | null
}

export interface OrderToPlace extends NewOrder {
  readonly event: OutboxEvent
}

/** With its event, which is made while its own request is under way: a batch would know only the first one's trace. */
export function withEvent(wanted: NewOrder): OrderToPlace {
  const { event, data } = placed(wanted.order)
  return { ...wanted, event: toOutboxEvent(event, data) }
}

/**
 * The hot path, and the one use case that takes no transaction: all orders that came in together, with their history,
 * idempotency keys and events, in one statement, by which what is ordered leaves its cart, too. Returns the ids that were
 * taken; an order is left out when its key was used before, its customer was erased, or may have no other open one. Throws
 * a broken constraint orders_open when another replica took the last slot meanwhile.
 */
export async function placeOrders(
  db: Database,
  wanted: readonly OrderToPlace[],
  limits: OpenOrderLimits | null,
): Promise<Set<string>> {
  // Two batches that hold the same keys in another order would deadlock.
  const sorted = wanted.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const events = sorted.map(({ event }) => event)
  const hasGuests = sorted.some(({ holders }) => holders.length > 0)
  const hasCarts = sorted.some(({ cartId }) => cartId !== null)
  const rows = sorted.map(({ order, idempotency, isUnprovenCash, holders, cartId }) => ({
    ...order,
    ...keyColumns(idempotency),
    is_unproven_cash: isUnprovenCash,
    cart_id: cartId,
    ...(hasGuests ? { holders } : {}),
  }))
  const taken = await db<{ id: string }[]>`
    with wanted as (
      select row.*, keys.*, ${limits ? db`held.free_slot` : db`null::int as free_slot`}
      from jsonb_array_elements(${JSON.stringify(rows)}::text::jsonb) with ordinality as one(value, place),
        jsonb_populate_record(null::orders, value) as row,
        jsonb_to_record(value) as keys(scope text, key text, body_hash text, is_unproven_cash boolean, holders jsonb, cart_id uuid)
        ${limits ? slotsOf(db, limits) : db``}
      where not exists (select from erased_people e where e.customer_id = row.customer_id)
        ${limits ? db`and held.free_slot is not null` : db``} ${hasGuests ? hasFreeSlots(db) : db``}
      order by place
    ), keyed as (
      insert into idempotency_keys (scope, key, body_hash, status, answer)
      select scope, key, body_hash, 201, to_json(id)::text from wanted where key is not null
      on conflict (scope, key) do update
      set body_hash = excluded.body_hash, answer = excluded.answer, answered_at = now()
      where idempotency_keys.answered_at <= now() - ${RESPONSES_STORED_FOR}::interval
      returning scope, key
    ), taken as (
      insert into orders (id, number, customer_id, status, currency, lines, subtotal, shipping, tax, discount, total,
        payment_method, payment_status, contact, shipping_address, note, placed_at, updated_at, open_slot)
      select id, number, customer_id, status, currency, lines, subtotal, shipping, tax, discount, total,
        payment_method, payment_status, contact, shipping_address, note, placed_at, updated_at, free_slot
      from wanted left join keyed using (scope, key)
      where wanted.key is null or keyed.key is not null
      returning id, customer_id, placed_at
    ), history as (
      insert into order_history (order_id, n, status, what, at, by_id, by_role)
      select id, 1, 'placed', 'placed', placed_at, coalesce(customer_id, id),
        case when customer_id is null then 'guest' else 'customer' end
      from taken
    ), ${hasGuests ? guestSlots(db) : db``} ${hasCarts ? leftCarts(db) : db``} said as (
      ${outboxInsert(db, events)} where key in (select id::text from taken)
    )
    select id from taken`
  announceOutbox(db)
  const ids = new Set(taken.map((row) => row.id))
  recordTransitions(
    db,
    wanted.flatMap(({ order }) => (ids.has(order.id) ? [{ before: null, after: order }] : [])),
  )
  return ids
}

/** The slot that an order would hold (see migrations/0002): none when its customer has no right to another open one. */
const slotsOf = (db: Database, { most }: OpenOrderLimits) => db`
  cross join lateral (
    select case
      when count(*) >= ${most} then null
      when is_unproven_cash then case when count(*) filter (where o.payment_method = 'cash_on_delivery') = 0 then 0 end
      when count(*) = 0 then 1
      else (
        select slot from generate_series(1, ${most}::int) slot
        where slot <> all(coalesce(array_agg(o.open_slot) filter (where o.open_slot is not null), '{}')) limit 1)
      end as free_slot
    from orders o
    where o.customer_id = row.customer_id and (
      o.status in ('placed', 'awaiting_payment') or (o.status = 'confirmed' and o.payment_method = 'cash_on_delivery'))
  ) held`

const hasFreeSlots = (db: Database) => db`
  and not exists (
    select from jsonb_to_recordset(keys.holders) as h(holder text, most int)
    where (select count(*) from guest_slots g where g.holder = h.holder) >= h.most)`

/** Slots of a guest's order (see migrations/0007), in one order of holders for all. */
const guestSlots = (db: Database) => db`
  guests as (
    insert into guest_slots (holder, slot, order_id)
    select h.holder, free.slot, taken.id
    from taken join wanted using (id)
    cross join lateral jsonb_to_recordset(wanted.holders) as h(holder text, most int)
    cross join lateral (
      select slot from generate_series(1, h.most) slot
      where slot not in (select g.slot from guest_slots g where g.holder = h.holder) limit 1) free
    order by h.holder
  ),`

/**
 * As many of each SKU as were ordered leave the cart, whatever was put in since. Carts are locked in one order for all, and
 * what they hold is read once they are: another change that was under way is not undone.
 */
const leftCarts = (db: Database) => db`
  ordered as (
    select cart_id, jsonb_object_agg(sku_key, pieces) as pieces
    from (
      select cart_id, upper(line.sku collate "C") as sku_key, sum(line.quantity) as pieces
      from taken join wanted using (id) cross join lateral jsonb_to_recordset(wanted.lines) as line(sku text, quantity int)
      where cart_id is not null
      group by cart_id, sku_key) each_sku
    group by cart_id
  ), locked as (
    select id from carts where id in (select cart_id from ordered) order by id for update
  ), left_carts as (
    update carts set updated_at = now(), used_on = current_date, lines = (
      select coalesce(jsonb_agg(line || jsonb_build_object('quantity', left_over) order by place), '[]')
      from jsonb_array_elements(carts.lines) with ordinality as in_cart(line, place)
      cross join lateral (
        select (line ->> 'quantity')::int - coalesce((ordered.pieces ->> upper((line ->> 'sku') collate "C"))::int, 0) as left_over
      ) counted
      where left_over > 0)
    from ordered join locked on locked.id = ordered.cart_id
    where carts.id = ordered.cart_id
  ),`

// By customer first, because slots are held by customer.
const keyOf = ({ idempotency, order }: NewOrder) =>
  `${order.customer_id} ${idempotency ? `${idempotency.scope} ${idempotency.key}` : order.id}`

const keyColumns = (idempotency: IdempotencyScope | null) =>
  idempotency && { scope: idempotency.scope, key: idempotency.key, body_hash: idempotency.bodyHash }
