import type { PreferencesShape } from '@mart/contracts/http/notification-shapes'
import { Refusal } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import { putPreferences } from '../person-store.ts'

/** Throws Refusal 403 for a person that was erased. */
export async function savePreferences(
  tx: Transaction,
  personId: string,
  preferences: PreferencesShape,
): Promise<PreferencesShape> {
  const isSaved = await putPreferences(tx, personId, preferences)
  if (!isSaved) throw new Refusal(403, 'account_erased', 'This account was erased.')
  return preferences
}
