import type { ServiceName } from '@mart/contracts/services'
import postgres from 'postgres'

export type Ledger = postgres.Sql<{ int8: number }>
export type Ledgers = Record<ServiceName, Ledger>

/** Opens all databases for reading: no statement through these can change anything. */
export function openLedgers(urls: Readonly<Record<ServiceName, string>>): Ledgers & { close: () => Promise<void> } {
  const open = (url: string): Ledger =>
    postgres(url, {
      max: 2,
      onnotice: () => undefined,
      types: { int8: { to: 20, from: [20], parse: Number, serialize: String } },
      connection: { application_name: 'books', default_transaction_read_only: true },
    })
  const ledgers: Ledgers = {
    user: open(urls.user),
    product: open(urls.product),
    order: open(urls.order),
    inventory: open(urls.inventory),
    payment: open(urls.payment),
    notification: open(urls.notification),
  }
  const close = async () => {
    await Promise.all(Object.values(ledgers).map((ledger) => ledger.end({ timeout: 5 })))
  }
  return { ...ledgers, close }
}

export const speakers: readonly ServiceName[] = ['user', 'product', 'order', 'inventory', 'payment', 'notification']
