import { inventoryTopic } from '@mart/contracts/events/inventory-events'
import { runService } from '@mart/service-kit/run-services'
import { defineService } from '@mart/service-kit/start-service'
import { settings } from './config.ts'
import { consumes } from './events.ts'
import { addRoutes } from './http.ts'
import { instruments } from './instruments.ts'
import { works } from './worker.ts'

export const inventory = defineService({
  name: 'inventory',
  description: 'What is on the shelf, what is reserved for whom, and everything that ever moved.',
  topic: inventoryTopic,
  settings,
  migrations: new URL('../migrations/', import.meta.url),
  addRoutes,
  consumes,
  works,
  instruments,
})

if (import.meta.main) await runService(inventory)
