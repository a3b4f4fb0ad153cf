import type { Transaction } from '@mart/service-kit/postgres'
import type { ImportRow } from '../import-rows.ts'
import { addRows, dropForgottenRows, dropRows } from '../import-store.ts'

/** Puts rows of a file where its import will find them. */
export const stageRows = (tx: Transaction, importId: string, rows: readonly ImportRow[]): Promise<void> =>
  addRows(tx, importId, rows)

/** Takes the rows of an import away, whatever became of it. */
export const unstageRows = (tx: Transaction, importId: string): Promise<void> => dropRows(tx, importId)

export const unstageForgotten = (tx: Transaction): Promise<void> => dropForgottenRows(tx)
