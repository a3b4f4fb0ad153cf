import type { NewProduct } from '@mart/contracts/http/product-shapes'
import { newId } from '@mart/service-kit/ids'
import { startTestService } from '@mart/service-kit/testing'
import { product } from '../src/main.ts'

export const staff = { id: newId(), role: 'staff' } as const
export const customer = { id: newId() }

let skus = 0
export const someSku = () => `SKU-${++skus}`

/** A good body of POST /products: published, one variant, PKR 899. */
export function tea(more: Partial<NewProduct> = {}): NewProduct {
  const variants = [
    { sku: someSku(), name: '450 g', options: { size: '450 g' }, prices: [{ amount: 89_900, currency: 'PKR' }] },
  ]
  return { name: 'Tapal Danedar', status: 'published', variants, ...more }
}

export async function openShop(settings: Record<string, string> = {}) {
  const shop = await startTestService(product, settings)
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    await shop.http(method, path, { as: staff, ...(body === undefined ? {} : { body }), headers })
  return {
    ...shop,
    call,
    /** Adds a product and returns it. */
    async add(more: Partial<NewProduct> = {}) {
      const answer = await call('POST', '/products', tea(more))
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
      return answer.body
    },
    async addCategory(name: string, parent_id: string | null = null) {
      const answer = await call('POST', '/categories', { name, parent_id })
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
      return answer.body
    },
    change: (id: string, version: number, body: unknown) =>
      call('PATCH', `/products/${id}`, body, { 'if-match': `"${version}"` }),
    retire: (id: string, version: number) =>
      call('DELETE', `/products/${id}`, undefined, { 'if-match': `"${version}"` }),
    /** The names on a page of the public listing. */
    async names(query = ''): Promise<string[]> {
      const { status, body } = await shop.http('GET', `/products?${query}`)
      if (status !== 200) throw new Error(JSON.stringify(body))
      return body.items.map((item: { name: string }) => item.name)
    },
    /** Imports a file as the bytes that it is. */
    async send(file: Uint8Array, { query = '', charset = '' } = {}) {
      const headers = { 'content-type': `text/csv${charset && `; charset=${charset}`}` }
      return await shop.http('POST', `/products/import${query}`, { as: staff, body: file, headers })
    },
    import: (csv: string, headers: Record<string, string> = {}) =>
      call('POST', '/products/import', csv, { 'content-type': 'text/csv', ...headers }),
  }
}

export const fieldsOf = (answer: { body: { errors: { field: string; code: string }[] } }): string[] =>
  answer.body.errors.map(({ field, code }) => `${field} ${code}`).sort()
