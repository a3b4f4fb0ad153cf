import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { pictureUrl } from '@mart/demo/catalogue/catalogue'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser, Page } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { type OpenShop, openShop, visitor } from './browser.ts'
import { putIntoCart } from './shopping.ts'

interface Seen {
  readonly place: string
  readonly file: string
  /** In the page's pixels. */
  readonly width: number
  /** What `sizes` says that it would be. */
  readonly said: number
}

const screens = [
  { width: 360, height: 740, deviceScaleFactor: 2 },
  { width: 412, height: 900, deviceScaleFactor: 3 },
  { width: 768, height: 1_024, deviceScaleFactor: 2 },
  { width: 1_280, height: 860, deviceScaleFactor: 1 },
  { width: 1_600, height: 900, deviceScaleFactor: 1 },
]

describe('pictures in the browser', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  let banana: Awaited<ReturnType<typeof shown>>
  before(async () => {
    ;({ mart, browser, baseURL, close } = await openShop())
    // Before anybody looks: the gateway asks for the categories twice a minute.
    banana = await shown(pictureUrl('banana.webp'))
    await shown(pictureUrl('grapes.webp'))
  })
  after(() => close?.())

  const call = async (method: 'GET' | 'POST' | 'PATCH', path: string, body?: object, headers = {}) => {
    const answer = await mart.admin.api('product', method, path, { body, headers })
    assert.ok(answer.status < 300, JSON.stringify(answer.body))
    return answer.body
  }
  /** A product in a category of its own, with these pictures. */
  const shown = async (...image_urls: string[]) => {
    const sku = await mart.stock(5)
    const slug = `tea-${sku.slice(4)}`
    const category = await call('POST', '/categories', { name: `Teas ${sku}`, slug: `teas-${sku.slice(4)}` })
    const { id, version } = await call('GET', `/products/${slug}`)
    const change = { image_urls, category_ids: [category.id] }
    await call('PATCH', `/products/${id}`, change, { 'if-match': `"${version}"` })
    await eventually(async () => {
      const { items } = await call('GET', `/products?category=${category.slug}`)
      return items[0]?.image_urls[0] === image_urls[0]
    }, 'the shelves have the picture')
    return { sku, path: `/p/${slug}`, category: `/c/${category.slug}` }
  }
  const seenOn = async (page: Page, path: string): Promise<Seen[]> => {
    await page.goto(path)
    await page.waitForFunction('[...document.images].every((one) => one.complete && one.naturalWidth > 0)')
    return await page.evaluate(`[...document.querySelectorAll('img[srcset]')].map((one) => ({
      place: one.closest('.tile, .lines, .card, .product').className.split(' ')[0],
      file: new URL(one.currentSrc).pathname.split('/').at(-1),
      width: one.getBoundingClientRect().width,
      said: one.naturalWidth,
    }))`)
  }

  test('each is fetched in the width that its place has on this screen', async () => {
    const { sku, path, category } = banana
    for (const { deviceScaleFactor, ...viewport } of screens) {
      const { page, leave } = await visitor(browser, { baseURL, viewport, deviceScaleFactor })
      await putIntoCart(page, sku)
      await eventually(async () => (await seenOn(page, '/cart')).length > 0, 'the cart has the picture')
      const seen: Seen[] = []
      for (const one of ['/', category, path, '/cart']) seen.push(...(await seenOn(page, one)))
      assert.deepEqual(
        [...new Set(seen.map(({ place }) => place))].toSorted(),
        ['card', 'lines', 'product', 'tile'],
        `${viewport.width}`,
      )
      for (const { place, width, said } of seen)
        assert.ok(Math.abs(said / width - 1) < 0.2, `${viewport.width}: a ${place} is ${width}, not ${said}`)
      await leave()
    }
  })

  test('a phone fetches small ones for cards and the large one for the product, of which search engines are told', async () => {
    const { path, category } = banana
    const [first] = screens
    const { page, leave } = await visitor(browser, { baseURL, viewport: first!, deviceScaleFactor: 2 })
    const fileOf = async (where: string) => (await seenOn(page, where)).map(({ file }) => file)
    assert.deepEqual(await fileOf(category), ['banana-280.webp'])
    assert.deepEqual(await fileOf(path), ['banana.webp'])
    assert.equal(await page.getAttribute('[property="og:image"]', 'content'), `${baseURL}/images/banana.webp`)
    assert.ok((await page.textContent('[type="application/ld+json"]'))!.includes(`${baseURL}/images/banana.webp"`))
    await leave()
  })

  test('an address that says nothing of widths, or nothing that makes sense, is taken as it is', async () => {
    for (const url of [
      '/images/banana.webp',
      '/images/banana.webp?wide=400&also=',
      '/images/banana.webp?wide=4e9&also=1',
    ]) {
      const { path } = await shown(url)
      const { page, leave } = await visitor(browser, { baseURL, viewport: screens[3]! })
      assert.deepEqual(await seenOn(page, path), [])
      assert.equal(await page.getAttribute('.product img', 'src'), url)
      await leave()
    }
  })
})
