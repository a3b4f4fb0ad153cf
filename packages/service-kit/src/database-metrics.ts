import { defineGauges, type Metrics, measure } from './metrics.ts'
import type { Database } from './postgres.ts'

/** So many of a database's tables are told apart: the largest. */
const MOST_TABLES = 10

/**
 * Gauges of what PostgreSQL keeps about the service's database, read when somebody scrapes, and `after` what else is: a
 * connection more would be 5 MB in the server. No table is read or locked.
 */
export function measureDatabase(
  metrics: Metrics,
  db: Database,
  { after }: { readonly after: () => Promise<unknown> },
): void {
  measure(
    metrics,
    defineGauges({
      shared: true,
      gauges: {
        database_size_bytes: { help: 'Size of the database on disk' },
        database_oldest_transaction_seconds: {
          help: 'For how long the oldest transaction of the service’s role is open',
        },
        database_transaction_id_age: {
          help: 'Transactions since the oldest row that is not frozen; at 2^31 it takes no writes',
        },
        database_commits_total: { help: 'Transactions that were committed' },
        database_rollbacks_total: { help: 'Transactions that were rolled back' },
        database_deadlocks_total: { help: 'Deadlocks, of which one transaction each was rolled back' },
        database_blocks_hit_total: { help: 'Blocks that were found in the memory of the server' },
        database_blocks_read_total: { help: 'Blocks that were not, and were asked of the operating system' },
        database_server_wal_bytes_total: { help: 'Write-ahead log that the whole server has written' },
        database_server_connections: { help: 'Connections of everybody to the whole server' },
        database_server_connections_most: { help: 'How many the server takes: max_connections' },
        database_table_bytes: {
          help: 'Size of a table with its indexes as it was last vacuumed or analysed',
          label: 'table',
        },
        database_live_rows: { help: 'Rows of a table, as the server reckons', label: 'table' },
        database_dead_rows: { help: 'Rows that are deleted or replaced and still lie there', label: 'table' },
        database_vacuum_age_seconds: { help: 'Since a table was last vacuumed, if ever', label: 'table' },
      },
      read: async () => {
        await after()
        return { ...(await readFigures(db)), ...(await readTables(db)) }
      },
    }),
  )
}

type Figures = Record<
  | 'database_size_bytes'
  | 'database_oldest_transaction_seconds'
  | 'database_transaction_id_age'
  | 'database_commits_total'
  | 'database_rollbacks_total'
  | 'database_deadlocks_total'
  | 'database_blocks_hit_total'
  | 'database_blocks_read_total'
  | 'database_server_wal_bytes_total'
  | 'database_server_connections'
  | 'database_server_connections_most',
  number
>

/** Of the sessions of other roles a service is not shown since when they are open. */
async function readFigures(db: Database): Promise<Figures> {
  const [row] = await db<Figures[]>`
    select
      pg_database_size(d.oid) as database_size_bytes,
      (select extract(epoch from now() - min(xact_start))::float8
        from pg_stat_activity where datname = d.datname) as database_oldest_transaction_seconds,
      greatest(age(d.datfrozenxid), mxid_age(d.datminmxid)) as database_transaction_id_age,
      s.xact_commit as database_commits_total,
      s.xact_rollback as database_rollbacks_total,
      s.deadlocks as database_deadlocks_total,
      s.blks_hit as database_blocks_hit_total,
      s.blks_read as database_blocks_read_total,
      (select wal_bytes::float8 from pg_stat_wal) as database_server_wal_bytes_total,
      (select sum(numbackends)::float8 from pg_stat_database) as database_server_connections,
      current_setting('max_connections')::int as database_server_connections_most
    from pg_database d join pg_stat_database s on s.datid = d.oid
    where d.datname = current_database()`
  return row!
}

interface TableRow {
  readonly name: string
  readonly bytes: number
  readonly live: number
  readonly dead: number
  readonly vacuum_age: number | null
}

/** By what the catalogue notes of their pages: asking for a size would wait for whoever has locked the table. */
async function readTables(db: Database) {
  const rows = await db<TableRow[]>`
    select c.relname as name,
      (c.relpages + coalesce(t.relpages, 0) + coalesce((
        select sum(i.relpages) from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid
      ), 0)) * current_setting('block_size')::float8 as bytes,
      pg_stat_get_live_tuples(c.oid) as live,
      pg_stat_get_dead_tuples(c.oid) as dead,
      extract(epoch from now() - greatest(
        pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)))::float8 as vacuum_age
    from pg_class c left join pg_class t on t.oid = c.reltoastrelid
    where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
    order by bytes desc, live desc limit ${MOST_TABLES}`
  const of = (value: (row: TableRow) => number | null) =>
    Object.fromEntries(rows.flatMap((row) => (value(row) === null ? [] : [[row.name, value(row)!]])))
  return {
    database_table_bytes: of(({ bytes }) => bytes),
    database_live_rows: of(({ live }) => live),
    database_dead_rows: of(({ dead }) => dead),
    database_vacuum_age_seconds: of(({ vacuum_age }) => vacuum_age),
  }
}
