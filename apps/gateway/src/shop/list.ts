import type { Facets, ProductView } from '@mart/contracts/http/product-shapes'
import { notFound } from '@mart/service-kit/errors'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import { trailTo } from './categories.ts'
import { productsQuery, readFilters } from './filters.ts'
import { pageOrFirst } from './first-page.ts'
import type { Shop } from './open-shop.ts'

const ON_A_PAGE = 24

interface Found {
  readonly items: ProductView[]
  readonly next_cursor: string | null
  readonly facets: Facets
}

export function addListPages(app: App, shop: Shop): void {
  app.get<{ Params: { slug: string } }>('/c/:slug', (request, reply) =>
    showList(shop, request, reply, request.params.slug),
  )
  app.get('/search', (request, reply) => showList(shop, request, reply, null))
}

async function showList(shop: Shop, request: FastifyRequest, reply: FastifyReply, slug: string | null) {
  const { frame, caller } = await shop.visit(request)
  const all = await shop.categoriesFor(caller, frame.language)
  const category = all.find((one) => one.slug === slug) ?? null
  if (slug !== null && !category) throw notFound('category')
  const { filters: wanted, problems } = readFilters(request.query as Record<string, unknown>, frame.currency)
  const { page: found, isFromStart } = await pageOrFirst(wanted.cursor, (cursor) => {
    const query = productsQuery({ ...wanted, cursor }, slug, frame, ON_A_PAGE)
    return shop.services.ask<Found>('product', `/products?${query}`, caller)
  })
  if (isFromStart) problems.push({ field: 'cursor', code: 'unknown' })
  const filters = isFromStart ? { ...wanted, cursor: null } : wanted
  const counts = new Map(found.facets.categories.map((one) => [one.slug, one.count]))
  const props = {
    category,
    trail: category ? trailTo(all, category.slug) : [],
    children: category
      ? all
          .filter(({ parent_id }) => parent_id === category.id)
          .map(({ id: _id, parent_id: _parent, ...child }) => ({ ...child, count: counts.get(child.slug) ?? null }))
      : [],
    products: found.items,
    count: category ? (counts.get(category.slug) ?? null) : null,
    facets: found.facets,
    filters,
    problems,
    nextCursor: found.next_cursor,
  }
  return shop.show(reply, shop.pages.list(frame, props))
}
