import { serviceNames } from '@mart/contracts/services'
import type { RunningMart } from '@mart/local/mart-file'
import postgres from 'postgres'
import type { Kept } from '../simulation/costs.ts'

interface Table {
  readonly rows: number
  readonly bytes: number
}

interface Size {
  readonly tables: Readonly<Record<string, Readonly<Record<string, Table>>>>
  readonly wal: number
  readonly topics: Readonly<Record<string, { events: number; bytes: number }>>
}

/** Tables that grew by less of an order are left out; so is one whose rows go again, an outbox: its room is used again. */
const LEAST_BYTES = 8
const LEAST_ROWS = 0.1

/** Says after some orders what each of them left behind. */
export async function startKeeping(
  mart: RunningMart,
  superuserUrl: string,
): Promise<(orders: number) => Promise<Kept>> {
  const before = await sizeOf(mart, superuserUrl)
  return async (orders) => {
    const after = await sizeOf(mart, superuserUrl)
    const perOrder = (a: number, b = 0) => Math.round(((a - b) / orders) * 100) / 100
    const databases = Object.entries(after.tables).map(([database, tables]) => {
      const grown = Object.entries(tables).map(([table, { rows, bytes }]) => {
        const was = before.tables[database]?.[table]
        return { table, rows: perOrder(rows, was?.rows), bytes: perOrder(bytes, was?.bytes) }
      })
      const kept = grown.filter(({ rows, bytes }) => bytes >= LEAST_BYTES && rows >= LEAST_ROWS)
      const sum = (of: 'rows' | 'bytes') => Math.round(kept.reduce((all, one) => all + one[of], 0) * 100) / 100
      const largest = kept.toSorted((a, b) => b.bytes - a.bytes)
      return [
        database,
        {
          rows: sum('rows'),
          bytes: sum('bytes'),
          tables: Object.fromEntries(largest.map((one) => [one.table, one.bytes])),
        },
      ] as const
    })
    const topics = Object.entries(after.topics).map(
      ([name, { events, bytes }]) =>
        [
          name,
          { events: perOrder(events, before.topics[name]?.events), bytes: perOrder(bytes, before.topics[name]?.bytes) },
        ] as const,
    )
    return {
      databases: Object.fromEntries(databases.filter(([, { bytes }]) => bytes > 0)),
      walBytes: perOrder(after.wal, before.wal),
      topics: Object.fromEntries(topics.filter(([, { events }]) => events > 0)),
    }
  }
}

async function sizeOf(mart: RunningMart, superuserUrl: string): Promise<Size> {
  const urlOf = (database: string) => Object.assign(new URL(superuserUrl), { pathname: `/${database}` }).href
  const names = [...serviceNames.map((name) => `mart_${name}`), 'event_log']
  const tables: Record<string, Record<string, Table>> = {}
  for (const name of names) {
    const rows = await ask<Table & { table: string }>(
      urlOf(name),
      `select relname as table, (n_tup_ins - n_tup_del)::float8 as rows, pg_total_relation_size(relid)::float8 as bytes
       from pg_stat_user_tables`,
    )
    tables[name.replace('mart_', '')] = Object.fromEntries(rows.map((row) => [row.table, row]))
  }
  const [wal] = await ask<{ bytes: number }>(superuserUrl, `select pg_current_wal_lsn() - '0/0'::pg_lsn as bytes`)
  const topics = await ask<{ topic: string; events: number; bytes: number }>(
    mart.databaseUrls.eventLog.owner,
    `select topic, count(*)::float8 as events,
       sum(octet_length(key) + octet_length(value) + octet_length(headers))::float8 as bytes from records group by topic`,
  )
  return { tables, wal: Number(wal!.bytes), topics: Object.fromEntries(topics.map((row) => [row.topic, row])) }
}

async function ask<Row>(url: string, statement: string): Promise<Row[]> {
  const db = postgres(url, { max: 1 })
  return (await db.unsafe(statement).finally(() => db.end())) as unknown as Row[]
}
