import type { ServiceName } from '@mart/contracts/services'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import type { KafkaSettings } from '@mart/service-kit/kafka-settings'
import { createLogger } from '@mart/service-kit/logger'
import { readAuditRecords } from './audit-records.ts'
import { openAuditedDatabases } from './audited-databases.ts'
import { checks } from './promises.ts'
import { becomesQuiet } from './quiet.ts'

interface Finding {
  readonly promise: string
  readonly says: string
  /** What speaks against it, a line each. */
  readonly faults: readonly string[]
}

/** The mart whose books are read, whatever runs it. */
export interface MartBooked {
  readonly databaseUrls: Readonly<Record<ServiceName, string>>
  /** postgres:// for the embedded log, kafka:// for Kafka. */
  readonly eventLogUrl: string
  /** What a Kafka asks for beside its address. */
  readonly kafkaSettings?: KafkaSettings
}

export interface Books {
  /** Every promise holds. */
  readonly hold: boolean
  /** What still moved, a line each: when anything did, only what was untouched for 10 s was judged. */
  readonly moving: readonly string[]
  readonly orders: number
  readonly findings: readonly Finding[]
}

/**
 * Reads the six databases of a running mart and says, promise by promise, whether they hold. Waits up to `patienceMs`
 * for quiet first: until nothing is under way, in the event log neither.
 */
export async function checkBooks(
  { databaseUrls, eventLogUrl, kafkaSettings }: MartBooked,
  { patienceMs = 60_000 } = {},
): Promise<Books> {
  const databases = openAuditedDatabases(databaseUrls)
  const log = await connectEventLog(eventLogUrl, {
    clientName: 'books',
    logger: createLogger('books', 'silent'),
    ...(kafkaSettings && { kafka: kafkaSettings }),
  })
  try {
    const moving = await becomesQuiet(databases, log, patienceMs)
    const records = await readAuditRecords(databases, moving.length === 0 ? null : '10 s')
    const findings: Finding[] = []
    for (const { promise, says, check } of checks) {
      findings.push({ promise, says, faults: await check(databases, records) })
    }
    return { hold: findings.every(({ faults }) => faults.length === 0), moving, orders: records.orders.size, findings }
  } finally {
    await Promise.all([databases.close(), log.close()])
  }
}

/** The books for people: a line for each promise, and the first faults of those that do not hold. */
export function printBooks({ hold, moving, orders, findings }: Books, print: (line: string) => void): void {
  const quiet = moving.length === 0
  print(
    `The books of ${orders} orders${quiet ? '' : ' that nothing touched for 10 s (the mart does not come to rest)'}`,
  )
  for (const line of moving) print(`  … ${line}`)
  for (const { promise, says, faults } of findings) {
    print(`  ${faults.length === 0 ? '✓' : '✗'} ${promise}: ${says}`)
    for (const fault of faults.slice(0, 5)) print(`      ${fault}`)
    if (faults.length > 5) print(`      … and ${faults.length - 5} more`)
  }
  print(hold ? 'They hold.' : 'They do NOT hold.')
}
