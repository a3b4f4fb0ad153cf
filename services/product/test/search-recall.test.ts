import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AT_MOST_FOR_NOTHING, measureRecall, WANTED_RECALL } from '@mart/bench/search-recall'
import { readCatalogue } from '@mart/demo/catalogue/catalogue'
import { openShop } from './shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
before(async () => {
  shop = await openShop()
  const ids = new Map<string, string>()
  for (const { category, products } of readCatalogue()) {
    const { name, slug, parent } = category
    const made = await shop.call('POST', '/categories', { name, slug, parent_id: parent ? ids.get(parent) : null })
    ids.set(slug, made.body.id)
    await Promise.all(
      products.map(({ image: _, variants, ...product }) =>
        shop.add({
          ...product,
          category_ids: [made.body.id],
          variants: variants.map(({ stock: _, prices, ...variant }) => ({
            ...variant,
            prices: [{ amount: prices.PKR, currency: 'PKR' }],
          })),
        }),
      ),
    )
  }
})
after(() => shop.stop())

test('what shoppers look for in the demo catalogue is among the first five', async () => {
  const { recall, heldOutRecall, strays, misses } = await measureRecall(async (query) => {
    const limit = AT_MOST_FOR_NOTHING + 1
    const { status, body } = await shop.http('GET', `/products?limit=${limit}&q=${encodeURIComponent(query)}`)
    assert.equal(status, 200)
    return body.items.map(({ slug }: { slug: string }) => slug)
  })
  const told = misses
    .filter(({ isHeldOut }) => !isHeldOut)
    .map(({ query, missing }) => `${query}: ${missing.join(', ')}`)
    .join('\n')
  if (process.env['RECALL_DETAIL']) console.log(recall, heldOutRecall, strays, `\n${told}`)
  assert.ok(recall >= WANTED_RECALL, `recall is ${recall}\n${told}`)
  assert.ok(heldOutRecall >= WANTED_RECALL, `recall of the held-out queries is ${heldOutRecall}`)
  assert.ok(strays.length <= 1, `not sold, but found: ${strays.join(', ')}`)
})
