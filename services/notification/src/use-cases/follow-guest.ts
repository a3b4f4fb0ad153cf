import type { Transaction } from '@mart/service-kit/postgres'
import { blankMessages, blankMessagesAbout, giveMessages } from '../message-store.ts'
import { recentlyErased } from '../person-store.ts'

/** A guest's order is this person's now, and so is what was written about it. */
export async function giveGuestMessages(tx: Transaction, orderId: string, personId: string): Promise<void> {
  await giveMessages(tx, orderId, personId)
  if ((await recentlyErased(tx)).includes(personId)) await blankMessages(tx, [personId])
}

/** Blanks what names the guest, and cancels what was not sent yet. */
export const forgetGuest = (tx: Transaction, orderId: string): Promise<void> => blankMessagesAbout(tx, orderId)
