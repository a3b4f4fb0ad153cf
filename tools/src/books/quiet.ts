import { setTimeout as sleep } from 'node:timers/promises'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { countUnconsumed } from '@mart/local/unconsumed'
import type { EventLog } from '@mart/service-kit/event-log'
import type { AuditedDatabase, AuditedDatabases } from './audited-databases.ts'

const LOOK_EVERY_MS = 300

/** What waits for us and not for a person, the provider or the courier: each kind in the database of its service. */
const waiting: readonly { readonly of: ServiceName; readonly what: string; readonly query: string }[] = [
  ...serviceNames.map((of) => ({ of, what: 'events in the outbox', query: 'select count(*) as n from outbox' })),
  { of: 'order', what: 'orders placed', query: `select count(*) as n from orders where status = 'placed'` },
  {
    of: 'payment',
    what: 'calls of a provider due',
    query: `select count(*) as n from provider_calls c left join refunds r on r.id = c.refund_id
            where (c.kind in ('open', 'end') and c.due_at < now()) or r.status in ('requested', 'calling')`,
  },
  {
    of: 'notification',
    what: 'mails due',
    query: `select count(*) as n from messages
            where status = 'pending' and recipient is not null and due_at < now()`,
  },
]

/** A line for each kind of thing that still moves; none when all is quiet. */
async function whatMoves(databases: AuditedDatabases, log: EventLog): Promise<string[]> {
  const [unconsumed, counts] = await Promise.all([
    countUnconsumed(log),
    Promise.all(waiting.map(async ({ of, query }) => await count(databases[of], query))),
  ])
  return [
    ...[...unconsumed].map(([service, n]) => `${service}: ${n} events in the log not consumed`),
    ...waiting.map(({ of, what }, index) => `${of}: ${counts[index]} ${what}`).filter((_, index) => counts[index]! > 0),
  ]
}

/** Waits until nothing moves any more, twice in a row. Resolves with what still does after `patienceMs`, a line each. */
export async function becomesQuiet(
  databases: AuditedDatabases,
  log: EventLog,
  patienceMs: number,
): Promise<readonly string[]> {
  const end = Date.now() + patienceMs
  for (let quietLooks = 0; ; await sleep(LOOK_EVERY_MS)) {
    const moves = await whatMoves(databases, log)
    quietLooks = moves.length === 0 ? quietLooks + 1 : 0
    if (quietLooks === 2 || (Date.now() > end && moves.length > 0)) return moves
  }
}

async function count(database: AuditedDatabase, query: string): Promise<number> {
  const [row] = await database.unsafe<{ n: number }[]>(query)
  return row?.n ?? 0
}
