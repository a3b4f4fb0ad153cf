import type { App } from '@mart/service-kit/http-server'
import type { Service } from '@mart/service-kit/start-service'
import type { Config } from './config.ts'
import { addCategoryRoutes } from './http/categories.ts'
import { addCsvRoutes } from './http/csv.ts'
import { addImages } from './http/images.ts'
import { addListingRoutes } from './http/listings.ts'
import { addProductRoutes } from './http/products.ts'
import { addSlugsRoute } from './http/slugs.ts'

export async function addRoutes(app: App, service: Service<Config>): Promise<void> {
  addListingRoutes(app, service)
  addProductRoutes(app, service)
  addSlugsRoute(app, service.db)
  addCategoryRoutes(app, service)
  await addCsvRoutes(app, service)
  await addImages(app, service.config.PRODUCT_IMAGES_DIR)
}
