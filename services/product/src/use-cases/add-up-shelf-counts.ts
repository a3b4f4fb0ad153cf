import type { Transaction } from '@mart/service-kit/postgres'
import { addUpCounts } from '../listing-store.ts'

export const addUpShelfCounts = (tx: Transaction): Promise<void> => addUpCounts(tx)
