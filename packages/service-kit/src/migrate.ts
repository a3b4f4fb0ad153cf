import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Database } from './postgres.ts'

/** The kit's own tables, which each service's database has: the outbox and the inbox, for two. */
export const kitMigrations = new URL('../migrations/service/', import.meta.url)

/**
 * Runs the `.sql` files of `folder` that have not run yet, in the order of their names: all of them, or, when one fails,
 * none. An advisory lock lets two replicas start at once. Throws when a file that has run was changed since.
 */
export async function migrate(db: Database, source: string, folder: URL): Promise<void> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  await db.begin(async (tx) => {
    await tx`set local lock_timeout = 60000`
    await tx`select pg_advisory_xact_lock(hashtext('migrate'))`
    await tx`create table if not exists migrations (
      source text, name text, checksum text not null, ran_at timestamptz not null default now(), primary key (source, name))`
    const ran = new Map(
      (
        await tx<{ name: string; checksum: string }[]>`select name, checksum from migrations where source = ${source}`
      ).map((row) => [row.name, row.checksum]),
    )
    for (const name of files) {
      const sql = readFileSync(new URL(name, folder), 'utf8')
      const checksum = createHash('sha256').update(sql).digest('hex')
      const before = ran.get(name)
      if (before === checksum) continue
      if (before) throw new Error(`Migration ${source}/${name} was changed after it had run: add a new file instead.`)
      await tx.unsafe(sql)
      await tx`insert into migrations (source, name, checksum) values (${source}, ${name}, ${checksum})`
    }
  })
}
