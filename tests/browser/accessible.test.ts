import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser, BrowserContext } from 'playwright-core'
import { type MartUnderTest, startMartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, launchBrowser, phone, visitor, withShop } from './browser.ts'
import { isForEverybody, isForEverybodyDayAndNight, isLedTo } from './for-everybody.ts'
import { fillAddress, firstPassword, freshEmail, member } from './members.ts'
import { assertFits, fillCheckout, placeOrder, putIntoCart } from './shopping.ts'

describe('the pages are for everybody', { timeout: 600_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let signedIn: StorageState
  let order: string
  before(async () => {
    mart = await startMartUnderTest({ env: { ...withShop, MART_CATALOGUE: 'demo' } })
    browser = await launchBrowser()
    ;({ state: signedIn, order } = await somebodySignedIn(browser, mart))
  })
  after(async () => {
    await browser?.close()
    await mart?.stop()
  })

  const ofEverybody = [
    '/',
    '/c/tea-and-coffee?min=abc',
    '/search?q=nothing-like-it',
    '/p/tapal-danedar',
    '/p/karakoram-tea-bags?sku=TEA-TB-100',
    '/cart',
    '/sign-in',
    '/forgot',
    '/reset-password',
    '/reset-password?token=of-nothing',
    '/email-verified',
    '/erased',
    '/nowhere',
  ]
  const ofMembers = [
    '/account',
    '/account/details',
    '/account/addresses',
    '/account/addresses/new',
    '/account/notifications',
    '/account/second-factor',
    '/account/data',
    '/orders/…',
    '/orders/…/address',
    '/orders/…/receipt',
  ]
  const pathOf = (page: string) => page.replace('/orders/…', order)
  for (const path of [...ofEverybody, ...ofMembers])
    test(`${path}: axe finds nothing, by day and at night, and it fits a small screen`, async () => {
      const baseURL = mart.mart.addresses.shop!
      for (const device of [phone, desktop]) {
        const who = ofMembers.includes(path) ? { storageState: signedIn } : {}
        const { page, leave } = await visitor(browser, { baseURL, ...device, ...who })
        await page.goto(pathOf(path))
        assert.equal(new URL(page.url()).pathname, pathOf(path).split('?')[0])
        await isForEverybodyDayAndNight(page)
        await leave()
      }
    })

  test('the account in Urdu, from right to left: axe finds nothing, and it fits a small screen', async () => {
    const baseURL = mart.mart.addresses.shop!
    const { page, context, leave } = await visitor(browser, { baseURL, ...phone, storageState: signedIn })
    await context.addCookies([{ name: 'language', value: 'ur', url: baseURL }])
    for (const path of [...ofEverybody, ...ofMembers]) {
      await page.goto(pathOf(path))
      assert.equal(await page.getAttribute('html', 'dir'), 'rtl')
      await isForEverybody(page)
    }
    await leave()
  })

  for (const locale of ['en-PK', 'ur-PK'])
    for (const [name, device] of Object.entries({ phone, desktop }))
      test(`the cart and the checkout, ${locale}, ${name}, filled and with faults: axe finds nothing, by day and at night, and they fit the screen`, async () => {
        const { page, leave } = await visitor(browser, { baseURL: mart.mart.addresses.shop!, ...device, locale })
        await page.goto('/p/tapal-danedar')
        await page.click('.buy button')
        await page.waitForSelector('#cart-link .badge')
        await page.goto('/cart')
        await isForEverybodyDayAndNight(page)
        await page.goto('/checkout')
        await isForEverybodyDayAndNight(page)
        await fillCheckout(page)
        // Its parts have closed by now.
        await isForEverybodyDayAndNight(page)
        await page.click('.part summary')
        await page.fill('[name=phone]', '12')
        await page.click('.aside button')
        await isLedTo(page, '[name=phone]')
        await isForEverybodyDayAndNight(page)
        await leave()
      })

  test('what is wrong with a form: axe finds nothing, by day and at night, and it fits a small screen', async () => {
    const baseURL = mart.mart.addresses.shop!
    const { page, leave } = await visitor(browser, { baseURL, ...phone, storageState: signedIn })
    await page.goto('/account/details')
    await page.fill('[name=phone]', 'none')
    await page.click('text=Save details')
    await isLedTo(page, '[name=phone]', /This is no phone number/)
    await isForEverybodyDayAndNight(page)
    await leave()
  })

  /** Forms, by the first field that they ask for. */
  const forms = [
    ['/sign-in', 'email'],
    ['/sign-up', 'name'],
    ['/forgot', 'email'],
    ['/reset-password?token=of-nothing', 'newPassword'],
    ['/account/details', 'name'],
    ['/account/details', 'newEmail'],
    ['/account/details', 'currentPassword'],
    ['/account/addresses/new', 'name'],
    ['/account/second-factor', 'currentPassword'],
    ['/account/data', 'password'],
    ['/orders/…/address', 'name'],
  ] as const
  for (const javaScriptEnabled of [true, false])
    test(`who sends a form that is refused is led to what is wrong, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
      const options = { baseURL: mart.mart.addresses.shop!, ...phone, javaScriptEnabled }
      const guest = await visitor(browser, options)
      const customer = await visitor(browser, { ...options, storageState: signedIn })
      for (const [path, name] of forms) {
        const { page } = ofMembers.includes(path) ? customer : guest
        await page.goto(pathOf(path))
        await page.fill(`[name=${name}]`, '')
        const form = page.locator('form', { has: page.locator(`[name=${name}]`) })
        await form.evaluate((one) => one.setAttribute('novalidate', ''))
        await form.locator('button').first().click()
        await page.waitForSelector(`#${name}-fault`)
        await isLedTo(page, `[name=${name}]`, /Please fill this in/)
      }
      const { page } = guest
      await page.goto('/sign-in')
      await page.fill('[name=email]', freshEmail())
      await page.fill('[name=password]', 'of nobody')
      await page.click('main button')
      await isLedTo(page, '[role=alert]', /E-mail address or password is wrong/)
      await page.goto('/c/tea-and-coffee?min=5&max=abc')
      await isLedTo(page, '[name=max]', /This is no price/)
      await guest.leave()
      await customer.leave()
    })

  test('long words without a blank fit a small screen, and a large one', async () => {
    const sku = await mart.stock(5)
    await rename(mart, sku, long(200))
    const { page, leave } = await visitor(browser, { baseURL: mart.mart.addresses.shop!, ...phone })
    const fits = async (path?: string) => {
      if (path) await page.goto(path)
      for (const width of [1280, 320]) {
        await page.setViewportSize({ width, height: 740 })
        await assertFits(page)
      }
    }
    await page.goto('/sign-up?next=/account')
    await page.fill('[name=name]', `${long(32)} ${long(60)}`)
    await page.fill('[name=email]', `${long(60)}.${freshEmail()}`)
    await page.fill('[name=password]', firstPassword)
    await page.click('main button')
    await page.waitForURL('**/account')
    await page.goto('/account/addresses/new')
    await fillAddress(page)
    const address = { label: long(50), name: long(160), line1: long(200), line2: long(200), city: long(100) }
    for (const [name, text] of Object.entries(address)) await page.fill(`[name=${name}]`, text)
    await page.click('text=Save address')
    await putIntoCart(page, sku)
    await fits()
    await eventually(async () => {
      await page.goto('/cart')
      return await page.isVisible(`.line-name:text("${long(200)}")`)
    }, 'the cart knows its name')
    await fits()
    const searches = [`/search?q=${long(200)}`, `/c/tea-and-coffee?q=${long(200)}`]
    for (const path of [...searches, '/account', '/account/addresses', '/checkout']) await fits(path)
    await page.check('[value=cash_on_delivery]')
    await placeOrder(page)
    await page.waitForSelector('.status:has-text("Confirmed")')
    const order = new URL(page.url()).pathname
    await fits()
    for (const [what, body] of [
      ['shipments', { carrier: 'TCS', tracking_number: long(100) }],
      ['deliveries', {}],
    ] as const)
      assert.equal((await mart.admin.api('order', 'POST', `${order}/${what}`, { body })).status, 200)
    await page.waitForSelector('.status:has-text("Delivered")')
    await fits(order)
    await page.click('main a:text("Send something back")')
    await fits()
    await fits(`${order}/receipt`)
    await fits('/account/notifications')
    await leave()
  })
})

