import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { conflict, Refusal, type RefusalDetails } from './errors.ts'
import { askerOf } from './people.ts'
import { type Database, inTransaction, type Queryable, type Transaction } from './postgres.ts'

/** A kept answer that is older leaves its key free. */
export const RESPONSES_STORED_FOR = '24 hours'

export interface IdempotencyScope {
  /** User, method and path. */
  readonly scope: string
  readonly key: string
  readonly bodyHash: string
}

/**
 * The request's Idempotency-Key with what it holds for, `asker` being whose it is; null when none was sent. Throws Refusal
 * 400 for a bad one.
 */
export function idempotencyOf(request: FastifyRequest, asker = askerOf(request)): IdempotencyScope | null {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key !== 'string' || key.length === 0 || key.length > 255) {
    throw new Refusal(400, 'bad_idempotency_key', 'Idempotency-Key must be one value of 1 to 255 characters.')
  }
  const path = request.url.split('?')[0]!
  return {
    scope: `${asker} ${request.method} ${path}`,
    key,
    bodyHash: createHash('sha256')
      .update(JSON.stringify(request.body ?? null))
      .digest('base64'),
  }
}

/**
 * Runs `work` in one transaction and answers with `status` and what it returns. With an Idempotency-Key the answer is
 * kept for 24 hours in that same transaction: the same request again gets it without doing anything (marked by
 * `Idempotency-Replayed`), another body is refused with 422, and one that still runs with 409.
 */
export async function runIdempotently<Answer>(
  { db, request, reply, status }: { db: Database; request: FastifyRequest; reply: FastifyReply; status: number },
  work: (tx: Transaction) => Promise<Answer>,
): Promise<Answer> {
  const idempotency = idempotencyOf(request)
  reply.code(status)
  if (!idempotency) return await inTransaction(db, work)
  return await inTransaction(db, async (tx) => {
    const { scope, key, bodyHash } = idempotency
    // Ends with the transaction, so also with the process: "still running" can't outlive its runner.
    const [lock] = await tx<{ got: boolean }[]>`
      select pg_try_advisory_xact_lock(hashtextextended(${`${scope} ${key}`}, 0)) as got`
    if (!lock?.got) throw stillRunning()
    const kept = await storedResponse(tx, idempotency)
    if (kept?.isOther) throw keyReused()
    if (kept) {
      reply.code(kept.status).header('idempotency-replayed', 'true')
      return JSON.parse(kept.answer) as Answer
    }
    const answer = await work(tx)
    await tx`
      insert into idempotency_keys (scope, key, body_hash, status, answer)
      values (${scope}, ${key}, ${bodyHash}, ${status}, ${JSON.stringify(answer ?? null)})
      on conflict (scope, key) do update
      set body_hash = excluded.body_hash, status = excluded.status, answer = excluded.answer, answered_at = now()`
    return answer
  })
}

export const stillRunning = (): Refusal =>
  conflict('idempotency_key_in_use', 'A request with this Idempotency-Key is still running.', {
    headers: { 'retry-after': '1' },
  })

/** What was answered to this request before; `isOther`: to another body with the same key. */
export async function storedResponse(
  db: Queryable,
  { scope, key, bodyHash }: IdempotencyScope,
): Promise<{ status: number; answer: string; isOther: boolean } | null> {
  const [kept] = await db<{ body_hash: string; status: number; answer: string }[]>`
    select body_hash, status, answer from idempotency_keys
    where scope = ${scope} and key = ${key} and answered_at > now() - ${RESPONSES_STORED_FOR}::interval`
  return kept ? { status: kept.status, answer: kept.answer, isOther: kept.body_hash !== bodyHash } : null
}

export const keyReused = (more: RefusalDetails['more'] = {}): Refusal =>
  new Refusal(422, 'idempotency_key_reused', 'This Idempotency-Key was used with another body.', { more })

/**
 * Forgets what was answered to this person, and what was answered to others about an order or payment of his, in the
 * transaction that erases him. A key that is used again after it is a new request.
 */
export async function deleteResponsesOf(tx: Transaction, personId: string): Promise<void> {
  await tx`
    delete from idempotency_keys
    where starts_with(scope, ${`${personId} `}) or position(${`"customer_id":"${personId}"`} in answer) > 0`
}

/** Forgets every answer that names one of these ids. */
export async function deleteResponsesAbout(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx`
    delete from idempotency_keys
    where exists (select from unnest(${[...ids]}::text[]) id where position(id in answer) > 0)`
}

/** Forgets the answers that are older than 24 hours. */
export async function deleteOldResponses(db: Database): Promise<void> {
  await db`delete from idempotency_keys where answered_at < now() - ${RESPONSES_STORED_FOR}::interval`
}
