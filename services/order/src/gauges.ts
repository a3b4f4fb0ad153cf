import { defineGauges } from '@mart/service-kit/metrics'
import type { Service } from '@mart/service-kit/start-service'
import type { Config } from './config.ts'
import { oldestWaitingReturn } from './returns/return-queries.ts'
import { oldestWaiting } from './waiting-queries.ts'

export const gauges = ({ db }: Service<Config>) => [
  defineGauges({
    shared: true,
    gauges: {
      orders_waiting_oldest_seconds: {
        help: 'For how long the oldest order waits for us, by its state: awaiting_payment once its time is over',
        label: 'status',
      },
    },
    read: async () => ({ orders_waiting_oldest_seconds: await oldestWaiting(db) }),
  }),
  defineGauges({
    shared: true,
    gauges: {
      returns_waiting_oldest_seconds: {
        help: 'For how long the oldest return waits for us: requested to be decided, received for its money to go back',
        label: 'status',
      },
    },
    read: async () => ({ returns_waiting_oldest_seconds: await oldestWaitingReturn(db) }),
  }),
]
