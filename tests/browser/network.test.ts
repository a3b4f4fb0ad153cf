import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser, Page } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, type OpenShop, openShop, phone, visitor } from './browser.ts'
import { fillCheckout, placeOrder, putIntoCart } from './shopping.ts'

/** Between its tries. */
const STEP_MS = 3_000

async function isAsTyped(page: Page): Promise<void> {
  assert.equal(await page.inputValue('[name=line1]'), '12 Mall Road')
  assert.equal(await page.inputValue('[name=phone]'), '0300-1234567')
  assert.equal(new URL(page.url()).pathname, '/checkout')
}

describe('a network that goes away', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  before(async () => {
    ;({ mart, browser, baseURL, close } = await openShop())
  })
  after(() => close?.())

  const orders = async (): Promise<unknown[]> => (await mart.admin.api('order', 'GET', '/orders?limit=100')).body.items

  test('at the checkout: the page says so and keeps what was typed, and the order is made once when it is back', async () => {
    const { page, context, leave } = await visitor(browser, { baseURL, ...phone })
    await putIntoCart(page, await mart.stock(5))
    await page.clock.install()
    await page.goto('/checkout')
    await fillCheckout(page)
    const before = (await orders()).length
    await context.setOffline(true)
    await page.click('text=Place order')
    await page.waitForSelector('text=We cannot reach the shop now')
    await isAsTyped(page)
    assert.equal((await orders()).length, before)
    // Its clock stands still: it is the browser that says so.
    await page.clock.pauseAt(Date.now() + 60_000)
    await context.setOffline(false)
    await page.waitForURL('**/orders/**')
    await page.clock.resume()
    await page.waitForSelector('.status:has-text("Confirmed")')
    assert.equal((await orders()).length, before + 1)
    await leave()
  })

  test('at the checkout for 20 s, unnoticed by the browser: it goes on trying by its clock, and the order is made once', async () => {
    const { page, leave } = await visitor(browser, { baseURL, ...phone })
    await putIntoCart(page, await mart.stock(5))
    await page.clock.install()
    await page.goto('/checkout')
    await fillCheckout(page)
    const before = (await orders()).length
    let tries = 0
    let isAway = true
    await page.route('**/checkout', async (route) => {
      if (!isAway || route.request().method() !== 'POST') return await route.continue()
      tries += 1
      await route.abort('timedout')
    })
    await page.click('text=Place order')
    await page.waitForSelector('text=We cannot reach the shop now')
    for (let awayMs = 0; awayMs < 20_000; awayMs += STEP_MS) {
      const tried = tries
      await eventually(async () => {
        await page.clock.fastForward(STEP_MS)
        return tries > tried
      }, 'it tries again')
    }
    await isAsTyped(page)
    assert.equal((await orders()).length, before)
    isAway = false
    await page.clock.fastForward(STEP_MS)
    await page.waitForURL('**/orders/**')
    assert.equal((await orders()).length, before + 1)
    await leave()
  })

  test('when the order is made and its answer is lost: it is asked for again, and no second one is made', async () => {
    const { page, leave } = await visitor(browser, { baseURL, ...desktop })
    await putIntoCart(page, await mart.stock(5))
    await page.goto('/checkout')
    await fillCheckout(page)
    const before = (await orders()).length
    let lost = 0
    await page.route('**/checkout', async (route) => {
      if (lost > 0 || route.request().method() !== 'POST') return await route.continue()
      lost += 1
      await route.fetch({ maxRedirects: 0 })
      await route.abort('connectionreset')
    })
    await page.click('text=Place order')
    await page.waitForURL('**/orders/**')
    assert.deepEqual([lost, (await orders()).length], [1, before + 1])
    await leave()
  })

  test('at a product: nothing is lost, and the page says what to do', async () => {
    const { page, context, leave } = await visitor(browser, { baseURL, ...phone })
    await putIntoCart(page, await mart.stock(5))
    await context.setOffline(true)
    await page.click('.buy button')
    await page.waitForSelector('#away')
    await context.setOffline(false)
    await page.waitForSelector('#away', { state: 'hidden' })
    await page.click('.buy button')
    await page.waitForSelector('#cart-link .badge:text-is("2")')
    await leave()
  })

  test('who leaves the page right after the button has it in the cart all the same', async () => {
    const { page, leave } = await visitor(browser, { baseURL, ...desktop })
    await putIntoCart(page, await mart.stock(5))
    // It has not left the browser yet when the page goes.
    await page.route('**/cart/add', async (route) => {
      await sleep(700)
      await route.continue()
    })
    await page.evaluate(`document.querySelector('.buy button').click(); location.assign('about:blank')`)
    await page.waitForURL('about:blank')
    await eventually(async () => {
      await page.goto('/cart')
      return (await page.textContent('#cart-link .badge')) === '2'
    }, 'both are in the cart')
    await page.evaluate(`{
      for (let press = 0; press < 3; press += 1) document.querySelector('[value=more]').click()
      location.assign('about:blank')
    }`)
    await page.waitForURL('about:blank')
    await eventually(async () => {
      await page.goto('/cart')
      return (await page.textContent('#cart-link .badge')) === '5'
    }, 'so is what waited for the press before it')
    await leave()
  })

  test('at an order: its page catches up by itself, whatever it missed', async () => {
    const { page, context, leave } = await visitor(browser, { baseURL, ...phone })
    await putIntoCart(page, await mart.stock(5))
    await page.goto('/checkout')
    await fillCheckout(page)
    await placeOrder(page)
    await page.waitForSelector('.status:has-text("Confirmed")')
    const path = new URL(page.url()).pathname
    const staff = (what: string, body: unknown = {}) => mart.admin.api('order', 'POST', `${path}/${what}`, { body })
    await page.waitForSelector('.live.on')
    await context.setOffline(true)
    assert.equal((await staff('shipments', { carrier: 'TCS', tracking_number: '1' })).status, 200)
    await page.waitForSelector('.live.off')
    await context.setOffline(false)
    await page.waitForSelector('.status:has-text("On its way")')
    await page.waitForSelector('.live.on')

    await page.route('**/events', (route) => route.fulfill({ status: 503 }), { times: 1 })
    await page.reload()
    await page.waitForSelector('.live.off')
    await page.waitForSelector('.live.on')
    await page.route(`**${path}`, (route) => route.abort('connectionreset'), { times: 1 })
    assert.equal((await staff('deliveries')).status, 200)
    await page.waitForSelector('.live.off')
    await page.waitForSelector('.status:has-text("Delivered")')
    await leave()
  })
})
