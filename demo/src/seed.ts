import { setTimeout as sleep } from 'node:timers/promises'
import { MartFault } from '@mart/service-kit/fault'
import {
  type CatalogueProduct,
  type CatalogueSection,
  type CatalogueVariant,
  pictureUrl,
  readCatalogue,
} from './catalogue/catalogue.ts'
import { type Answer, type Call, call } from './shopper.ts'
import type { Addresses } from './visited-mart.ts'

const CALLS_AT_ONCE = 8
const TOKEN_USED_FOR_MS = 4 * 60_000 // a minute less than a staff token lives
const LONGEST_PAUSE_MS = 1_000
const PATIENCE_MS = 30_000

export interface Seeding {
  readonly addresses: Pick<Addresses, 'user' | 'product' | 'inventory'>
  readonly admin: { readonly email: string; readonly password: string }
  /** Told what is out of the ordinary. */
  readonly report?: (text: string) => void
  /** How long inventory may take to hear of a SKU, and a service to be back. */
  readonly patienceMs?: number
}

/** Calls as the admin; an answer other than 2xx is returned when its code is `unless`, and thrown otherwise. */
type Ask = (
  service: 'product' | 'inventory',
  method: string,
  path: string,
  options?: Omit<Call, 'token'> & { readonly unless?: string },
) => Promise<Answer>

/**
 * Puts the demo catalogue on the shelves of a running mart through its public API. Broken off, it can be called again: what
 * is there already stays as it is. Returns how much the catalogue holds. Throws MartFault with the call that was refused.
 */
export async function seedCatalogue(seeding: Seeding): Promise<{ products: number; skus: number }> {
  const { report, patienceMs = PATIENCE_MS } = seeding
  const ask = await enter(seeding)
  const catalogue = readCatalogue()
  const categoryIds = new Map<string, string>()
  for (const { category } of catalogue) categoryIds.set(category.slug, await createCategory(ask, category, categoryIds))

  const products = catalogue.flatMap((section) => section.products.map((product) => ({ product, section })))
  const isThere = new Set<CatalogueProduct>()
  await eachOf(products, async ({ product, section }) => {
    if (!(await createProduct(ask, product, categoryIds.get(section.category.slug)!))) isThere.add(product)
  })
  if (isThere.size > 0) report?.(`${isThere.size} of ${products.length} demo products were there already`)

  const variants = products.flatMap(({ product }) => product.variants.map((variant) => ({ variant, product })))
  await eachOf(variants, async ({ variant, product }) => {
    if (variant.stock === 0 || (isThere.has(product) && (await hasMoved(ask, variant.sku)))) return
    await receiveStock(ask, variant, patienceMs)
  })
  return { products: products.length, skus: variants.length }
}

async function createCategory(
  ask: Ask,
  { parent, ...category }: CatalogueSection['category'],
  ids: ReadonlyMap<string, string>,
): Promise<string> {
  const { slug } = category
  const given = { ...category, ...(parent && { parent_id: ids.get(parent) }) }
  const created = await ask('product', 'POST', '/categories', { body: given, unless: 'slug_taken' })
  const { body } = created.status === 409 ? await ask('product', 'GET', `/categories/${slug}`) : created
  return body.id
}

/** False: a product with this slug is there already. */
async function createProduct(ask: Ask, product: CatalogueProduct, categoryId: string): Promise<boolean> {
  const { image, variants, ...rest } = product
  const body = {
    ...rest,
    status: 'published',
    category_ids: [categoryId],
    image_urls: [pictureUrl(image)],
    variants: variants.map(({ prices, stock: _stock, ...variant }) => ({
      ...variant,
      prices: Object.entries(prices).map(([currency, amount]) => ({ amount, currency })),
    })),
  }
  const { status } = await ask('product', 'POST', '/products', { body, unless: 'slug_taken' })
  return status !== 409
}

// The key below is forgotten after a day: this keeps a later repeat from delivering twice.
async function hasMoved(ask: Ask, sku: string): Promise<boolean> {
  const { status, body } = await ask('inventory', 'GET', `/stock/${encodeURIComponent(sku)}/movements?limit=1`, {
    unless: 'unknown_sku',
  })
  return status !== 404 && body.items.length > 0
}

/** Inventory hears of a product a moment after it was published. */
async function receiveStock(ask: Ask, { sku, stock }: CatalogueVariant, patienceMs: number): Promise<void> {
  const end = Date.now() + patienceMs
  const delivery = { body: { delta: stock, reason: 'received' }, headers: { 'idempotency-key': `seed-${sku}` } }
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const unless = Date.now() < end ? { unless: 'unknown_sku' } : {}
    const { status } = await ask('inventory', 'POST', `/stock/${encodeURIComponent(sku)}/adjustments`, {
      ...delivery,
      ...unless,
    })
    if (status !== 404) return
    await sleep(pauseMs)
  }
}

async function enter({ addresses, admin, patienceMs = PATIENCE_MS }: Seeding): Promise<Ask> {
  const { body: session } = await granted(`${addresses.user}/auth/sign-in/email`, 'POST', { body: admin, patienceMs })
  const newToken = async (): Promise<string> =>
    (await granted(`${addresses.user}/auth/token`, 'GET', { token: session.token, patienceMs })).body.token
  let token = newToken()
  let renewAt = Date.now() + TOKEN_USED_FOR_MS
  return async (service, method, path, options) => {
    if (Date.now() > renewAt) {
      token = newToken()
      renewAt = Date.now() + TOKEN_USED_FOR_MS
    }
    return await granted(addresses[service] + path, method, { ...options, token: await token, patienceMs })
  }
}

/** A service that is away is waited for: it may have been killed, and what is asked of it can be asked again. */
async function granted(
  url: string,
  method: string,
  { unless, patienceMs, ...options }: Call & { readonly unless?: string; readonly patienceMs: number },
): Promise<Answer> {
  const answer = await answered(url, method, options, patienceMs)
  const { status, body } = answer
  if (status < 300 || (unless !== undefined && body?.code === unless)) return answer
  const reason = body?.detail ?? body?.message ?? body?.title ?? 'no reason given'
  const faults = body?.errors?.map(({ field, message }: { field: string; message: string }) => `${field} ${message}`)
  throw new MartFault(
    `${notFilled} ${method} ${url} was answered ${status} ${body?.code ?? ''}: ${[reason, ...(faults ?? [])].join('; ')}`,
  )
}

async function answered(url: string, method: string, options: Call, patienceMs: number): Promise<Answer> {
  const end = Date.now() + patienceMs
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      const answer = await call(url, method, options)
      if (![500, 503].includes(answer.status) || Date.now() > end) return answer
    } catch (error) {
      const { message, cause } = error as Error
      const why = (cause as Error | undefined)?.message ?? message
      if (Date.now() > end)
        throw new MartFault(`${notFilled} ${method} ${url} was not answered (${why}).`, { cause: error })
    }
    await sleep(pauseMs)
  }
}

const notFilled = 'The demo catalogue is not complete, the next start goes on with it:'

/** A few at once. After the first failure nothing new is begun; throws it when what was under way has ended. */
async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const workers = Array.from({ length: CALLS_AT_ONCE }, async () => {
    try {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
    } finally {
      waiting.length = 0
    }
  })
  await Promise.allSettled(workers)
  await Promise.all(workers)
}
