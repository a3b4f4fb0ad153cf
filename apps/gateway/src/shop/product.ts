import type { ProductView } from '@mart/contracts/http/product-shapes'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { AlertAnswer, FormState } from '@mart/web/pages'
import { ServiceRefusal } from '../services-client.ts'
import { trailTo } from './categories.ts'
import { emptyForm, faultsAt, fieldsOf, missingIn } from './forms.ts'
import type { Shop } from './open-shop.ts'

const ALIKE = 6

type ProductRequest = FastifyRequest<{ Params: { slug: string } }>

export function addProductPage(app: App, shop: Shop): void {
  app.get<{ Params: { slug: string }; Querystring: { sku?: string; alert?: string } }>('/p/:slug', (request, reply) =>
    showProduct(shop, request, reply, { sku: request.query.sku, answer: answerIn(request.query.alert) }),
  )

  app.post<{ Params: { slug: string } }>('/p/:slug/alert', async (request, reply) => {
    const fields = fieldsOf(request)
    const { sku = '', email = '' } = fields
    const again = (found: Omit<FormState, 'values'>, status: number) =>
      showProduct(shop, request, reply, { sku, form: { values: { email }, ...found }, status })
    const missing = missingIn(fields, ['email'])
    if (Object.keys(missing).length > 0) return await again({ faults: missing, problem: null }, 422)
    const { frame, caller } = await shop.visit(request)
    const body = { sku, email: email.trim(), language: frame.language }
    const told = (answer: AlertAnswer) => {
      const path = `/p/${encodeURIComponent(request.params.slug)}`
      return reply.redirect(`${path}?sku=${encodeURIComponent(sku)}&alert=${answer}#alert`, 303)
    }
    try {
      await shop.services.ask('notification', '/stock-alerts', caller, { method: 'POST', body })
    } catch (error) {
      if (!(error instanceof ServiceRefusal) || error.status === 401) throw error
      if (error.problem.code === 'available_now') return told('there')
      const problem = error.status === 429 ? 'too_many_tries' : 'not_taken'
      return await again(faultsAt(error.problem, ['email'], problem), error.status)
    }
    return told('noted')
  })
}

interface Wanted {
  readonly sku: string | undefined
  /** What was sent to be told when it is back. */
  readonly form?: FormState
  readonly answer?: AlertAnswer | null
  readonly status?: number
}

async function showProduct(
  { pages, services, visit, show, categoriesFor, termsIn }: Shop,
  request: ProductRequest,
  reply: FastifyReply,
  { sku, form, answer = null, status = 200 }: Wanted,
) {
  const { frame, caller, session } = await visit(request)
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
  const [alike, categories, terms] = await Promise.all([
    category ? services.ask<{ items: ProductView[] }>('product', `/products?${query}`, caller) : { items: [] },
    categoriesFor(caller, language),
    termsIn(currency, caller),
  ])
  const chosen =
    product.variants.find((one) => one.sku === sku) ?? product.variants.find(isThere) ?? product.variants[0]
  const own = { ...emptyForm, values: { email: session?.person.email ?? '' } }
  return show(
    reply,
    pages.product(frame, {
      product,
      trail: trailTo(categories, category?.slug),
      chosen: chosen?.sku ?? '',
      terms,
      alike: alike.items.filter(({ id }) => id !== product.id).slice(0, ALIKE),
      alert: { form: form ?? own, answer },
    }),
    status,
  )
}

const answerIn = (text: string | undefined): AlertAnswer | null => (text === 'noted' || text === 'there' ? text : null)

const isThere = ({ availability }: ProductView['variants'][number]) => availability !== 'out'
