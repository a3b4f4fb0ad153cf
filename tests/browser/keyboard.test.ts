import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser, Page } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, type OpenShop, openShop, phone, visitor } from './browser.ts'
import { freshEmail } from './members.ts'

const MOST_STOPS = 120

/** What is wrong with where the keyboard is; null when one sees it. */
const blindSpot = `(() => {
  const at = document.activeElement
  const { outlineStyle, outlineWidth } = getComputedStyle(at)
  if (!at.matches(':focus-visible') || outlineStyle === 'none' || parseFloat(outlineWidth) < 2) return 'no ring: ' + at.outerHTML
  const { left, right, top, bottom } = at.getBoundingClientRect()
  const isInside = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight
  if (!isInside) return 'outside of the window: ' + at.outerHTML
  const [x, y] = [(left + right) / 2, (top + bottom) / 2]
  const above = document.elementFromPoint(Math.min(Math.max(x, 1), innerWidth - 1), Math.min(Math.max(y, 1), innerHeight - 1))
  const isSeen = above && (at.contains(above) || above.contains(at))
  return isSeen ? null : 'covered by ' + above?.outerHTML.slice(0, 80) + ': ' + at.outerHTML
})()`

/** Goes on by Tab until the keyboard is there; wherever it comes by, one must see it. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press('Tab')
    if (await page.evaluate('document.activeElement === document.body')) continue // between the page and the browser's own
    assert.equal(await page.evaluate(blindSpot), null)
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return
  }
  assert.fail(`Tab does not lead to ${selector}`)
}

describe('the shop by keyboard alone', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  before(async () => {
    ;({ mart, browser, baseURL, close } = await openShop())
    // With its row the header is as high as it gets.
    assert.equal((await mart.admin.api('product', 'POST', '/categories', { body: { name: 'Tea' } })).status, 201)
  })
  after(() => close?.())

  /** A desktop on which all is four times as large. */
  const enlarged = { viewport: { width: 320, height: 256 } }
  for (const [name, device] of Object.entries({ phone, desktop, enlarged }))
    test(`from the front page to an order, ${name}`, async () => {
      const sku = await mart.stock(5)
      const { page, complaints, leave } = await visitor(browser, { baseURL, ...device })
      const { keyboard } = page
      const type = async (selector: string, text: string) => {
        await tabTo(page, selector)
        await keyboard.type(text)
      }
      const enter = async (selector: string) => {
        await tabTo(page, selector)
        await keyboard.press('Enter')
      }
      await eventually(async () => {
        await page.goto(`/p/tea-${sku.slice(4)}`)
        return await page.isVisible('.buy button')
      }, 'the shop knows that it is there')
      await enter('.skip')
      await page.keyboard.press('Tab')
      assert.ok(await page.evaluate(`document.activeElement.matches('main *')`), 'the header is skipped')
      await page.goto('/')
      await keyboard.press('/')
      await keyboard.type(`Tea ${sku.slice(4)}`)
      await page.waitForSelector('#suggestions li')
      await keyboard.press('Escape')
      assert.ok(await page.isHidden('#suggestions'))
      await keyboard.type(' ')
      await page.waitForSelector('#suggestions li')
      await keyboard.press('ArrowDown')
      const chosen = await page.getAttribute('#q', 'aria-activedescendant')
      assert.equal(await page.textContent(`#${chosen}[aria-selected=true]`), `Tea ${sku.slice(4)}`)
      await keyboard.press('Enter')
      await page.waitForURL('**/p/**')

      await enter('.buy button')
      await page.waitForSelector('#cart-link .badge:text-is("1")')
      await enter('#cart-link')
      await page.waitForURL('**/cart')
      await enter('main [href="/checkout"]')
      await page.waitForURL('**/checkout')
      await type('[name=name]', 'Ayesha Khan')
      await type('[name=phone]', '0300 1234567')
      await type('[name=email]', freshEmail())
      await type('[name=line1]', '12 Mall Road')
      await type('[name=city]', 'Lahore')
      await tabTo(page, '[name=payment_method]')
      while (!(await page.isChecked('[value=cash_on_delivery]'))) await keyboard.press('ArrowDown')
      // What is filled in has become a line, which opens again.
      assert.equal(await page.locator('.part[open]').count(), 1)
      assert.ok(await page.isVisible('.filled:has-text("12 Mall Road, Lahore")'))
      await enter('.aside button')
      await page.waitForURL('**/orders/**')
      await page.waitForSelector('.status:has-text("Confirmed")')
      assert.deepEqual(complaints, [])
      await leave()
    })
})
