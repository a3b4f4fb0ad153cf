import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { someAddress } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser, Page } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, type OpenShop, openShop, phone, visitor } from './browser.ts'
import { fillAddress, firstPassword, freshEmail, linkMailed, member, said, signIn, signUp } from './members.ts'
import { assertFits, putIntoCart } from './shopping.ts'

const ways = [
  { name: 'on a phone', device: phone, javaScriptEnabled: true },
  { name: 'on a desktop without JavaScript', device: desktop, javaScriptEnabled: false },
] as const

describe('the account in the browser', { timeout: 400_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  before(async () => {
    ;({ mart, browser, baseURL, close } = await openShop())
  })
  after(() => close?.())

  for (const { name, device, javaScriptEnabled } of ways)
    test(`${name}: signs up, proves, changes, takes the data along and is erased`, async () => {
      const { page, complaints, leave } = await visitor(browser, { baseURL, ...device, javaScriptEnabled })
      const email = freshEmail()
      await signUp(page, email)
      await page.click('.rooms a:text-is("Your details")')
      await page.click('text=Send the link again')
      await said(page, 'The link is on its way')
      await page.goto(await linkMailed(mart, email, /Is this your e-mail/))
      assert.equal(new URL(page.url()).origin, baseURL)
      await page.waitForSelector('h1:text-is("Thank you")')

      await page.goto('/account/details')
      await page.waitForSelector('text=Confirmed: we know')
      await page.fill('[name=name]', 'Bushra Khan')
      await page.fill('[name=phone]', 'not a phone')
      await page.click('text=Save details')
      await page.waitForSelector('#phone-fault:has-text("0300 1234567")')
      assert.equal(await page.inputValue('[name=name]'), 'Bushra Khan')
      await page.fill('[name=phone]', '(0300) 123-4567')
      await page.selectOption('select[name=language]', 'ur')
      await page.click('text=Save details')
      await page.waitForSelector('html[lang=ur] [role=status]')
      assert.equal(await page.inputValue('[name=phone]'), '+923001234567')
      await page.selectOption('select[name=language]', 'en')
      await page.click('form:has(select[name=language]) button')
      await said(page, 'Your details are saved')
      assert.ok(await page.isVisible('.top-link:has-text("Bushra")'), 'the header says the new name')

      await page.goto('/account/addresses')
      await page.click('text=Add an address')
      await fillAddress(page)
      await page.fill('[name=country]', 'ZZ')
      await page.click('text=Save address')
      await page.waitForSelector('#country-fault')
      assert.equal(await page.inputValue('[name=line1]'), '12 Mall Road')
      await page.fill('[name=country]', 'pk')
      await page.click('text=Save address')
      await said(page, 'The address is added')
      await page.click('text=Add an address')
      await fillAddress(page)
      await page.fill('[name=label]', 'Office')
      await page.click('text=Save address')
      await page.click('[aria-label="Make it the usual one: Office"]')
      await said(page, 'This is where we deliver')
      assert.match((await page.textContent('.addresses li:has(.mark)'))!, /Office/)
      await page.click('[aria-label="Change: Office"]')
      await page.fill('[name=city]', 'Multan')
      await page.click('text=Save address')
      await said(page, 'The address is changed')
      await page.click('[aria-label="Delete: 12 Mall Road"]')
      await said(page, 'The address is deleted')
      assert.equal(await page.locator('.addresses li').count(), 1)
      assert.match((await page.textContent('.addresses li'))!, /Multan/)

      await page.goto('/account/notifications')
      await page.uncheck('[name=order_updates]')
      await page.check('[name=marketing]')
      await page.click('text=Save choices')
      await said(page, 'Your choices are saved')
      assert.deepEqual(
        [await page.isChecked('[name=order_updates]'), await page.isChecked('[name=marketing]')],
        [false, true],
      )

      const soldOut = await mart.stock(1)
      await mart.admin.api('inventory', 'POST', `/stock/${soldOut}/adjustments`, {
        body: { delta: -1, reason: 'damaged' },
      })
      await eventually(async () => {
        await page.goto(`/p/tea-${soldOut.slice(4)}`)
        return await page.isVisible('#alert')
      }, 'the shop knows that it is sold out')
      await page.fill('#alert [name=email]', email)
      await page.click('text=Tell me when it is back')
      await page.waitForSelector('text=We write to you once')
      const sku = await mart.stock(5)
      await putIntoCart(page, sku)
      await page.goto('/checkout')
      await page.check('[value=cash_on_delivery]')
      await page.click('text=Place order')
      await page.waitForURL('**/orders/**')
      await page.waitForSelector('.status:has-text("Confirmed")')
      await sendBack(page, mart, sku)
      await eventually(async () => {
        await page.goto('/account/notifications')
        return await page.isVisible('.messages li')
      }, 'the messages are listed')

      await page.goto('/account/data')
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Download my data')])
      const taken = JSON.parse(readFileSync(await download.path(), 'utf8'))
      assert.equal(taken.profile.email, email)
      assert.deepEqual(
        [taken.addresses[0].city, taken.preferences.marketing, taken.orders[0].lines[0].sku],
        ['Multan', true, sku],
      )
      assert.deepEqual([taken.orders.length, taken.payments.length], [1, 1])
      assert.ok(taken.notifications.length > 0)
      assert.deepEqual(
        [taken.returns[0].lines[0].sku, taken.returns[0].note, taken.stock_alerts[0].sku],
        [sku, 'the lid is off', soldOut],
      )
      assert.equal(taken.orders[0].history.at(-1).what, 'return_requested')
      assert.deepEqual([taken.sessions.length > 0, taken.account_mails[0].recipient], [true, email])

      await page.fill('[name=password]', 'not the right one')
      await page.click('text=Erase my account')
      await page.waitForSelector('#password-fault')
      assert.equal(await page.inputValue('[name=password]'), '')
      await page.fill('[name=password]', firstPassword)
      await page.click('text=Erase my account')
      await page.waitForSelector('text=Your account is erased')
      await page.goto('/account')
      assert.equal(new URL(page.url()).pathname, '/sign-in')
      await signIn(page, email, firstPassword)
      await page.waitForSelector('text=E-mail address or password is wrong')
      await assertFits(page)
      // The answers that said what was wrong with a form.
      assert.deepEqual(
        complaints.filter((one) => !/status of 4\d\d/.test(one)),
        [],
      )
      await leave()
    })

  for (const { name, device, javaScriptEnabled } of ways)
    test(`${name}: who has signed out is not shown the account by going back`, async () => {
      const { page, email, leave } = await member(browser, { baseURL, ...device, javaScriptEnabled })
      await page.goto('/account/details')
      await page.goto('/account')
      await page.click('main button:text-is("Sign out")')
      await page.waitForURL(`${baseURL}/`)
      for (const path of ['/account', '/account/details']) {
        await page.goBack()
        assert.equal(new URL(page.url()).href, `${baseURL}/sign-in?next=${encodeURIComponent(path)}`)
        assert.ok(await page.isVisible('.top-link:has-text("Sign in")'))
      }
      // An answer to a form is there, and no question of the browser whether to send it again.
      await signIn(page, email, 'not the right one')
      await page.waitForSelector('text=E-mail address or password is wrong')
      await signIn(page, email, firstPassword)
      await page.waitForURL('**/account/details')
      await page.goBack()
      if (javaScriptEnabled) await page.waitForURL('**/account')
      else await page.waitForSelector('text=E-mail address or password is wrong')
      await leave()
    })

  test('an order again: its lines are in the cart once, no fewer than are there, and what is no longer sold is said', async () => {
    const [here, gone] = [await mart.stock(10), await mart.stock(10)]
    const { page, leave } = await member(browser, { baseURL, ...phone })
    await putIntoCart(page, here)
    await putIntoCart(page, gone, 2)
    await page.goto('/checkout')
    await fillAddress(page)
    await page.check('[value=cash_on_delivery]')
    await page.click('text=Place order')
    await page.waitForURL('**/orders/**')
    await retire(mart, gone)
    await page.goto('/account')
    await page.click('text=Order again')
    await page.waitForSelector(`.notice.warning li:has-text("Tea ${gone.slice(4)}")`)
    await page.goto('/account')
    await page.click('text=Order again')
    assert.deepEqual(await page.locator('.lines .line-name').allTextContents(), [`Tea ${here.slice(4)}`])
    assert.equal(await page.textContent('#cart-link .badge'), '1')
    // Who has more of it in the cart by then keeps that.
    await page.click('[aria-label^="One more"]')
    await page.waitForSelector('#cart-link .badge:text-is("2")')
    await page.goto('/account')
    await page.click('text=Order again')
    await page.waitForURL('**/cart?again=**')
    assert.equal(await page.textContent('#cart-link .badge'), '2')
    await leave()
  })

  test('nobody is led elsewhere, nothing is taken from another page, and others’ addresses stay theirs', async () => {
    const { page, email, context, leave } = await member(browser, { baseURL })
    await page.goto('/account/addresses/new')
    await fillAddress(page)
    await page.click('text=Save address')
    await page.click('text=Change')
    const theirs = page.url()
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
    const post = (origin: string) =>
      fetch(`${baseURL}/account/data`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie, origin, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ password: firstPassword }),
      })
    assert.equal((await post('https://evil.example')).status, 403)
    const stranger = await member(browser, { baseURL })
    assert.equal((await stranger.page.goto(theirs))!.status(), 404)
    await stranger.leave()
    for (const next of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/account/details?done=<script>',
    ]) {
      await context.clearCookies()
      await page.goto(`/sign-in?next=${encodeURIComponent(next)}`)
      await signIn(page, email, firstPassword)
      await page.waitForSelector('.top-link:has-text("Ayesha")')
      assert.equal(new URL(page.url()).origin, baseURL)
    }
    assert.ok(!(await page.isVisible('[role=status]')))
    await leave()
  })

  test('too many wrong passwords are told, and nothing is erased', async () => {
    const { page, leave } = await member(browser, { baseURL })
    await page.goto('/account/data')
    await eventually(async () => {
      await page.fill('[name=password]', 'not the right one')
      await Promise.all([page.waitForEvent('load'), page.click('text=Erase my account')])
      return await page.isVisible('text=Those were too many tries')
    }, 'it is said that those were too many')
    await page.goto('/account')
    await page.waitForSelector('text=You are signed in as')
    await leave()
  })
})

