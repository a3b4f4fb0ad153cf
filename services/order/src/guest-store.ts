import type { Transaction } from '@mart/service-kit/postgres'
import type { Holder } from './guests.ts'
import type { Order } from './order.ts'

/** Takes a free slot of each holder for an order that is there. False when one has none left; an order keeps what it has. */
export async function takeSlots(tx: Transaction, orderId: string, holders: readonly Holder[]): Promise<boolean> {
  const taken = await tx`
    insert into guest_slots (holder, slot, order_id)
    select holder, 1, ${orderId} from unnest(${holders.map(({ holder }) => holder)}::text[]) holder order by holder
    on conflict (holder, slot) do update set order_id = excluded.order_id
    where guest_slots.order_id = excluded.order_id returning 1`
  return taken.length === holders.length
}

export async function freeSlots(tx: Transaction, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length > 0) await tx`delete from guest_slots where order_id = any(${[...orderIds]}::uuid[])`
}

/** Locks a batch of the orders that a guest has placed with this address, by which migrations/0003 finds them. */
export async function lockOrdersOfGuest(tx: Transaction, email: string, limit: number): Promise<Order[]> {
  return await tx<Order[]>`
    select o.* from orders o
    where o.id in (select order_id from order_words where word = left(lower(${email}), 200))
      and o.customer_id is null and lower(o.contact ->> 'email') = lower(${email})
    order by o.id limit ${limit} for update`
}

/** They are the customer's from here on, beside his slots (migrations/0002), and their history says so. */
export async function giveOrders(tx: Transaction, orderIds: readonly string[], customerId: string): Promise<void> {
  const ids = [...orderIds]
  await tx`
    with given as (
      update orders set customer_id = ${customerId}, open_slot = null, history_count = history_count + 1, updated_at = now()
      where id = any(${ids}::uuid[]) returning id, history_count, status)
    insert into order_history (order_id, n, status, what, at, by_id, by_role)
    select id, history_count, status, 'claimed', now(), ${customerId}, 'customer' from given`
}

export async function askToForget(tx: Transaction, orderId: string): Promise<void> {
  await tx`update orders set forget_asked_at = coalesce(forget_asked_at, now()) where id = ${orderId}`
}

/** Locks a batch of guests' orders that are over and still name somebody: for so many days, or who asked to be forgotten. */
export async function lockToForget(tx: Transaction, days: number, limit: number): Promise<string[]> {
  const isOver = tx`
    customer_id is null and contact ->> 'email' <> '' and status in ('cancelled', 'delivered', 'undelivered') and not return_open`
  const rows = await tx<{ id: string }[]>`
    select id from orders
    where id in (
      select id from orders where ${isOver} and forget_asked_at is not null
      union all (
        select id from orders where ${isOver}
          and placed_at < now() - ${days} * interval '1 day' and updated_at < now() - ${days} * interval '1 day'
        order by placed_at limit ${limit})
      limit ${limit})
      -- Once more of the row as it is when it is locked: somebody may have forgotten him meanwhile.
      and ${isOver}
    order by id for update skip locked`
  return rows.map(({ id }) => id)
}

/** What was answered to guests about orders that have become this customer's. */
export async function deleteAnswersToGuests(tx: Transaction, customerId: string): Promise<void> {
  await tx`
    delete from idempotency_keys k using orders o
    where o.customer_id = ${customerId} and starts_with(k.scope, 'guest:') and position(o.id::text in k.answer) > 0`
}
