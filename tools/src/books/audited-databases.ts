import type { ServiceName } from '@mart/contracts/services'
import postgres from 'postgres'

export type AuditedDatabase = postgres.Sql<{ int8: number }>
export type AuditedDatabases = Record<ServiceName, AuditedDatabase>

/** Opens all databases for reading: no statement through these can change anything. */
export function openAuditedDatabases(
  urls: Readonly<Record<ServiceName, string>>,
): AuditedDatabases & { close: () => Promise<void> } {
  const open = (url: string): AuditedDatabase =>
    postgres(url, {
      max: 2,
      onnotice: () => undefined,
      types: { int8: { to: 20, from: [20], parse: Number, serialize: String } },
      connection: { application_name: 'books', default_transaction_read_only: true },
    })
  const databases: AuditedDatabases = {
    user: open(urls.user),
    product: open(urls.product),
    order: open(urls.order),
    inventory: open(urls.inventory),
    payment: open(urls.payment),
    notification: open(urls.notification),
  }
  const close = async () => {
    await Promise.all(Object.values(databases).map((database) => database.end({ timeout: 5 })))
  }
  return { ...databases, close }
}