/** Delivered, and to be sent back. */
async function sendBack(page: Page, { admin }: MartUnderTest, sku: string): Promise<void> {
  const id = new URL(page.url()).pathname.split('/').at(-1)!
  await admin.waitFor(id, ['confirmed'])
  await admin.api('order', 'POST', `/orders/${id}/shipments`, { body: { carrier: 'TCS', tracking_number: 'PK-1' } })
  await admin.api('order', 'POST', `/orders/${id}/deliveries`, { body: {} })
  await page.reload()
  await page.click('summary:text("Send something back")')
  await page.fill(`[name="quantity:${sku}"]`, '1')
  await page.selectOption(`[name="reason:${sku}"]`, 'damaged')
  await page.fill('#send-back [name=note]', 'the lid is off')
  await page.click('text=Ask to send it back')
  await page.waitForSelector('.returns :text("We are looking at your request")')
}

async function retire({ admin }: MartUnderTest, sku: string): Promise<void> {
  const { body: product } = await admin.api('product', 'GET', `/products/tea-${sku.slice(4)}`)
  const headers = { 'if-match': `"${product.version}"` }
  assert.equal((await admin.api('product', 'DELETE', `/products/${product.id}`, { headers })).status, 204)
  await eventually(async () => {
    const body = {
      lines: [{ sku, quantity: 1 }],
      currency: 'PKR',
      payment_method: 'cash_on_delivery',
      shipping_address: someAddress,
      expected_total: { amount: 1, currency: 'PKR' },
    }
    return (await admin.api('order', 'POST', '/orders', { body })).body.code === 'invalid_input'
  }, 'the order service has heard that it is not sold')
}
