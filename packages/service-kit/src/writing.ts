import { Gauge } from 'prom-client'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { type Database, inTransaction } from './postgres.ts'
import type { Work } from './workers.ts'

const LOOK_EVERY_MS = 2_000
const LOOKS_BETWEEN_PROBES = 5
/** A disk that is nearly full takes one write and refuses the next. */
const CALM_MS = 6_000

const reasons: Readonly<Record<string, string>> = {
  '53100': 'the disk of the database is full',
  '25006': 'the database takes no writes, it only reads',
}

/** Why nothing can be written, when an error says so (SQLSTATE 25006 53100 58), else null. */
export function writeFault(error: unknown): string | null {
  const code = String((error as { code?: unknown } | null)?.code)
  if (reasons[code]) return reasons[code]
  return /^58...$/.test(code) ? `the disk of the database does not work (${code})` : null
}

export interface Writing {
  /** Why writes fail; null while they work. */
  readonly failure: () => string | null
  /** Told of errors as they happen: one that says that nothing can be written counts. */
  readonly note: (error: unknown) => void
  /** Probes, and finds out that writing works again. */
  readonly work: Work
}

/** Watches whether the database takes writes; says so in the log when that changes, not for each write. */
export function watchWriting(db: Database, logger: Logger, { registry }: Metrics): Writing {
  let failure: string | null = null
  let failedAt = 0
  let looks = 0
  new Gauge({
    name: 'database_writes_failing',
    help: '1 while the database takes no writes: its disk is full or fails, or it only reads',
    registers: [registry],
    collect() {
      this.set(failure === null ? 0 : 1)
    },
  })
  const note = (error: unknown) => {
    const reason = writeFault(error)
    if (reason === null) return
    failedAt = Date.now()
    if (reason !== failure) logger.error({ err: error }, `writing fails: ${reason}`)
    failure = reason
  }
  return {
    failure: () => failure,
    note,
    work: {
      name: 'write probe',
      everyMs: LOOK_EVERY_MS,
      async run() {
        looks += 1
        if (failure === null && looks % LOOKS_BETWEEN_PROBES !== 1) return
        await probe(db).then(() => {
          if (failure === null || Date.now() - failedAt < CALM_MS) return
          logger.info('writing works again')
          failure = null
        }, note)
      },
    },
  }
}

/** Makes files grow by some 130 kB and drops them again. */
async function probe(db: Database): Promise<void> {
  await inTransaction(db, async (tx) => {
    await tx`set local lock_timeout = 1000`
    await tx`truncate write_probe`
    await tx`insert into write_probe (filling) values (repeat('x', 131072))`
    await tx`truncate write_probe`
  })
}
