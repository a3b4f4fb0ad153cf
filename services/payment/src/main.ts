import { paymentsTopic } from '@mart/contracts/events/payment-events'
import { defineService, runService } from '@mart/service-kit/start-service'
import { settings, shopOf } from './config.ts'
import { hears } from './events.ts'
import { addRoutes } from './http.ts'
import { works } from './worker.ts'

export const payment = defineService({
  name: 'payment',
  description: 'How an order is paid: attempts at a provider, cash on delivery, what goes back.',
  topic: paymentsTopic,
  settings,
  migrations: new URL('../migrations/', import.meta.url),
  prepare: async ({ config }) => void shopOf(config),
  addRoutes,
  hears,
  works,
})

if (import.meta.main) await runService(payment)
