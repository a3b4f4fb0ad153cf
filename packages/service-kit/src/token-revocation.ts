import type { EventDefinition } from '@mart/contracts/events/define-event'
import type { Person } from './auth.ts'
import { type EventHandler, onBatch } from './handlers.ts'
import type { Logger } from './logger.ts'
import type { Database, Transaction } from './postgres.ts'
import type { Work } from './workers.ts'

// The longest life of a token, what clocks may differ, and a margin.
const KEPT_FOR = '20 minutes'

/** Whose token, and which. */
type Holder = Pick<Person, 'id' | 'issuedAt' | 'signedBy'>

export interface RevokedTokens {
  /** Whether this token was issued before its person's tokens were ended, or by a key that was revoked. */
  readonly isRevoked: (person: Holder) => boolean
  /** Calls `act` once when this token has ended, at once if it has already. Returns how to call that off. */
  readonly whenRevoked: (person: Holder, act: () => void) => () => void
  /** Keeps what is in memory as the table is: told by the database, and looking every second. */
  readonly work: Work
}

/**
 * Hears events after which tokens are refused: those that name `revokesTokensAt`, older ones of the person who is their key;
 * those that name `revokesTokensBy`, all that were signed by that key.
 */
export function revokeTokensOn(...events: readonly EventDefinition[]): EventHandler[] {
  return events.map((event) => {
    const { revokesTokensAt: field, revokesTokensBy: signer } = event
    if (signer) {
      return onBatch(event, (tx, heard) =>
        revokeKeys(
          tx,
          heard.map(({ data }) => (data as Named)[signer]!),
        ),
      )
    }
    if (!field) throw new Error(`${event.type} does not say which tokens end`)
    return onBatch(event, (tx, heard) =>
      revokeTokens(
        tx,
        heard.map(({ data }) => ({ personId: (data as Named)[event.key]!, at: (data as Named)[field]! })),
      ),
    )
  })
}

type Named = Readonly<Record<string, string>>

/** Ends the tokens of these persons that were issued until `at` (a time in RFC 3339), here and in every replica. */
async function revokeTokens(tx: Transaction, ends: readonly { personId: string; at: string }[]): Promise<void> {
  await tx`
    select end_tokens(${ends.map(({ personId }) => personId)}::text[], ${ends.map(({ at }) => at)}::timestamptz[])`
}

/** Refuses every token that one of these keys signed or will sign, here and in every replica, for ever. */
export async function revokeKeys(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx`select refuse_keys(${ids}::text[])`
}

/** Whose tokens were ended lately and which keys are refused, held in memory: a verified token costs no query. */
export async function watchRevokedTokens(db: Database, logger: Logger): Promise<RevokedTokens> {
  let ends = new Map<string, number>()
  let revokedKeys = new Set<string>()
  const waiting = new Set<{ person: Holder; act: () => void }>()
  const isRevoked = ({ id, issuedAt, signedBy }: Holder) => issuedAt <= (ends.get(id) ?? 0) || revokedKeys.has(signedBy)
  const tell = () => {
    for (const one of waiting) {
      if (!isRevoked(one.person)) continue
      waiting.delete(one)
      one.act()
    }
  }
  const load = async () => {
    const rows = await db<{ id: string; ended_at: Date | null }[]>`
      select person_id as id, ended_at from ended_tokens where ended_at > now() - ${KEPT_FOR}::interval
      union all select key_id, null from refused_keys`
    ends = new Map(rows.flatMap(({ id, ended_at }) => (ended_at ? [[id, ended_at.getTime() / 1000]] : [])))
    revokedKeys = new Set(rows.flatMap(({ id, ended_at }) => (ended_at ? [] : id)))
    tell()
  }
  await load()
  return {
    isRevoked,
    whenRevoked(person, act) {
      const one = { person, act }
      waiting.add(one)
      tell()
      return () => waiting.delete(one)
    },
    work: {
      name: 'ended-tokens',
      everyMs: 1_000,
      run: load,
      onReady(wake) {
        db.listen('ended_tokens', wake, wake).catch((error: unknown) =>
          logger.warn({ err: error }, 'ended tokens are looked for every second only'),
        )
      },
    },
  }
}

/** Forgets ends that no living token is older than. */
export async function deleteOldRevocations(db: Database): Promise<void> {
  await db`delete from ended_tokens where ended_at < now() - ${KEPT_FOR}::interval`
}
