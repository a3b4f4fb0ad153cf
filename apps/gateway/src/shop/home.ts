import type { ProductView } from '@mart/contracts/http/product-shapes'
import type { App } from '@mart/service-kit/http-server'
import type { Shop } from './open-shop.ts'

const ON_A_SHELF = 6

export function addHomePage(app: App, { pages, services, visit, show, termsIn }: Shop): void {
  app.get('/', async (request, reply) => {
    const { frame, caller } = await visit(request)
    const { currency, language } = frame
    const shelf = async (sort: string) => {
      const limit = String(ON_A_SHELF)
      const query = new URLSearchParams({ sort, currency, language, limit, availability: 'in_stock' })
      return (await services.ask<{ items: ProductView[] }>('product', `/products?${query}`, caller)).items
    }
    const [newest, cheap, terms] = await Promise.all([shelf('newest'), shelf('price'), termsIn(currency, caller)])
    return show(reply, pages.home(frame, { newest, cheap, terms }))
  })
}
