import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { eventually } from '@mart/service-kit/eventually'
import type { Page } from 'playwright-core'

/** Puts one piece into the cart, once the shop knows that it is there; in a cart that is not empty, say how many are in it then. */
export async function putIntoCart(page: Page, sku: string, count = 1): Promise<void> {
  await eventually(async () => {
    await page.goto(`/p/tea-${sku.slice(4)}`)
    return await page.isVisible('.buy button')
  }, 'the shop knows that it is there')
  await page.click('.buy button')
  await page.waitForSelector(`#cart-link .badge:text-is("${count}")`)
}

/** Opens an account, from wherever the sign-in was asked for. Resolves to its e-mail address. */
export async function signUp(page: Page): Promise<string> {
  if (new URL(page.url()).pathname === '/sign-in') await page.click('main a:text("Open an account")')
  const email = `${randomUUID()}@example.com`
  await page.fill('[name=name]', 'Ayesha Khan')
  await page.fill('[name=email]', email)
  await page.fill('[name=password]', 'purple kettle mango')
  await page.click('main button')
  await page.waitForURL((url) => url.pathname !== '/sign-up')
  return email
}

/** What a checkout asks for, of a guest his e-mail address as well. */
export async function fillCheckout(
  page: Page,
  method = 'cash_on_delivery',
  email = `${randomUUID()}@example.com`,
): Promise<void> {
  await page.fill('[name=name]', 'Ayesha Khan')
  await page.fill('[name=phone]', '0300-1234567')
  await page.fill('[name=line1]', '12 Mall Road')
  await page.fill('[name=city]', 'Lahore')
  const field = page.locator('[name=email]')
  if ((await field.count()) > 0) await field.fill(email)
  await page.check(`[value=${method}]`)
}

export async function placeOrder(page: Page): Promise<void> {
  await page.click('text=Place order')
  await page.waitForURL('**/orders/**')
}

/** Nothing may stand out at the side; what does makes `innerWidth` grow on a phone, but not the page's own width. */
export async function assertFits(page: Page): Promise<void> {
  const [needs, has] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  )
  assert.ok(needs <= has, `${page.url()} is ${needs} px wide, on a screen of ${has} px`)
}
