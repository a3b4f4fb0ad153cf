import { forgetAnswersOf } from '@mart/service-kit/idempotency'
import type { Transaction } from '@mart/service-kit/postgres'
import { erase } from '../person-store.ts'

/** The books stay, the person goes. */
export async function erasePerson(tx: Transaction, userId: string, erasedAt: string): Promise<void> {
  await erase(tx, userId, erasedAt)
  await forgetAnswersOf(tx, userId)
}
