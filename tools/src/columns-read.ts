import type { ServiceName } from '@mart/contracts/services'

/** Columns of a table, by their names. */
type Tables = Readonly<Record<string, readonly string[]>>

const ofEachService: Tables = {
  outbox: ['said_at'],
  parked: ['dropped_at', 'error', 'event_type', 'id'],
  refused_keys: ['key_id'],
}

/**
 * What is read in the services' databases by others than their service: the books, `npm run rotate-keys` and the bench. It
 * is as public as a route, so a migration that takes one of these away changes the readers too: tests/columns-read.test.ts
 * lets them read these columns and no other.
 */
export const columnsRead: Readonly<Record<ServiceName, Tables>> = {
  user: { ...ofEachService, jwks: ['id', 'signs_from'] },
  product: ofEachService,
  order: {
    ...ofEachService,
    orders: [
      ...['id', 'status', 'payment_method', 'total', 'currency', 'refunding', 'lines', 'subtotal', 'shipping'],
      ...['history_count', 'placed_at', 'updated_at'],
    ],
    returns: ['id', 'order_id', 'status', 'received', 'refund', 'refunded'],
    order_history: ['order_id', 'n', 'what', 'at', 'cause_event_id'],
    idempotency_keys: ['scope', 'key', 'answer'],
  },
  inventory: {
    ...ofEachService,
    stock: ['sku', 'on_hand', 'reserved'],
    movements: ['sku', 'delta', 'by'],
    reservations: ['order_id', 'sku', 'quantity', 'state'],
  },
  payment: {
    ...ofEachService,
    payments: [
      ...['id', 'order_id', 'method', 'status', 'amount', 'currency', 'refunded'],
      ...['collected', 'handed_in_at'],
    ],
    attempts: ['id', 'payment_id', 'method', 'status', 'session_id', 'url', 'refunded_there'],
    refunds: ['id', 'payment_id', 'attempt_id', 'status', 'amount', 'provider_refund_id', 'return_id'],
    refund_tasks: ['refund_id', 'done_at'],
    ledger: ['transaction_id', 'payment_id', 'refund_id', 'account', 'amount', 'currency'],
    provider_calls: ['kind', 'refund_id', 'due_at'],
    reconciliations: ['id', 'finished_at'],
    reconciliation_findings: ['reconciliation_id', 'kind', 'attempt_id', 'method', 'detail'],
  },
  notification: {
    ...ofEachService,
    messages: ['order_id', 'kind', 'status', 'recipient', 'due_at', 'queued_at'],
  },
}
