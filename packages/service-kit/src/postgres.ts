import postgres from 'postgres'

type Types = { int8: number }
export type Database = postgres.Sql<Types>

declare const insideTransaction: unique symbol

/** Only `inTransaction` hands one out, so a function that asks for it cannot write outside a transaction. */
export type Transaction = postgres.TransactionSql<Types> & { readonly [insideTransaction]: true }

/** A part of a statement. */
export type Fragment = postgres.Fragment

/** Where a read may run: on the pool, or inside a transaction to see its own writes. */
export type Queryable = Database | Transaction

const IDLE_S = 30

/**
 * A pool of at most `max` connections. Counts and amounts (int8) come as numbers; one beyond 2^53 throws RangeError.
 * The time-outs keep a hung process from holding a row lock for long.
 */
export function connectDatabase(url: string, options: { max: number; applicationName: string }): Database {
  return postgres(url, {
    max: options.max,
    connect_timeout: 5,
    // A session holds some 5 MB in the server. The one used last is used next, so the others close when it gets quiet.
    idle_timeout: IDLE_S,
    // Seconds before a lost connection is made anew; the driver's own grow to 20, long after the database is back.
    backoff: (failures: number) => Math.min(1, 0.02 * 2 ** failures),
    onnotice: () => {},
    types: { int8: { to: 20, from: [20], parse: safeInteger, serialize: String } },
    connection: {
      application_name: options.applicationName,
      statement_timeout: 15_000,
      lock_timeout: 10_000,
      idle_in_transaction_session_timeout: 15_000,
    },
  }) as Database
}

/** Runs `work` in one transaction: all of it happens, or, when it throws, nothing. */
export async function inTransaction<Result>(db: Database, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  let transaction: Transaction | undefined
  const result = (await db.begin((tx) => {
    transaction = tx as Transaction
    return work(transaction)
  })) as Result
  for (const act of (transaction && afterCommit.get(transaction)) ?? []) act(db)
  return result
}

/**
 * Sends statements of one transaction without waiting for an answer in between. They go over its one connection, so they
 * run in the order given, each after the one before it has ended. The first failure is thrown, and nothing that comes
 * after it is done. Each part begins with its statement: what it waits for first would let the next one overtake it.
 */
export async function pipelined<Results extends readonly unknown[]>(
  ...parts: { readonly [Part in keyof Results]: () => PromiseLike<Results[Part]> }
): Promise<Results> {
  return (await Promise.all(parts.map(async (part) => await part()))) as unknown as Results
}

const afterCommit = new WeakMap<Transaction, Set<(db: Database) => void>>()

/** Runs `act` once `tx` has committed to `db`; never when it rolls back. For wake-ups and counts only: a crash loses it. */
export function onceCommitted(tx: Transaction, act: (db: Database) => void): void {
  const acts = afterCommit.get(tx)
  if (acts) acts.add(act)
  else afterCommit.set(tx, new Set([act]))
}

const connectionFaults = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // A container that is being restarted has no name for a while.
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
])

/**
 * True for what trying again can mend: connection, deadlock, time-outs, resources, shutdown, a database that only reads
 * (SQLSTATE 08 25006 25P03 40 53 55P03 57 58).
 */
export function isPassingFault(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code !== 'string') return false
  return connectionFaults.has(code) || /^(25006|25P03|55P03|(08|40|53|57|58)...)$/.test(code)
}

/** True when another transaction stood in the way: deadlock, serialization failure, a lock not granted (SQLSTATE 40 55P03). */
export const isCollision = (error: unknown): boolean =>
  /^(40...|55P03)$/.test(String((error as { code?: unknown } | null)?.code))

/**
 * True for a passing fault that may lie in the rows asked for while the database serves everybody else: a lock not granted,
 * a collision, a statement that takes too long (SQLSTATE 25P03 40 55P03 57014).
 */
export const isFaultOfRows = (error: unknown): boolean =>
  isCollision(error) || /^(25P03|57014)$/.test(String((error as { code?: unknown } | null)?.code))

/** The constraint that a failed statement broke, if that is why it failed. */
export function brokenConstraint(error: unknown): string | undefined {
  const { code, constraint_name } = (error ?? {}) as { code?: string; constraint_name?: string }
  return code?.startsWith('23') ? constraint_name : undefined
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond exact arithmetic`)
  return value
}
