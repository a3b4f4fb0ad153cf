import { pipelined, type Transaction } from '@mart/service-kit/postgres'
import type { HistoryRow } from './history-view.ts'
import { isOver, type Order } from './order.ts'

/** Locks orders until the transaction ends, in the order of their ids so that two batches can't deadlock. */
export async function lockOrders(tx: Transaction, ids: readonly string[]): Promise<Map<string, Order>> {
  const rows = await tx<Order[]>`
    select * from orders where id = any(${[...new Set(ids)]}::uuid[]) order by id for update`
  return new Map(rows.map((order) => [order.id, order]))
}

/** Locks all orders of a customer: one that is becoming final is waited for. */
export async function lockOrdersOf(tx: Transaction, customerId: string): Promise<void> {
  await tx`select from orders where customer_id = ${customerId} order by id for update`
}

/** Ids of orders whose time to pay is over, locked against other clocks. */
export async function lockOverdue(tx: Transaction, now: Date, limit: number): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select id from orders where status = 'awaiting_payment' and payment_due_at < ${now}
    order by id limit ${limit} for update skip locked`
  return rows.map((row) => row.id)
}

export interface HistoryLine extends HistoryRow {
  readonly order_id: string
}

/** Writes moved orders and the lines of their history, each in one statement however many there are. */
export async function saveMoves(
  tx: Transaction,
  orders: readonly Order[],
  history: readonly HistoryLine[],
): Promise<void> {
  await pipelined(
    () => tx`
      update orders o set
        status = m.status, payment_method = m.payment_method, payment_status = m.payment_status,
        payment_url = m.payment_url, attempt = m.attempt, payment_due_at = m.payment_due_at, if_paid = m.if_paid,
        cancel_reason = m.cancel_reason, missing = m.missing, refunding = m.refunding, refunded = m.refunded, holds = m.holds,
        carrier = m.carrier, tracking_number = m.tracking_number, collected = m.collected,
        return_open = m.return_open, history_count = m.history_count, updated_at = m.updated_at
      from jsonb_populate_recordset(null::orders, ${JSON.stringify(orders.map(movable))}::text::jsonb) m
      where o.id = m.id`,
    () => tx`
      insert into order_history (order_id, n, status, what, reason, reason_ur, cause_event_id, cause_type, by_id, by_role, at)
      select order_id, n, status, what, reason, reason_ur, cause_event_id, cause_type, by_id, by_role, at
      from jsonb_populate_recordset(null::order_history, ${JSON.stringify(history)}::text::jsonb)`,
  )
}

/** Makes an order the one cash order of its customer (see migrations/0002). False when he has another. */
export async function takeCashSlot(tx: Transaction, { id, customer_id }: Order): Promise<boolean> {
  const taken = await tx`
    update orders set open_slot = 0
    where id = ${id} and not exists (
      select from orders o where o.customer_id = ${customer_id} and o.id <> ${id}
        and o.payment_method = 'cash_on_delivery' and o.status in ('placed', 'awaiting_payment', 'confirmed'))
    returning 1`
  return taken.length > 0
}

/** Apart from the other changes: the words by which the order is found are made anew with it (migrations/0003). */
export async function saveAddress(tx: Transaction, { id, shipping_address }: Order): Promise<void> {
  await tx`
    update orders set shipping_address = ${JSON.stringify(shipping_address)}::text::jsonb where id = ${id}`
}

/** Only what a move may change, and the key: lines and addresses need not travel back. */
function movable(order: Order) {
  const { lines, contact, shipping_address, note, placed_at, ...rest } = order
  return rest
}

/** Blanks the person in all orders of a customer that are over by now. */
export async function blankPerson(tx: Transaction, customerId: string): Promise<void> {
  await tx`
    with blank as (
      update orders set ${blanked(tx)}
      where customer_id = ${customerId} and status in ('cancelled', 'delivered', 'undelivered') and not return_open
        and contact->>'email' <> ''
      returning id)
    ${blankedReturns(tx)}`
}

export async function blankOrders(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx`
    with blank as (update orders set ${blanked(tx)} where id = any(${[...ids]}::uuid[]) returning id)
    ${blankedReturns(tx)}`
}

/** Orders of somebody who was erased keep the person only until they are over: the courier still has to find the door. */
export async function blankErased(tx: Transaction, orders: readonly Order[]): Promise<void> {
  const customers = orders.filter(isOver).map(({ customer_id }) => customer_id)
  for (const customerId of await erasedAmong(tx, customers)) await blankPerson(tx, customerId)
}

const blankedReturns = (tx: Transaction) => tx`
  update returns set note = null where note is not null and order_id in (select id from blank)`

const blanked = (tx: Transaction) => tx`
  note = null, contact = jsonb_build_object('name', '', 'email', '', 'phone', null, 'language', contact->>'language'),
  shipping_address = jsonb_build_object(
    'name', '', 'line1', '', 'city', '', 'phone', '', 'country', shipping_address->>'country')`

/** Until the transaction ends nobody else makes something this customer's, or erases him. */
export async function lockCustomer(tx: Transaction, customerId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`customer ${customerId}`}, 0))`
}

export async function rememberErased(tx: Transaction, customerId: string): Promise<void> {
  await tx`insert into erased_people (customer_id) values (${customerId}) on conflict do nothing`
}

/** Customers among these who asked to be forgotten. */
export async function erasedAmong(tx: Transaction, customerIds: readonly (string | null)[]): Promise<Set<string>> {
  const ids = customerIds.filter((id) => id !== null)
  if (ids.length === 0) return new Set()
  const rows = await tx<{ customer_id: string }[]>`
    select customer_id from erased_people where customer_id = any(${ids}::uuid[])`
  return new Set(rows.map((row) => row.customer_id))
}
