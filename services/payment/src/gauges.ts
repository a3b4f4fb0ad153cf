import { defineGauges } from '@mart/service-kit/metrics'
import type { Service } from '@mart/service-kit/start-service'
import type { Config } from './config.ts'
import { readReconciliationState } from './reconciliation/reconciliation-queries.ts'
import { readOpenRefundTasks } from './refunds/refund-task-queries.ts'

export const gauges = ({ db }: Service<Config>) => [
  defineGauges({
    shared: true,
    gauges: {
      refund_tasks_open: { help: 'Money that we owe and that a person has to send, counted up to 10,000' },
      refund_tasks_oldest_seconds: { help: 'Age of the oldest of these tasks' },
    },
    read: async () => {
      const { open, oldest_seconds } = await readOpenRefundTasks(db)
      return { refund_tasks_open: open, refund_tasks_oldest_seconds: oldest_seconds }
    },
  }),
  defineGauges({
    shared: true,
    gauges: {
      reconciliation_findings_open: {
        help: 'What the last reconciliation found and left to people, by its kind',
        label: 'kind',
      },
      reconciliation_age_seconds: { help: 'Since the last reconciliation has ended, or the first was asked for' },
    },
    read: async () => {
      const { age_seconds, findings } = await readReconciliationState(db)
      return { reconciliation_findings_open: findings, reconciliation_age_seconds: age_seconds }
    },
  }),
]
