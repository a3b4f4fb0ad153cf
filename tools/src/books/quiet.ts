import { setTimeout as sleep } from 'node:timers/promises'
import { serviceNames } from '@mart/contracts/services'
import { countUnconsumed } from '@mart/local/unconsumed'
import type { EventLog } from '@mart/service-kit/event-log'
import type { AuditedDatabase, AuditedDatabases } from './audited-databases.ts'

const LOOK_EVERY_MS = 300

interface Commotion {
  /** Events in an outbox, or in the log and not heard by somebody yet. */
  readonly events: number
  /** Orders that wait for an answer of ours: not for a person, the provider or the courier. */
  readonly orders: number
  /** Mails that are due. */
  readonly mails: number
}

async function commotion(databases: AuditedDatabases, log: EventLog): Promise<Commotion> {
  const [unsent, unheard, orders, calls, mails] = await Promise.all([
    Promise.all(serviceNames.map((name) => count(databases[name], 'select count(*) as n from outbox'))),
    countUnconsumed(log),
    count(databases.order, `select count(*) as n from orders where status = 'placed'`),
    count(
      databases.payment,
      `select count(*) as n from provider_calls c left join refunds r on r.id = c.refund_id
       where (c.kind in ('open', 'end') and c.due_at < now()) or r.status in ('requested', 'calling')`,
    ),
    count(
      databases.notification,
      `select count(*) as n from messages where status = 'pending' and recipient is not null and due_at < now()`,
    ),
  ])
  return { events: unsent.reduce((sum, n) => sum + n, 0) + unheard, orders: orders + calls, mails }
}

const isQuiet = ({ events, orders, mails }: Commotion) => events + orders + mails === 0

/** Waits until nothing moves any more, twice in a row. False when that did not happen within `patienceMs`. */
export async function becomesQuiet(databases: AuditedDatabases, log: EventLog, patienceMs: number): Promise<boolean> {
  const end = Date.now() + patienceMs
  for (let quietLooks = 0; Date.now() < end; await sleep(LOOK_EVERY_MS)) {
    quietLooks = isQuiet(await commotion(databases, log)) ? quietLooks + 1 : 0
    if (quietLooks === 2) return true
  }
  return false
}

async function count(database: AuditedDatabase, query: string): Promise<number> {
  const [row] = await database.unsafe<{ n: number }[]>(query)
  return row?.n ?? 0
}
