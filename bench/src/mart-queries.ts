import type postgres from 'postgres'

// What the bench reads in a mart's databases; the columns are named in tools/src/columns-read.ts.

export type Provider = 'stripe' | 'payfast'

/** A page that a buyer may pay on; PayFast's is fetched by our own link. */
export interface Page {
  readonly id: string
  readonly session_id: string
  readonly url: string
  readonly amount: number
}

/** Orders that wait for an answer of stock. */
export async function countPlaced(order: postgres.Sql): Promise<number> {
  const [row] = await order<{ n: number }[]>`select count(*)::int as n from orders where status = 'placed'`
  return row!.n
}

export async function countConfirmed(order: postgres.Sql, since: Date): Promise<number> {
  const [row] = await order<{ n: number }[]>`
    select count(*)::int as n from orders where placed_at >= ${since} and status = 'confirmed'`
  return row!.n
}

export interface SettleTimes {
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

/** Milliseconds from an order’s placing to its reservation. */
export async function settleTimes(order: postgres.Sql, since: Date): Promise<SettleTimes> {
  const [row] = await order<SettleTimes[]>`
    select percentile_cont(0.5) within group (order by ms) as "p50Ms",
      percentile_cont(0.95) within group (order by ms) as "p95Ms",
      percentile_cont(0.99) within group (order by ms) as "p99Ms"
    from (
      select extract(epoch from c.at - o.placed_at)::float8 * 1000 as ms
      from orders o join order_history c on c.order_id = o.id and c.what = 'stock_reserved'
      where o.placed_at >= ${since}) t`
  return row!
}

/** Confirmations that are written to their buyers. */
export async function countConfirmations(notification: postgres.Sql, since: Date): Promise<number> {
  const [row] = await notification<{ n: number }[]>`
    select count(*)::int as n from messages where kind = 'order_confirmed' and queued_at >= ${since}`
  return row!.n
}

export async function countSent(notification: postgres.Sql): Promise<number> {
  const [row] = await notification<{ n: number }[]>`select count(*)::int as n from messages where status = 'sent'`
  return row!.n
}

export async function countOpenPages(payment: postgres.Sql, method: Provider): Promise<number> {
  const [row] = await payment<{ n: number }[]>`
    select count(*)::int as n from attempts where status = 'open' and method = ${method}`
  return row!.n
}

export async function readOpenPages(payment: postgres.Sql, method: Provider): Promise<Page[]> {
  return await payment<Page[]>`
    select id, session_id, url, (select amount::int from payments p where p.id = payment_id) as amount
    from attempts where status = 'open' and method = ${method} order by id`
}
