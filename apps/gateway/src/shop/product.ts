import type { ProductView } from '@mart/contracts/http/product-shapes'
import type { App } from '@mart/service-kit/http-server'
import { trailTo } from './categories.ts'
import type { Shop } from './open-shop.ts'

const ALIKE = 6

export function addProductPage(app: App, { pages, services, visit, show, categoriesFor, termsIn }: Shop): void {
  app.get<{ Params: { slug: string }; Querystring: { sku?: string } }>('/p/:slug', async (request, reply) => {
    const { frame, caller } = await visit(request)
    const { slug } = request.params
    const { language, currency } = frame
    const path = `/products/${encodeURIComponent(slug)}?language=${language}`
    const product = await services.ask<ProductView>('product', path, caller)
    // Its id leads here as well; the page has one address.
    if (product.slug !== slug) return reply.redirect(`/p/${product.slug}`, 301)
    const [category] = product.categories
    const query = new URLSearchParams({
      category: category?.slug ?? '',
      limit: String(ALIKE + 1),
      currency,
      language,
    })
    const alike = category
      ? (await services.ask<{ items: ProductView[] }>('product', `/products?${query}`, caller)).items
      : []
    const { sku } = request.query
    const chosen =
      product.variants.find((one) => one.sku === sku) ?? product.variants.find(isThere) ?? product.variants[0]
    return show(
      reply,
      pages.product(frame, {
        product,
        trail: trailTo(await categoriesFor(caller, language), category?.slug),
        chosen: chosen?.sku ?? '',
        terms: await termsIn(currency, caller),
        alike: alike.filter(({ id }) => id !== product.id).slice(0, ALIKE),
      }),
    )
  })
}

const isThere = ({ availability }: ProductView['variants'][number]) => availability !== 'out'
