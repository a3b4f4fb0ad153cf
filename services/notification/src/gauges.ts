import { defineGauges } from '@mart/service-kit/metrics'
import type { Service } from '@mart/service-kit/start-service'
import type { Config } from './config.ts'
import { oldestDue } from './message-queries.ts'

export const gauges = ({ db }: Service<Config>) => [
  defineGauges({
    shared: true,
    gauges: { mails_oldest_due_seconds: { help: 'For how long the mail that is due longest waits to be sent' } },
    read: async () => ({ mails_oldest_due_seconds: await oldestDue(db) }),
  }),
]
