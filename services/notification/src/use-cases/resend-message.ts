import { conflict, notFound } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import { traceparentFor } from '@mart/service-kit/tracing'
import { copyMessage, lockMessage } from '../message-store.ts'

/** Queues a message again, as a new one: its mail has an id of its own, or the mailbox would drop it as seen. */
export async function resendMessage(tx: Transaction, id: string): Promise<string> {
  const message = await lockMessage(tx, id)
  if (!message) throw notFound('message')
  if (message.is_blank) throw conflict('person_erased', 'The person that it was written to was erased.')
  if (message.status === 'pending') throw conflict('still_pending', 'It is still on its way.')
  return await copyMessage(tx, id, traceparentFor(id))
}
