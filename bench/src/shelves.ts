import { setTimeout as sleep } from 'node:timers/promises'
import type { Shopper } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'

export const skuOf = (n: number): string => `BENCH-${n}`

const PRODUCTS_PER_IMPORT = 5_000
export const commonWords =
  'chicken rice masala basmati tea green black premium organic fresh mango lentil flour sugar oil soap'.split(' ')

const syllables = 'ba di fo gu ka li mo nu pa ri so tu va zi je wo ny sha'.split(' ')
export const BRANDS = syllables.length ** 3
/** A made-up word: that of every product whose number is as far from it as a multiple of `BRANDS`. */
export const brandOf = (n: number): string =>
  [n, Math.floor(n / syllables.length), Math.floor(n / syllables.length ** 2)]
    .map((place) => syllables[place % syllables.length])
    .join('')

/** Ten departments of ten shelves each. */
export const shelves = Array.from({ length: 100 }, (_, n) => `department-${Math.floor(n / 10)}-shelf-${n % 10}`)
export const departments = Array.from({ length: 10 }, (_, n) => `department-${n}`)
/** In no step with the words. */
const shelfOf = (n: number): string => shelves[(Math.imul(n, 0x9e3779b1) >>> 8) % shelves.length]!

/** Does nothing where they are. */
export async function putUpShelves(admin: Shopper): Promise<void> {
  const { body } = await admin.api('product', 'GET', '/categories')
  if (body.items.length > 0) return
  const add = async (slug: string, parent_id: string | null): Promise<string> => {
    const name = slug.replaceAll('-', ' ')
    const added = await admin.api('product', 'POST', '/categories', { body: { slug, name, parent_id } })
    if (added.status !== 201) throw new Error(`category ${slug}: ${added.status}`)
    return added.body.id
  }
  for (const department of departments) {
    const id = await add(department, null)
    for (const shelf of shelves) if (shelf.startsWith(`${department}-`)) await add(shelf, id)
  }
}

/** Imports products number `from` to `to` (exclusive) as CSV, as a merchant would. */
export async function importProducts(admin: Shopper, mart: RunningMart, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += PRODUCTS_PER_IMPORT) {
    const rows = ['name,slug,description,status,categories,sku,variant_name,price_PKR,price_USD']
    for (let n = first; n < Math.min(to, first + PRODUCTS_PER_IMPORT); n += 1) {
      const name = [brandOf(n), commonWords[n % 16], commonWords[(n >> 4) % 16], commonWords[(n >> 8) % 16], n].join(
        ' ',
      )
      const prices = `${100 + ((n * 7_919) % 9_000)}.00,${(n % 90) + 1}.99`
      rows.push(`${name},bench-${n},A good ${name} for every day.,published,${shelfOf(n)},${skuOf(n)},500 g,${prices}`)
    }
    const response = await fetch(`${mart.addresses.product}/products/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'text/csv' },
      body: rows.join('\n'),
    })
    if (!response.ok) throw new Error(`import: ${response.status} ${await response.text()}`)
  }
}

/** Gives the first `count` SKUs a stock that no bench empties. */
export async function fillStock(admin: Shopper, count: number): Promise<void> {
  const pending = Array.from({ length: count }, (_, n) => n)
  const lane = async () => {
    for (let n = pending.pop(); n !== undefined; n = pending.pop()) {
      const { status } = await admin.api('inventory', 'POST', `/stock/${encodeURIComponent(skuOf(n))}/adjustments`, {
        body: { delta: 1_000_000, reason: 'received' },
      })
      if (status === 404) {
        pending.unshift(n)
        await sleep(100)
      } else if (status !== 201) throw new Error(`stock of ${skuOf(n)}: ${status}`)
    }
  }
  await Promise.all(Array.from({ length: 16 }, lane))
}
