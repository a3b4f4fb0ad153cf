// `npm run screenshots -- <address>`: every page of a shop that runs, on a phone and a desktop, light and dark, in both
// languages, into ./screenshots. For it somebody opens an account there and orders something.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { desktop, launchBrowser, phone, visitor } from './browser.ts'
import { fillAddress, member } from './members.ts'
import { fillCheckout, placeOrder } from './shopping.ts'

const shop = process.argv[2] ?? 'http://127.0.0.1:3000'
const folder = join(import.meta.dirname, '../../screenshots')
const ofEverybody = {
  home: '/',
  category: '/c/tea-and-coffee',
  search: '/search?q=chai',
  'nothing-found': '/search?q=zzzzzz',
  product: '/p/tapal-danedar',
  cart: '/cart',
  checkout: '/checkout',
  'sign-in': '/sign-in',
  'sign-up': '/sign-up',
  forgot: '/forgot',
  nowhere: '/nowhere',
}

mkdirSync(folder, { recursive: true })
const browser = await launchBrowser()
const { storageState, ofMembers } = await somebodyWhoOrdered()
for (const [deviceName, device] of Object.entries({ phone, desktop }))
  for (const colorScheme of ['light', 'dark'] as const)
    for (const language of ['en', 'ur']) {
      const name = (page: string) => `${page}-${deviceName}-${colorScheme}-${language}`
      await picture({ ...device, colorScheme }, language, async (page) => {
        await fillCart(page)
        for (const [at, path] of Object.entries(ofEverybody)) await take(page, name(at), path)
        await page.goto('/checkout')
        await fillCheckout(page)
        await page.click('.part summary')
        await page.fill('[name=phone]', '12')
        await page.click('.aside button')
        await page.waitForSelector('#phone-fault')
        await take(page, name('checkout-fault'))
      })
      await picture({ ...device, colorScheme, storageState }, language, async (page) => {
        for (const [at, path] of Object.entries(ofMembers)) await take(page, name(at), path)
      })
    }
await browser.close()
console.log(`They are in ${folder}`)

async function picture(options: BrowserContextOptions, language: string, look: (page: Page) => Promise<void>) {
  const { page, context, leave } = await visitor(browser, { baseURL: shop, ...options })
  await context.addCookies([{ name: 'language', value: language, url: shop }])
  await look(page)
  await leave()
}

async function take(page: Page, name: string, path?: string): Promise<void> {
  // An order's page has events that do not end.
  if (path) await page.goto(path, { waitUntil: 'load' })
  await page.waitForTimeout(300)
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

async function fillCart(page: Page): Promise<void> {
  await page.goto('/p/tapal-danedar')
  await page.click('.buy button')
  await page.waitForSelector('#cart-link .badge')
}

/** With an address, an order and something in the cart. */
async function somebodyWhoOrdered() {
  const { page, context, leave } = await member(browser, { baseURL: shop })
  await page.goto('/account/addresses/new')
  await fillAddress(page)
  await page.click('text=Save address')
  await fillCart(page)
  await page.goto('/checkout')
  await page.check('[value=cash_on_delivery]')
  await placeOrder(page)
  await page.waitForSelector('.status:has-text("Confirmed")')
  const order = new URL(page.url()).pathname
  await fillCart(page)
  const storageState = await context.storageState()
  await leave()
  return {
    storageState,
    ofMembers: {
      'checkout-member': '/checkout',
      order,
      account: '/account',
      details: '/account/details',
      addresses: '/account/addresses',
      'new-address': '/account/addresses/new',
      messages: '/account/notifications',
      'second-factor': '/account/second-factor',
      data: '/account/data',
    },
  }
}
