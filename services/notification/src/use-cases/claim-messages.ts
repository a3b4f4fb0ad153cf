import type { Transaction } from '@mart/service-kit/postgres'
import { beyondLimit } from '@mart/service-kit/unproven-mails'
import { allowanceOf, countRecent } from '../allowance-store.ts'
import { type DueMessage, skuKeyOf } from '../message.ts'
import { findRecipients, lockDue, saveClaimed, skip } from '../message-store.ts'
import { lockOut } from '../stock-alerts/sku-store.ts'
import { putBackAlerts } from '../stock-alerts/stock-alert-store.ts'

/**
 * Takes messages whose turn it is, for as long as the lease holds; other workers pass over them. What would be too many
 * for an address that is not proven is skipped, unless staff asked for it.
 */
export async function claimMessages(
  tx: Transaction,
  { atMost, leaseMs }: { atMost: number; leaseMs: number },
): Promise<{ mails: DueMessage[]; mayBeMore: boolean }> {
  await findRecipients(tx)
  const locked = await lockDue(tx, atMost)
  if (locked.length === 0) return { mails: [], mayBeMore: false }
  const due = await withoutSoldOut(tx, locked)
  const limited = due.filter((message) => !message.is_proven && !message.by_staff && message.recipient !== null)
  const beyond = beyondLimit(limited, { allowanceOf, before: await countRecent(tx, limited) })
  const mails = due.filter((message) => !beyond.has(message))
  await skip(tx, [...beyond], 'unproven_limit')
  await saveClaimed(tx, mails, leaseMs)
  return { mails, mayBeMore: locked.length === atMost }
}

/** What is sold out again before its mail has gone is waited for again. */
async function withoutSoldOut(tx: Transaction, due: readonly DueMessage[]): Promise<DueMessage[]> {
  const skus = due.flatMap((message) => (message.by_staff ? [] : (skuKeyOf(message) ?? [])))
  const out = await lockOut(tx, skus)
  const soldOut = due.filter((message) => !message.by_staff && out.has(skuKeyOf(message) ?? ''))
  if (soldOut.length === 0) return [...due]
  await skip(tx, soldOut, 'sold_out_again')
  await putBackAlerts(
    tx,
    soldOut.map((message) => ({ ...message, sku_key: skuKeyOf(message)!, email: message.recipient ?? '' })),
  )
  return due.filter((message) => !soldOut.includes(message))
}
