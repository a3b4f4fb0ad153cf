import type { Accounts, OrderAccount } from './accounts.ts'
import type { Ledger, Ledgers } from './ledgers.ts'

/** A promise as a question to the databases. */
export interface Check {
  readonly promise: string
  readonly says: string
  /** What speaks against it, a line each. */
  readonly check: (ledgers: Ledgers, accounts: Accounts) => Promise<readonly string[]> | readonly string[]
}

/** The lines of a query that looks for what must not be. */
export const faultsOf = async (ledger: Ledger, query: string): Promise<string[]> =>
  (await ledger.unsafe<{ fault: string }[]>(query)).map((row) => row.fault)

export const eachOrder = ({ orders }: Accounts, faultIn: (order: OrderAccount) => string | null): string[] =>
  [...orders.values()].flatMap((order) => {
    const fault = faultIn(order)
    return fault ? [`order ${order.id} (${order.status}): ${fault}`] : []
  })

export const goodsLeft: ReadonlySet<string> = new Set(['shipped', 'delivered', 'undelivered'])
