import type { Transaction } from '@mart/service-kit/postgres'

export interface TaskHands {
  readonly taken_by: string | null
  readonly done_at: Date | null
}

export async function lockTask(tx: Transaction, id: string): Promise<TaskHands | null> {
  const [task] = await tx<TaskHands[]>`select taken_by, done_at from refund_tasks where id = ${id} for update`
  return task ?? null
}

export async function takeTask(tx: Transaction, id: string, by: string): Promise<void> {
  await tx`update refund_tasks set taken_by = ${by}, taken_at = now() where id = ${id}`
}
