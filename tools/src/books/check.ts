import type { AuditedOrder, AuditRecords } from './audit-records.ts'
import type { AuditedDatabase, AuditedDatabases } from './audited-databases.ts'

/** A promise as a question to the databases. */
export interface Check {
  readonly promise: string
  readonly says: string
  /** What speaks against it, a line each. */
  readonly check: (databases: AuditedDatabases, records: AuditRecords) => Promise<readonly string[]> | readonly string[]
}

/** The lines of a query that looks for what must not be. */
export const faultsOf = async (database: AuditedDatabase, query: string): Promise<string[]> =>
  (await database.unsafe<{ fault: string }[]>(query)).map((row) => row.fault)

export const eachOrder = ({ orders }: AuditRecords, faultIn: (order: AuditedOrder) => string | null): string[] =>
  [...orders.values()].flatMap((order) => {
    const fault = faultIn(order)
    return fault ? [`order ${order.id} (${order.status}): ${fault}`] : []
  })

export const goodsLeft: ReadonlySet<string> = new Set(['shipped', 'delivered', 'undelivered'])
