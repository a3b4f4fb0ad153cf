import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { MartFault } from '@mart/service-kit/fault'
import postgres from 'postgres'
import type { PostgresServer } from './postgres-server.ts'

export type DatabaseName = `mart_${ServiceName}` | 'event_log'
export const databaseNames: readonly DatabaseName[] = [
  ...serviceNames.map((name) => `mart_${name}` as const),
  'event_log',
]

export type DatabaseUrls = Record<ServiceName, string> & {
  /** The event log as its owner, and as each service's role. */
  readonly eventLog: Record<ServiceName | 'owner', string>
}

export type DatabasePasswords = Readonly<Record<DatabaseName, string>>

/**
 * A role and a database of its own for each service, which no other service's role can open, and one for the event log,
 * which all may. Run again, it changes nothing but the passwords. Throws MartFault when the superuser is not let in.
 */
export async function prepareDatabases(
  server: Pick<PostgresServer, 'port' | 'superuserUrl'>,
  passwords: DatabasePasswords,
): Promise<DatabaseUrls> {
  const db = postgres(server.superuserUrl, { max: 1, onnotice: () => undefined })
  try {
    const known = new Set((await db`select rolname from pg_roles`).map((row) => row['rolname']))
    const made = new Set((await db`select datname from pg_database`).map((row) => row['datname']))
    await db`revoke connect, temporary on database postgres, template1 from public`
    for (const name of databaseNames) {
      await db.unsafe(`${known.has(name) ? 'alter' : 'create'} role ${name} login password '${passwords[name]}'`)
      if (!made.has(name)) await db.unsafe(`create database ${name} owner ${name}`)
      await db.unsafe(`revoke all on database ${name} from public`)
    }
    await db.unsafe(`grant connect on database event_log to ${serviceNames.map((name) => `mart_${name}`).join(', ')}`)
  } catch (error) {
    if ((error as { code?: string }).code !== '28P01') throw error
    throw new MartFault("PostgreSQL's folder and secrets.json do not belong together: the superuser is not let in.")
  } finally {
    await db.end()
  }
  await addSearchExtensions(server)
  return databaseUrls(server.port, passwords)
}

/** The addresses of the databases of a server on this machine. */
export function databaseUrls(port: number, passwords: DatabasePasswords): DatabaseUrls {
  const url = (role: DatabaseName, database: DatabaseName) =>
    `postgres://${role}:${encodeURIComponent(passwords[role])}@127.0.0.1:${port}/${database}`
  const ofServices = (database?: DatabaseName) =>
    Object.fromEntries(serviceNames.map((name) => [name, url(`mart_${name}`, database ?? `mart_${name}`)])) as Record<
      ServiceName,
      string
    >
  return {
    ...ofServices(),
    eventLog: { ...ofServices('event_log'), owner: url('event_log', 'event_log') },
  }
}

async function addSearchExtensions({ superuserUrl }: Pick<PostgresServer, 'superuserUrl'>): Promise<void> {
  const db = postgres(superuserUrl, { database: 'mart_product', max: 1, onnotice: () => undefined })
  try {
    for (const extension of ['pg_trgm', 'unaccent', 'btree_gin'])
      await db.unsafe(`create extension if not exists ${extension}`)
  } finally {
    await db.end()
  }
}
