import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser, Page } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, type OpenShop, openShop, phone, visitor } from './browser.ts'
import { isForEverybody } from './for-everybody.ts'
import { firstPassword, freshEmail, linkMailed, mailTo, member, secondPassword, signIn } from './members.ts'
import { assertFits, fillCheckout, placeOrder, putIntoCart } from './shopping.ts'

const ways = [
  { name: 'on a phone', device: phone, javaScriptEnabled: true },
  { name: 'on a desktop without JavaScript', device: desktop, javaScriptEnabled: false },
] as const

describe('the page of an order in the browser', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  before(async () => {
    ;({ mart, browser, baseURL, close } = await openShop({
      SELLER_NAME: 'The Test Mart',
      SELLER_ADDRESS: '1 Mall Road, Lahore',
      SELLER_TAX_NUMBER: 'NTN 1234567-8',
    }))
  })
  after(() => close?.())

  /** Orders as a guest. Resolves to the order's path. */
  const order = async (page: Page, email: string, method = 'cash_on_delivery') => {
    await putIntoCart(page, await mart.stock(5))
    await page.goto('/checkout')
    await fillCheckout(page, method, email)
    await placeOrder(page)
    if (method === 'cash_on_delivery') await page.waitForSelector('.status:has-text("Confirmed")')
    return new URL(page.url()).pathname
  }
  const ship = (path: string) =>
    mart.admin.api('order', 'POST', `${path}/shipments`, { body: { carrier: 'TCS', tracking_number: '1' } })

  for (const { name, device, javaScriptEnabled } of ways)
    test(`${name}: another address, until it is shipped`, async () => {
      const { page, context, leave } = await visitor(browser, { baseURL, ...device, javaScriptEnabled })
      const email = freshEmail()
      const path = await order(page, email)
      const other = await context.newPage()
      await other.goto(path)
      if (javaScriptEnabled) await other.waitForSelector('.live.on')
      await page.click('text=Change address')
      assert.equal(await page.inputValue('[name=line1]'), '12 Mall Road')
      await page.fill('[name=line1]', '7 Canal Road')
      await page.fill('[name=phone]', 'none')
      await page.click('text=Deliver it there')
      await page.waitForSelector('#phone-fault')
      assert.equal(await page.inputValue('[name=line1]'), '7 Canal Road')
      await (javaScriptEnabled ? isForEverybody : assertFits)(page)
      await page.fill('[name=phone]', '0300 7654321')
      assert.equal(await page.isVisible('#phone-fault'), !javaScriptEnabled, 'it is said until one types there')
      await page.click('text=Deliver it there')
      await page.waitForURL(`**${path}`)
      if (!javaScriptEnabled) await other.reload()
      for (const tab of [page, other]) {
        await tab.waitForSelector('address:has-text("7 Canal Road")')
        await tab.waitForSelector('.timeline :text("It goes to another address")')
      }
      const mail = await mailTo(mart, email, /goes to another address/)
      assert.doesNotMatch(mail, /Canal/)
      assert.ok(mail.includes(path), 'it leads to the order')

      await page.click('text=Change address')
      await page.fill('[name=line1]', '8 Canal Road')
      assert.equal((await ship(path)).status, 200)
      await page.click('text=Deliver it there')
      await page.waitForSelector('text=It is too late for this')
      await page.goto(`${path}/address`)
      assert.equal(new URL(page.url()).pathname, path)
      await page.waitForSelector('address:has-text("7 Canal Road")')
      assert.equal(await page.isVisible('text=Change address'), false)
      await leave()
    })

  test('what happens meanwhile is told and can be used; the focus, and what is half typed, stay', async () => {
    const { page, complaints, leave } = await visitor(browser, { baseURL, ...phone })
    const path = await order(page, freshEmail())
    await page.fill('[name=password]', 'short')
    await page.click('main button:text-is("Keep this order")')
    await page.waitForSelector('#password-fault')
    await page.waitForSelector('.live.on')
    await page.focus('main a:text-is("Receipt")')
    await page.evaluate(`window.told = document.querySelector('main [aria-live=polite]')`)
    assert.equal((await ship(path)).status, 200)
    await page.waitForSelector('.status:has-text("On its way")')
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Receipt')
    assert.ok(await page.isVisible('#password-fault'))
    await page.fill('[name=password]', 'half a pass')
    assert.match(await page.evaluate('told.isConnected && told.textContent'), /On its way/)
    assert.equal((await mart.admin.api('order', 'POST', `${path}/deliveries`, { body: {} })).status, 200)
    await page.click('main a:text-is("Send something back")')
    await page.fill('#send-back [name=note]', 'the lid is off')
    assert.equal(await page.inputValue('[name=password]'), 'half a pass')
    await isForEverybody(page)
    assert.equal(complaints.length, 1, 'the password that was too short')
    await leave()
  })

  test('the receipt: who sells, what, for how much and how it is paid; on paper it stands alone', async () => {
    const { page, leave } = await visitor(browser, { baseURL, ...phone, colorScheme: 'dark' })
    const path = await order(page, freshEmail())
    await page.click('text=Receipt')
    await page.waitForURL(`**${path}/receipt`)
    const text = (await page.textContent('.receipt'))!
    for (const part of ['The Test Mart', 'NTN 1234567-8', '12 Mall Road', 'To be paid in cash at the door', 'Rs'])
      assert.ok(text.includes(part), part)
    assert.ok(await page.isVisible('[data-print]'))
    await isForEverybody(page)
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    for (const hidden of ['.top', '.foot', '[data-print]']) assert.equal(await page.isVisible(hidden), false, hidden)
    const colours = await page.evaluate(`(({ color, backgroundColor }) => [color, backgroundColor])(
      getComputedStyle(document.querySelector('.receipt')))`)
    assert.deepEqual(colours, ['rgb(0, 0, 0)', 'rgb(255, 255, 255)'])
    assert.match((await page.pdf({ preferCSSPageSize: true })).toString('latin1'), /^%PDF[\s\S]*\/Count 1\b/)
    await leave()
  })

  test('the receipt of an order to be paid online: none before it is paid, and what was sent back is on it', async () => {
    const { page, leave } = await visitor(browser, { baseURL, ...desktop })
    const path = await order(page, freshEmail(), 'stripe')
    await page.waitForSelector('#card_number')
    await page.goto(`${path}/receipt`)
    assert.equal(new URL(page.url()).pathname, path)
    assert.equal(await page.isVisible('text=Receipt'), false)
    await page.click('[data-pay]')
    await page.fill('#card_number', '4242 4242 4242 4242')
    await page.click('button:has-text("Pay")')
    await page.waitForSelector('.status:has-text("Confirmed")')
    const id = path.split('/').at(-1)
    const { items } = (await mart.admin.api('payment', 'GET', `/payments?order_id=${id}`)).body
    const refund = { amount: { amount: 10_000, currency: 'PKR' }, reason: 'broken' }
    const { status } = await mart.admin.api('payment', 'POST', `/payments/${items[0].id}/refunds`, { body: refund })
    assert.equal(status, 201)
    await page.waitForSelector('.timeline :text("Money sent back")')
    await page.goto(`${path}/receipt`)
    const text = (await page.textContent('.receipt'))!
    assert.match(text, /Paid by card/)
    assert.match(text, /Sent back to youRs\s100/)
    await leave()
  })

  for (const { name, device, javaScriptEnabled } of ways)
    test(`${name}: a guest keeps his order with a password; it is his account's once the mailed link is followed`, async () => {
      const { page, context, leave } = await visitor(browser, { baseURL, ...device, javaScriptEnabled })
      const email = freshEmail()
      const path = await order(page, email)
      assert.match(await mailTo(mart, email, /received your order/), /keep it in an account/)
      await page.fill('[name=password]', 'short')
      await page.click('main button:text-is("Keep this order")')
      await page.waitForSelector('#password-fault')
      await (javaScriptEnabled ? isForEverybody : assertFits)(page)
      assert.equal(await page.inputValue('[name=password]'), '')
      await page.fill('[name=password]', firstPassword)
      await page.click('main button:text-is("Keep this order")')
      await page.waitForSelector('text=Please follow the link')
      assert.equal(new URL(page.url()).pathname, path)
      assert.ok(await page.isVisible('.top-link:has-text("Ayesha")'), 'he is signed in')
      if (javaScriptEnabled) await page.waitForSelector('.live.on')
      const other = await context.newPage()
      await other.goto(await linkMailed(mart, email, /Is this your e-mail/))
      if (javaScriptEnabled) await page.waitForSelector('text=Please follow the link', { state: 'detached' })
      await eventually(async () => {
        await page.goto('/account')
        return await page.isVisible(`a[href="${path}"]`)
      }, 'the order is in the account')
      await page.goto(path)
      await page.waitForSelector('.timeline :text("Kept in your account")')
      assert.equal(await page.isVisible('text=Keep this order'), false)
      if (javaScriptEnabled) await page.waitForSelector('.live.on')
      await leave()
    })

  test('a guest who has an account already signs in and takes the order there', async () => {
    const { email, ...first } = await member(browser, { baseURL })
    await first.page.goto(await linkMailed(mart, email, /Is this your e-mail/))
    await first.leave()
    const { page, leave } = await visitor(browser, { baseURL, ...phone })
    const path = await order(page, email)
    await page.fill('[name=password]', secondPassword)
    await page.click('main button:text-is("Keep this order")')
    await page.waitForSelector('text=There is an account with this e-mail address already')
    await page.click('main a:text-is("Sign in")')
    await signIn(page, email, firstPassword)
    await page.waitForURL(`**${path}`)
    await page.click('main button:text-is("Keep this order")')
    await page.waitForSelector('.timeline :text("Kept in your account")')
    await leave()
  })
})
