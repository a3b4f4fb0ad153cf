import { paymentsTopic } from '@mart/contracts/events/payment-events'
import { runService } from '@mart/service-kit/run-services'
import { defineService } from '@mart/service-kit/start-service'
import { settings, shopProblems } from './config.ts'
import { consumes } from './events.ts'
import { gauges } from './gauges.ts'
import { addRoutes } from './http.ts'
import { instruments } from './instruments.ts'
import { works } from './worker.ts'

export const payment = defineService({
  name: 'payment',
  description: 'How an order is paid: attempts at a provider, cash on delivery, what goes back.',
  topic: paymentsTopic,
  settings,
  checks: [shopProblems],
  migrations: new URL('../migrations/', import.meta.url),
  addRoutes,
  consumes,
  works,
  instruments,
  gauges,
})

if (import.meta.main) await runService(payment)
