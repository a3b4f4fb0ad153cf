import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'
import type { Database } from './postgres.ts'

/** The kit's own tables, which each service's database has: the outbox and the inbox, for two. */
export const kitMigrations = new URL('../migrations/service/', import.meta.url)

const LOCK_POLL_MS = 100
/** What PostgreSQL makes outside a transaction alone: an index beside writes that go on. */
const isConcurrent = (name: string) => name.endsWith('.concurrently.sql')

/**
 * Runs the `.sql` files of `folder` that have not run yet, in the order of their names: all of them, or, when one fails,
 * none. A `.concurrently.sql` runs by itself, a statement at a time and outside a transaction: what precedes it is
 * committed, and it must bear being run again after it broke off. A lock lets replicas start at once: one runs them, the
 * others wait. Throws when a file that has run was changed since.
 */
export async function migrate(db: Database, source: string, folder: URL): Promise<void> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  const session = (await db.reserve()) as Session
  try {
    // Asked for again and again: who waited inside a statement would be waited for by an index that is made beside it.
    while (!(await hasLock(session))) await sleep(LOCK_POLL_MS)
    try {
      await runMissing(session, source, folder, files)
    } finally {
      await session`select pg_advisory_unlock(hashtext('migrate'))`
    }
  } finally {
    session.release()
  }
}

type Session = postgres.ReservedSql<{ int8: number }>

async function hasLock(session: Session): Promise<boolean> {
  const [row] = await session<{ got: boolean }[]>`select pg_try_advisory_lock(hashtext('migrate')) as got`
  return row!.got
}

async function runMissing(session: Session, source: string, folder: URL, files: readonly string[]): Promise<void> {
  await session`
    create table if not exists migrations (
      source text, name text, checksum text not null, ran_at timestamptz not null default now(), primary key (source, name))`
  const ran = new Map(
    (
      await session<
        { name: string; checksum: string }[]
      >`select name, checksum from migrations where source = ${source}`
    ).map((row) => [row.name, row.checksum]),
  )
  const missing = files.flatMap((name) => {
    const sql = readFileSync(new URL(name, folder), 'utf8')
    const checksum = createHash('sha256').update(sql).digest('hex')
    const before = ran.get(name)
    if (before && before !== checksum)
      throw new Error(`Migration ${source}/${name} was changed after it had run: add a new file instead.`)
    return before ? [] : { name, sql, checksum }
  })
  const note = ({ name, checksum }: { name: string; checksum: string }) =>
    session`insert into migrations (source, name, checksum) values (${source}, ${name}, ${checksum})`

  let isOpen = false
  const begin = async () => {
    if (isOpen) return
    await session`begin`
    isOpen = true
    await session`set local lock_timeout = 60000`
  }
  const end = async (how: 'commit' | 'rollback') => {
    if (isOpen) await session.unsafe(how)
    isOpen = false
  }
  try {
    for (const file of missing) {
      if (isConcurrent(file.name)) {
        await end('commit')
        await concurrently(session, file.sql)
      } else {
        await begin()
        await session.unsafe(file.sql)
      }
      await note(file)
    }
    await end('commit')
  } catch (error) {
    await end('rollback')
    throw error
  }
}

/** As long as it takes: nobody waits for it but the services that start. */
async function concurrently(session: Session, sql: string): Promise<void> {
  await session`set statement_timeout = 0`
  try {
    for (const statement of sql.split(/;\s*(?:\n|$)/)) {
      if (statement.trim()) await session.unsafe(statement)
    }
  } finally {
    await session`reset statement_timeout`
  }
}
