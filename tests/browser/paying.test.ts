import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, type OpenShop, openShop, phone, visitor } from './browser.ts'
import { fillCheckout, placeOrder, putIntoCart } from './shopping.ts'

describe('paying in the browser', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  before(async () => {
    ;({ mart, browser, baseURL, close } = await openShop())
  })
  after(() => close?.())

  test('by card: to the provider by itself, a card that is refused, another one, and back at the order that is paid', async () => {
    const sku = await mart.stock(5)
    const { page, leave } = await visitor(browser, { baseURL, ...phone })
    await putIntoCart(page, sku)
    await page.goto('/checkout')
    await fillCheckout(page, 'stripe')
    await page.click('text=Place order')
    await page.fill('#card_number', '4000 0000 0000 0002')
    await page.click('button:has-text("Pay")')
    await page.fill('#card_number', '4242 4242 4242 4242')
    await page.click('button:has-text("Pay")')
    await page.waitForURL(`${baseURL}/orders/**`)
    await page.waitForSelector('.status:has-text("Confirmed")')
    assert.ok(await page.isVisible('.timeline :text("Paid")'))
    // Who goes back to the checkout orders nothing a second time.
    await page.goto('/checkout')
    assert.ok(await page.isVisible('text=Your cart is empty'))
    await mart.booksHold()
    await leave()
  })

  test('by card without JavaScript: who is sent back before we have heard of his money sees the page look for it, for a while', async () => {
    const { page, leave } = await visitor(browser, { baseURL, ...desktop, javaScriptEnabled: false })
    await putIntoCart(page, await mart.stock(5))
    await page.goto('/checkout')
    await fillCheckout(page, 'stripe')
    await placeOrder(page)
    await page.waitForSelector('[data-pay]')
    const path = new URL(page.url()).pathname
    const next = () => page.locator('meta[http-equiv=refresh]').evaluateAll((all) => all.map((one) => one.outerHTML))
    assert.deepEqual(await next(), [])
    await page.goto(`${path}?returned=10`)
    assert.deepEqual(await next(), [])
    await page.click(`a[href="${path}?returned"]`)
    assert.match((await page.textContent('noscript .notice'))!, /you need not do it again/)
    assert.match((await next())[0]!, new RegExp(`content="3;url=${path}\\?returned=[12]"`))
    await page.click('[data-pay]')
    await page.fill('#card_number', '4242 4242 4242 4242')
    await page.click('button:has-text("Pay")')
    await page.waitForURL(`${baseURL}${path}?returned**`)
    await page.waitForSelector('.status:has-text("Confirmed")')
    await leave()
  })

  test('by PayFast, after the buyer had first chosen a card', async () => {
    const sku = await mart.stock(5)
    const { page, leave } = await visitor(browser, { baseURL, ...desktop })
    await putIntoCart(page, sku)
    await page.goto('/checkout')
    await fillCheckout(page, 'stripe')
    await page.click('text=Place order')
    await page.waitForSelector('#card_number')
    await page.click('button:has-text("Cancel")')
    await page.waitForURL(`${baseURL}/orders/**`)
    await page.selectOption('[name=payment_method]', 'payfast')
    await page.click('text=Take this way')
    await page.click('[data-pay]')
    await page.click('button[name=outcome][value=success]')
    await page.waitForURL(`${baseURL}/orders/**`)
    await page.waitForSelector('.status:has-text("Confirmed")')
    await mart.booksHold()
    await leave()
  })

  test('in cash: confirmed, and cancelled by its buyer, who sees it at once in another tab', async () => {
    const sku = await mart.stock(5)
    const { page, context, leave } = await visitor(browser, { baseURL, ...desktop })
    await putIntoCart(page, sku)
    await page.goto('/checkout')
    await fillCheckout(page)
    await placeOrder(page)
    await page.waitForSelector('.status:has-text("Confirmed")')
    const other = await context.newPage()
    await other.goto(page.url())
    await other.waitForSelector('.live.on')
    await page.click('text=Cancel order')
    for (const tab of [page, other]) await tab.waitForSelector('.status:has-text("Cancelled")')
    await eventually(async () => (await mart.available(sku)).reserved === 0, 'the goods are free')
    await leave()
  })
})
