import { productsTopic } from '@mart/contracts/events/product-events'
import { runService } from '@mart/service-kit/run-services'
import { defineService } from '@mart/service-kit/start-service'
import { settings, synonymProblems } from './config.ts'
import { consumes } from './events.ts'
import { addRoutes } from './http.ts'
import { works } from './worker.ts'

export const product = defineService({
  name: 'product',
  description: 'What is for sale: products with variants and prices, the category tree, search, CSV in and out.',
  topic: productsTopic,
  settings,
  checks: [synonymProblems],
  migrations: new URL('../migrations/', import.meta.url),
  addRoutes,
  consumes,
  works,
})

if (import.meta.main) await runService(product)
