import type { Transaction } from '@mart/service-kit/postgres'
import { erase } from '../person-store.ts'

/** The books stay, the person goes. */
export const erasePerson = (tx: Transaction, userId: string, erasedAt: string): Promise<void> =>
  erase(tx, userId, erasedAt)
