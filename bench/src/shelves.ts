import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningMart } from '@mart/local/mart-file'
import type { Shopper } from '@mart/local/shopper'

export const skuOf = (n: number): string => `BENCH-${n}`

const PRODUCTS_PER_IMPORT = 5_000
const words =
  'chicken rice masala basmati tea green black premium organic fresh mango lentil flour sugar oil soap'.split(' ')

/** Imports products number `from` to `to` (exclusive) as CSV, as a merchant would. */
export async function importProducts(admin: Shopper, mart: RunningMart, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += PRODUCTS_PER_IMPORT) {
    const rows = ['name,slug,description,status,sku,variant_name,price_PKR,price_USD']
    for (let n = first; n < Math.min(to, first + PRODUCTS_PER_IMPORT); n += 1) {
      const name = [words[n % 16], words[(n >> 4) % 16], words[(n >> 8) % 16], n].join(' ')
      const rupees = `${100 + (n % 9_000)}.00`
      rows.push(
        `${name},bench-${n},A good ${name} for every day.,published,${skuOf(n)},500 g,${rupees},${(n % 90) + 1}.99`,
      )
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
