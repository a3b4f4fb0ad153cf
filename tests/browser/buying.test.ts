import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { call } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import { logFolder } from '@mart/tools/following/log-folder'
import { findStory, stepsOf } from '@mart/tools/following/story'
import type { Browser } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, type OpenShop, openShop, phone, visitor } from './browser.ts'
import { assertFits, fillCheckout, placeOrder, putIntoCart, signUp } from './shopping.ts'

const ways = [
  { name: 'on a phone, as a guest', device: phone, javaScriptEnabled: true, isGuest: true },
  { name: 'on a desktop, signed in', device: desktop, javaScriptEnabled: true, isGuest: false },
  { name: 'on a phone without JavaScript, as a guest', device: phone, javaScriptEnabled: false, isGuest: true },
] as const

const sendFourTimes = `{
  const form = document.querySelector('form[action="/checkout"]')
  for (let n = 0; n < 4; n += 1)
    void fetch('/checkout', { method: 'post', body: new URLSearchParams(new FormData(form)) })
}`

describe('buying in the browser', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  before(async () => {
    ;({ mart, browser, baseURL, close } = await openShop({ LOG_LEVEL: 'info' }))
  })
  after(() => close?.())

  const orders = async (): Promise<{ id: string; status: string }[]> =>
    (await mart.admin.api('order', 'GET', '/orders?limit=100')).body.items

  for (const { name, device, javaScriptEnabled, isGuest } of ways)
    test(`${name}: found, put into the cart, ordered with cash, confirmed`, async () => {
      const sku = await mart.stock(5)
      const { page, complaints, leave } = await visitor(browser, { baseURL, ...device, javaScriptEnabled })
      await page.goto('/')
      await page.fill('#q', `Tea ${sku.slice(4)}`)
      await page.press('#q', 'Enter')
      await page.waitForURL('**/search?**')
      await page.click(`.card-name a:text-is("Tea ${sku.slice(4)}")`)
      await page.fill('[name=quantity]', '2')
      await page.click('.buy button')
      await page.waitForSelector('#cart-link .badge:text-is("2")')
      await page.click('#cart-link')
      await page.click('text=Go to checkout')
      if (!isGuest) {
        await page.click('main a:text("Sign in")')
        await signUp(page)
      }
      await fillCheckout(page)
      await placeOrder(page)
      await page.waitForSelector('.status:has-text("Confirmed")')
      assert.equal((await mart.available(sku)).reserved, 2)
      // A 204 ends the events of an order that is over; this one goes on.
      assert.deepEqual(complaints, [])
      await assertFits(page)
      await leave()
    })

  test('the story of an order begins at the gateway, with the button that was pressed', async () => {
    const { id } = (await orders())[0]!
    const source = logFolder(join(mart.settings.dataDir, 'logs'))
    await eventually(async () => {
      const [began] = stepsOf((await findStory(source, id))?.lines ?? [])
      const [pressed] = began?.lines ?? []
      if (pressed?.service !== 'gateway' || !began) return false
      assert.equal(pressed.message, 'POST /checkout 303')
      return began.steps.some(({ lines: [line] }) => line?.service === 'order' && line.message === 'POST /orders 201')
    }, 'placing the order follows from the button')
  })

  test('the button pressed five times, and in a second tab: one order', async () => {
    const sku = await mart.stock(10)
    const { page, context, leave } = await visitor(browser, { baseURL, ...desktop })
    await putIntoCart(page, sku)
    await page.goto('/sign-up?next=/checkout')
    await signUp(page)
    const other = await context.newPage()
    await other.goto('/checkout')
    for (const tab of [page, other]) await fillCheckout(tab)
    const before = (await orders()).length
    await page.evaluate(sendFourTimes)
    await Promise.all([page, other].map((tab) => tab.click('text=Place order')))
    await Promise.all([page, other].map((tab) => tab.waitForURL('**/orders/**')))
    assert.equal(page.url(), other.url())
    assert.equal((await orders()).length, before + 1)
    await leave()
  })

  test('more people look at their orders at once than a pool of connections has by itself', async () => {
    const [GUESTS, EACH] = [27, 5]
    const sku = await mart.stock(GUESTS)
    const addresses = Array.from({ length: GUESTS }, async (_, n) => {
      const phone = `+9230012345${10 + n}`
      const contact = { name: 'Ayesha Khan', email: `guest${n}@example.com`, phone }
      const shipping_address = { name: 'Ayesha Khan', line1: '12 Mall Road', city: 'Lahore', country: 'PK', phone }
      const basket = { lines: [{ sku, quantity: 1 }], currency: 'PKR', payment_method: 'cash_on_delivery' }
      const { status, body } = await call(`${mart.mart.addresses.order}/orders`, 'POST', {
        body: { ...basket, contact, shipping_address },
        headers: { 'idempotency-key': randomUUID() },
      })
      assert.equal(status, 201, JSON.stringify(body))
      return { events: `${baseURL}/orders/${body.id}/events`, cookie: `guest=${body.guest_token}` }
    })
    const end = new AbortController()
    const signal = AbortSignal.any([end.signal, AbortSignal.timeout(30_000)])
    const pages = (await Promise.all(addresses)).flatMap((one) => Array.from({ length: EACH }, () => one))
    const open = await Promise.all(pages.map(({ events, cookie }) => fetch(events, { headers: { cookie }, signal })))
    end.abort()
    assert.deepEqual(new Set(open.map(({ status }) => status)), new Set([200]))
  })

  test('a price that changed in between is told before anything is ordered, and what was typed stays', async () => {
    const sku = await mart.stock(10, 50_000)
    const { page, context, leave } = await visitor(browser, { baseURL, ...phone })
    await putIntoCart(page, sku)
    await page.goto('/sign-up?next=/checkout')
    await signUp(page)
    await fillCheckout(page)
    const before = (await orders()).length
    await changePrice(mart, sku, 60_000)
    const other = await context.newPage()
    await eventually(async () => {
      await other.goto('/cart')
      return await other.isVisible('text=/Rs.600/')
    }, 'orders know the new price')
    await page.click('text=Place order')
    await page.waitForSelector('text=A price has changed')
    assert.equal((await orders()).length, before)
    assert.equal(await page.inputValue('[name=line1]'), '12 Mall Road')
    await page.click('text=/Place order · Rs.850/')
    await page.waitForURL('**/orders/**')
    assert.equal((await orders()).length, before + 1)
    await leave()
  })
})

async function changePrice({ admin }: MartUnderTest, sku: string, amount: number): Promise<void> {
  const path = `/products/tea-${sku.slice(4)}`
  const { body: product } = await admin.api('product', 'GET', path)
  const variants = [{ sku, name: '450 g', prices: [{ amount, currency: 'PKR' }] }]
  const headers = { 'if-match': `"${product.version}"` }
  const { status } = await admin.api('product', 'PATCH', `/products/${product.id}`, { body: { variants }, headers })
  assert.equal(status, 200)
}
