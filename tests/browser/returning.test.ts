import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser, Page } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, type OpenShop, openShop, phone, visitor } from './browser.ts'
import { isForEverybody, isLedTo } from './for-everybody.ts'
import { fillCheckout, placeOrder, putIntoCart, signUp } from './shopping.ts'

describe('from return to refund in the browser', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  before(async () => {
    ;({ mart, browser, baseURL, close } = await openShop())
  })
  after(() => close?.())

  const staff = async (path: string, body: unknown = {}) => {
    const answer = await mart.admin.api('order', 'POST', path, { body })
    assert.ok(answer.status < 300, `${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const deliver = async (page: Page): Promise<string> => {
    const id = new URL(page.url()).pathname.split('/').at(-1)!
    await mart.admin.waitFor(id, ['confirmed'])
    await staff(`/orders/${id}/shipments`, { carrier: 'TCS', tracking_number: 'PK-1' })
    await staff(`/orders/${id}/deliveries`)
    await page.waitForSelector('.status:has-text("Delivered")')
    return id
  }
  const returnOf = async (id: string): Promise<string> =>
    (await mart.admin.api('order', 'GET', `/orders/${id}/returns`)).body.items[0].id
  const approve = (id: string) => mart.admin.api('order', 'POST', `/returns/${id}/approve`)

  test('by a customer who paid by card: each step is seen as it happens, in English and Urdu', async () => {
    const sku = await mart.stock(5)
    const { page, complaints, leave } = await visitor(browser, { baseURL, ...phone })
    await page.goto('/sign-up')
    await signUp(page)
    await putIntoCart(page, sku)
    await page.goto('/checkout')
    await fillCheckout(page, 'stripe')
    await page.click('text=Place order')
    await page.fill('#card_number', '4242 4242 4242 4242')
    await page.click('button:has-text("Pay")')
    await page.waitForURL(`${baseURL}/orders/**`)
    const id = await deliver(page)

    await page.reload()
    await page.click('main a:text("Send something back")')
    await page.click('text=Ask to send it back')
    await isLedTo(page, '.more [role=alert]', /how many of what/)
    await page.fill(`[name="quantity:${sku}"]`, '1')
    await page.click('text=Ask to send it back')
    await isLedTo(page, `[name="reason:${sku}"]`, /Please fill this in/)
    assert.equal(await page.inputValue(`[name="quantity:${sku}"]`), '1', 'what was typed is kept')
    await page.selectOption(`[name="reason:${sku}"]`, 'damaged')
    await page.fill('[name=note]', 'the lid is off')
    await isForEverybody(page)
    await page.click('text=Ask to send it back')
    await page.waitForSelector('.returns :text("We are looking at your request")')
    await page.waitForSelector('.live.on')
    await page.click('text=Keep it after all')
    await page.waitForSelector('.returns :text("Nothing is to be sent back")')
    await page.waitForSelector('.timeline :text("You keep it after all")')
    await isForEverybody(page)
    await page.click('main a:text("Send something back")')
    await page.fill(`[name="quantity:${sku}"]`, '1')
    await page.selectOption(`[name="reason:${sku}"]`, 'damaged')
    await page.click('text=Ask to send it back')
    await page.waitForSelector('.returns :text("We are looking at your request")')
    await page.waitForSelector('.live.on')

    const one = await returnOf(id)
    assert.equal((await approve(one)).status, 200)
    await page.waitForSelector('.returns :text("Please send it to us")')
    await staff(`/returns/${one}/receive`, { lines: [{ sku, quantity: 1, condition: 'sellable' }] })
    await page.waitForSelector('.returns :text("We have sent you Rs")')
    await page.waitForSelector('.timeline :text("Money for it sent back")')
    assert.equal(await page.locator('main a:text("Send something back")').count(), 0, 'nothing is left to send back')
    await eventually(async () => (await mart.available(sku)).on_hand === 5, 'it is stock again')
    await page.goto('/')
    await page.context().addCookies([{ name: 'language', value: 'ur', url: baseURL }])
    await page.goto(`/orders/${id}`)
    assert.ok(await page.isVisible('.returns :text("مکمل")'))
    await isForEverybody(page)
    // Two forms were sent that had something wrong.
    assert.deepEqual(
      complaints.filter((one) => !/status of 422/.test(one)),
      [],
    )
    await mart.booksHold()
    await leave()
  })

  test('by a guest without JavaScript, who asks for too much, keeps it after all, asks again and is refused', async () => {
    const sku = await mart.stock(5)
    const { page, leave } = await visitor(browser, { baseURL, ...desktop })
    await putIntoCart(page, sku)
    await page.goto('/checkout')
    await fillCheckout(page)
    await placeOrder(page)
    const id = await deliver(page)
    const cookies = await page.context().cookies()
    await leave()

    const plain = await visitor(browser, { baseURL, ...desktop, javaScriptEnabled: false })
    await plain.context.addCookies(cookies)
    await plain.page.goto(`/orders/${id}`)
    await plain.page.click('summary:text("Send something back")')
    const quantity = plain.page.locator(`[name="quantity:${sku}"]`)
    // A browser refuses a number above `max`; whoever sends it all the same is told.
    await plain.page.locator('form#send-back').evaluate((form) => form.setAttribute('novalidate', ''))
    await quantity.fill('7')
    await plain.page.selectOption(`[name="reason:${sku}"]`, 'changed_mind')
    await plain.page.click('text=Ask to send it back')
    await isLedTo(plain.page, `[name="quantity:${sku}"]`, /no more than is left/)
    await quantity.fill('1')
    await plain.page.click('text=Ask to send it back')
    await plain.page.waitForSelector('.returns :text("We are looking at your request")')
    assert.equal((await approve(await returnOf(id))).status, 200)
    await plain.page.reload()
    await plain.page.click('text=Keep it after all')
    await plain.page.waitForSelector('.returns :text("Nothing is to be sent back")')
    await plain.page.click('summary:text("Send something back")')
    await quantity.fill('1')
    await plain.page.selectOption(`[name="reason:${sku}"]`, 'changed_mind')
    await plain.page.click('text=Ask to send it back')
    await plain.page.waitForSelector('.returns :text("We are looking at your request")')
    await staff(`/returns/${await returnOf(id)}/refuse`, { reason: 'It was opened.' })
    // What is decided meanwhile is told, and nothing is changed.
    await plain.page.click('text=Keep it after all')
    assert.ok(await plain.page.isVisible('[role=alert]:text("decided already")'))
    assert.ok(await plain.page.isVisible('.returns :text("It was opened.")'))
    await mart.booksHold()
    await plain.leave()
  })
})