const long = (length: number) => 'Donaudampfschiff'.repeat(length).slice(0, length)

async function rename({ admin }: MartUnderTest, sku: string, name: string): Promise<void> {
  const { body: product } = await admin.api('product', 'GET', `/products/tea-${sku.slice(4)}`)
  const headers = { 'if-match': `"${product.version}"` }
  const { status } = await admin.api('product', 'PATCH', `/products/${product.id}`, { body: { name }, headers })
  assert.equal(status, 200)
}

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>

/** With an order, an address and a message. */
async function somebodySignedIn(
  browser: Browser,
  { mart }: MartUnderTest,
): Promise<{ readonly state: StorageState; readonly order: string }> {
  const { page, context, leave } = await member(browser, { baseURL: mart.addresses.shop! })
  await page.goto('/account/addresses/new')
  await fillAddress(page)
  await page.click('text=Save address')
  await page.goto('/p/tapal-danedar')
  await page.click('.buy button')
  await page.waitForSelector('#cart-link .badge')
  await page.goto('/checkout')
  await page.check('[value=cash_on_delivery]')
  await page.click('text=Place order')
  await page.waitForURL('**/orders/**')
  await page.waitForSelector('.status:has-text("Confirmed")')
  const order = new URL(page.url()).pathname
  const state = await context.storageState()
  await leave()
  return { state, order }
}
