import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { call } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, type OpenShop, openShop, phone, visitor } from './browser.ts'
import { isForEverybody } from './for-everybody.ts'
import { fillAddress, firstPassword, freshEmail, member, said, secondPassword, signIn } from './members.ts'
import { assertFits, fillCheckout, placeOrder, putIntoCart, signUp } from './shopping.ts'

/** As long as a note may be, of letters that take two bytes each. */
const letters = [...'ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھءیے']
const note = Array.from({ length: 1_000 }, (_, n) => letters[(n * n * 7 + n * 13) % letters.length]).join('')

const asGuest = 'main button:text-is("Go on as a guest")'

describe('a session that ends while a form is filled in', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  before(async () => {
    ;({ mart, browser, baseURL, close } = await openShop())
  })
  after(() => close?.())

  const orders = async (): Promise<unknown[]> => (await mart.admin.api('order', 'GET', '/orders?limit=100')).body.items
  /** What of the order that a page shows was typed, and whose it is. */
  const orderAt = async (page: Page) => {
    const { customer_id, shipping_address, note } = (await mart.admin.api('order', 'GET', new URL(page.url()).pathname))
      .body
    return { isGuests: customer_id === null, line1: shipping_address.line1, note }
  }

  /** Somebody signed in who has filled in everything. */
  const somebodyReady = async (options: BrowserContextOptions) => {
    const { page, context, email, leave } = await member(browser, { baseURL, ...options })
    await putIntoCart(page, await mart.stock(5))
    await page.goto('/checkout')
    await page.fill('[name=note]', note)
    await fillCheckout(page)
    return { page, context, email, leave }
  }
  const isAskedToSignIn = async (page: Page) => {
    await page.waitForSelector('text=what you typed is kept')
    assert.equal(new URL(page.url()).href, `${baseURL}/sign-in?next=%2Fcheckout&ended=typed`)
  }
  const isAsTyped = async (page: Page) => {
    assert.equal(await page.inputValue('[name=line1]'), '12 Mall Road')
    assert.equal(await page.inputValue('[name=phone]'), '0300-1234567')
    assert.equal(await page.inputValue('[name=note]'), note)
    assert.ok(await page.isChecked('[value=cash_on_delivery]'))
  }

  /** On another device: until every service knows it, the shop would still take the order. */
  const changePassword = async (email: string) => {
    const { user, order } = mart.mart.addresses
    const credentials = { email, password: firstPassword }
    const { body: session } = await call(`${user}/auth/sign-in/email`, 'POST', { body: credentials })
    const { token } = (await call(`${user}/auth/token`, 'GET', { token: session.token })).body
    const body = { currentPassword: firstPassword, newPassword: secondPassword, revokeOtherSessions: true }
    assert.equal((await call(`${user}/auth/change-password`, 'POST', { body, token: session.token })).status, 200)
    await eventually(
      async () => (await call(`${order}/orders`, 'GET', { token })).status === 401,
      'its tokens have ended',
    )
  }

  test('another password, on a phone: who signs in again is back at the checkout with what he typed, and orders once', async () => {
    const { page, context, email, leave } = await somebodyReady(phone)
    const before = (await orders()).length
    await changePassword(email)
    await page.click('text=Place order')
    await isAskedToSignIn(page)
    await isForEverybody(page)
    await signIn(page, email, firstPassword)
    await page.waitForSelector('text=E-mail address or password is wrong')
    assert.ok(await page.isVisible(asGuest))
    assert.equal((await orders()).length, before)
    await signIn(page, email, secondPassword)
    await page.waitForURL('**/checkout')
    await isAsTyped(page)
    await placeOrder(page)
    await page.waitForSelector('.status:has-text("Confirmed")')
    assert.equal((await orders()).length, before + 1)
    assert.deepEqual(await orderAt(page), { isGuests: false, line1: '12 Mall Road', note })
    assert.deepEqual(
      (await context.cookies(`${baseURL}/checkout`)).filter(({ name }) => name === 'typed'),
      [],
    )
    await leave()
  })

  test('its time is over, without JavaScript: who goes on as a guest types his e-mail address, and nothing else again', async () => {
    const { page, context, leave } = await somebodyReady({ ...desktop, javaScriptEnabled: false })
    const before = (await orders()).length
    await context.clearCookies({ name: 'session' })
    await page.click('text=Place order')
    await isAskedToSignIn(page)
    await assertFits(page)
    await page.click(asGuest)
    await page.waitForURL('**/checkout')
    await isAsTyped(page)
    await page.fill('[name=email]', freshEmail())
    await placeOrder(page)
    assert.equal((await orders()).length, before + 1)
    assert.deepEqual(await orderAt(page), { isGuests: true, line1: '12 Mall Road', note })
    await leave()
  })

  test('somebody else who signs in there is not shown what was typed', async () => {
    const { page, context, leave } = await somebodyReady(phone)
    await context.clearCookies({ name: 'session' })
    await page.click('text=Place order')
    await isAskedToSignIn(page)
    await signUp(page)
    await page.waitForURL('**/cart')
    await putIntoCart(page, await mart.stock(5))
    await page.goto('/checkout')
    for (const name of ['line1', 'phone', 'note']) assert.equal(await page.inputValue(`[name=${name}]`), '')
    await leave()
    const stranger = await visitor(browser, { baseURL, ...phone })
    await stranger.page.goto('/sign-in?next=/checkout&ended=typed')
    await stranger.page.click(asGuest)
    await stranger.page.waitForSelector('text=Your cart is empty')
    await stranger.leave()
  })

  test('another account signs in in a second tab: nothing is ordered, and who signs in again is where he was', async () => {
    const { page, context, email, leave } = await somebodyReady(desktop)
    const before = (await orders()).length
    await context.clearCookies({ name: 'session' })
    const tab = await context.newPage()
    await tab.goto('/sign-up')
    await signUp(tab)
    await page.click('text=Place order')
    await page.waitForSelector('text=In this browser Ayesha Khan is signed in by now')
    assert.ok(await page.isVisible('main a:text-is("Go on as Ayesha Khan")'))
    await isForEverybody(page)
    assert.equal((await orders()).length, before)
    await signIn(page, email, firstPassword)
    await page.waitForURL('**/checkout')
    await isAsTyped(page)
    await leave()
  })

  test('at an address, without JavaScript: it is there again after the sign-in, and is kept once it is saved', async () => {
    const { page, context, email, leave } = await member(browser, { baseURL, ...phone, javaScriptEnabled: false })
    await page.goto('/account/addresses/new')
    await fillAddress(page)
    await page.check('[name=is_default]')
    await context.clearCookies({ name: 'session' })
    await page.click('text=Save address')
    await page.waitForSelector('text=what you typed is kept')
    await assertFits(page)
    await signIn(page, email, firstPassword)
    await page.waitForURL('**/account/addresses/new')
    assert.equal(await page.inputValue('[name=line1]'), '12 Mall Road')
    assert.ok(await page.isChecked('[name=is_default]'))
    await page.click('text=Save address')
    await said(page, 'The address is added')
    await page.goto('/account/addresses/new')
    assert.equal(await page.inputValue('[name=line1]'), '')
    await leave()
  })
})
