import { ordersTopic } from '@mart/contracts/events/order-events'
import { runService } from '@mart/service-kit/run-services'
import { defineService } from '@mart/service-kit/start-service'
import { settings, shopProblems } from './config.ts'
import { consumes } from './events.ts'
import { gauges } from './gauges.ts'
import { addRoutes } from './http.ts'
import { instruments } from './instruments.ts'
import { works } from './worker.ts'

export const order = defineService({
  name: 'order',
  description: 'Orders: placed, followed, cancelled, shipped and delivered',
  topic: ordersTopic,
  settings,
  checks: [shopProblems],
  migrations: new URL('../migrations/', import.meta.url),
  addRoutes,
  consumes,
  works,
  instruments,
  gauges,
})

if (import.meta.main) await runService(order)
