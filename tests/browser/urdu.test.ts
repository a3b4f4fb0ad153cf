import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { call } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, type OpenShop, openShop, phone, visitor } from './browser.ts'
import { firstPassword, freshEmail } from './members.ts'
import { assertFits, fillCheckout, putIntoCart } from './shopping.ts'

const arabic = /\p{Script=Arabic}/u
const name = 'دانے دار چائے'

describe('the shop in Urdu', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  before(async () => {
    ;({ mart, browser, baseURL, close } = await openShop())
  })
  after(() => close?.())

  /** One who has not said which language he reads, until he presses the header's button. */
  const reader = async (device: BrowserContextOptions = desktop) => {
    const visit = await visitor(browser, { baseURL, ...device })
    const inUrdu = () => visit.page.click('[name=language][value=ur]')
    return { ...visit, inUrdu }
  }

  const subjectsTo = async (email: string): Promise<string[]> => {
    const { mail } = mart.mart.addresses
    const { body } = await call(`${mail}/api/v1/search?query=to:${encodeURIComponent(email)}`, 'GET')
    return body.messages.map(({ Subject }: { Subject: string }) => Subject)
  }
  const textsTo = async (email: string): Promise<string[]> => {
    const { mail } = mart.mart.addresses
    const { body } = await call(`${mail}/api/v1/search?query=to:${encodeURIComponent(email)}`, 'GET')
    const texts = body.messages.map(async ({ ID }: { ID: string }) => {
      const { body: one } = await call(`${mail}/api/v1/message/${ID}`, 'GET')
      return one.Text
    })
    return await Promise.all(texts)
  }
  const allMailsAreUrdu = (email: string, many: number) =>
    eventually(async () => {
      const subjects = await subjectsTo(email)
      for (const subject of subjects) assert.match(subject, arabic)
      return subjects.length >= many
    }, `${email} is written to in Urdu`)

  async function translated(): Promise<{ sku: string; slug: string }> {
    const sku = await mart.stock(9)
    const slug = `tea-${sku.slice(4)}`
    const { body } = await mart.admin.api('product', 'GET', `/products/${slug}`)
    const changed = await mart.admin.api('product', 'PATCH', `/products/${body.id}`, {
      headers: { 'if-match': `"${body.version}"` },
      body: { translations: { ur: { name: `${name} ${sku.slice(4)}`, description: 'تیز رنگ اور ذائقہ۔' } } },
    })
    assert.equal(changed.status, 200)
    return { sku, slug }
  }

  test('a product is in Urdu from the search to the receipt, and in every mail; what has no such name is in English', async () => {
    const { sku, slug } = await translated()
    const plain = await mart.stock(9)
    const { page, complaints, inUrdu, leave } = await reader(phone)
    await putIntoCart(page, plain)
    await putIntoCart(page, sku, 2)
    await page.goto(`/p/${slug}`)
    await inUrdu()
    await page.waitForSelector('html[lang=ur][dir=rtl]')
    await page.waitForSelector(`h1:not([lang]):has-text("${name}")`)
    assert.match((await page.getAttribute('meta[name=description]', 'content'))!, /تیز رنگ/)
    assert.equal(await page.getAttribute('meta[property="og:title"]', 'content'), await page.title())
    assert.match((await page.textContent('script[type="application/ld+json"]'))!, /"name":"دانے دار چائے/)
    // Typed with the letters of an Arabic keyboard, and one left out.
    await page.fill('#q', 'دانی دار چاي')
    await page.waitForSelector(`#suggestions a[lang=ur][href="/p/${slug}"]`)
    await page.goto('/cart')
    await page.waitForSelector(`.line-name:not([lang]):has-text("${name}")`)
    await page.goto('/checkout')
    await fillCheckout(page)
    assert.deepEqual(
      await Promise.all(['name', 'line1', 'note', 'email'].map((one) => page.getAttribute(`[name=${one}]`, 'dir'))),
      ['auto', 'auto', 'auto', 'ltr'],
    )
    const email = await page.inputValue('[name=email]')
    await page.click('form[action="/checkout"] .aside button')
    await page.waitForURL('**/orders/**')
    await page.waitForSelector(`.aside bdi:not([lang]):has-text("${name}")`)
    await page.waitForSelector('.aside bdi[lang=en][dir=ltr]:has-text("Tea")')
    await assertFits(page)
    await page.click('a[href$="/receipt"]')
    await page.waitForSelector(`.receipt td:not([lang]):has-text("${name}")`)
    await page.waitForSelector('.receipt td[lang=en][dir=ltr]:has-text("Tea")')
    await assertFits(page)
    await allMailsAreUrdu(email, 2)
    for (const text of await textsTo(email)) assert.match(text, new RegExp(`1 × ${name}`))
    assert.deepEqual(complaints, [])
    await leave()
  })

  for (const javaScriptEnabled of [true, false])
    test(`chosen at the checkout, ${javaScriptEnabled ? 'with' : 'without'} scripts: what was typed is there again, in another currency as well`, async () => {
      const { page, leave } = await visitor(browser, { baseURL, ...phone, javaScriptEnabled })
      await putIntoCart(page, await mart.stock(9))
      await page.goto('/checkout')
      await page.fill('[name=note]', 'to the back door')
      await fillCheckout(page)
      const names = ['name', 'phone', 'email', 'line1', 'city', 'note']
      const typed = () => Promise.all(names.map((one) => page.inputValue(`[name=${one}]`)))
      const before = await typed()
      await page.click('header button:text-is("اردو")')
      await page.waitForSelector('html[lang=ur]')
      assert.deepEqual(await typed(), before)
      assert.ok(await page.isChecked('[value=cash_on_delivery]'))
      for (const currency of ['USD', 'PKR']) {
        await page.click('.currency button')
        await page.waitForSelector(`[name=currency][value=${currency}]`, { state: 'attached' })
        assert.deepEqual(await typed(), before)
      }
      // Enter is for the order, not for a language.
      await page.evaluate(`document.querySelector('[name=line1]').closest('details').open = true`)
      await page.press('[name=line1]', 'Enter')
      await page.waitForURL('**/orders/**')
      await leave()
    })

  test('a list is sorted by the names in Urdu, and says so', async () => {
    await translated()
    await mart.stock(9)
    const { page, inUrdu, leave } = await reader()
    await page.goto('/search')
    await inUrdu()
    await page.waitForSelector('html[lang=ur]')
    await page.selectOption('select[name=sort]', 'name')
    await Promise.all([page.waitForURL('**sort=name**'), page.click('.filters button')])
    assert.equal(await page.inputValue('select[name=sort]'), 'name')
    const languages = await page.locator('.card-name a').evaluateAll((all) => all.map((one) => one.lang))
    assert.ok(languages.includes('') && languages.includes('en'))
    assert.deepEqual(languages, languages.toSorted(), 'what is in Urdu comes first')
    await leave()
  })

  test('without a translation the English text is marked as such, from left to right', async () => {
    const sku = await mart.stock(9)
    const { page, inUrdu, leave } = await reader()
    await page.goto(`/p/tea-${sku.slice(4)}`)
    await inUrdu()
    await page.waitForSelector('html[lang=ur] h1[lang=en][dir=ltr]')
    await leave()
  })

  async function openAccount(page: Page): Promise<string> {
    const email = freshEmail()
    await page.goto('/sign-up?next=/account')
    await page.fill('[name=name]', 'عائشہ خان')
    await page.fill('[name=email]', email)
    await page.fill('[name=password]', firstPassword)
    await page.click('main button')
    await page.waitForURL('**/account')
    return email
  }

  test('the language of who signs up is the account’s: mails are in it, and the shop on another device', async () => {
    const { page, inUrdu, leave } = await reader()
    await page.goto('/')
    await inUrdu()
    const email = await openAccount(page)
    await allMailsAreUrdu(email, 1)
    await leave()

    const elsewhere = await reader()
    await elsewhere.page.goto('/sign-in?next=/account/details')
    await elsewhere.page.fill('[name=email]', email)
    await elsewhere.page.fill('[name=password]', firstPassword)
    await elsewhere.page.click('main button')
    await elsewhere.page.waitForSelector('html[lang=ur]')
    assert.equal(await elsewhere.page.inputValue('select[name=language]'), 'ur')
    await elsewhere.leave()
  })

  test('who has chosen a language before signing in reads his mails in it, too', async () => {
    const first = await reader()
    const email = await openAccount(first.page)
    await first.leave()
    const { page, inUrdu, leave } = await reader()
    await page.goto('/sign-in?next=/account/details')
    await inUrdu()
    await page.fill('[name=email]', email)
    await page.fill('[name=password]', firstPassword)
    await page.click('main button')
    await page.waitForURL('**/account/details')
    assert.equal(await page.inputValue('select[name=language]'), 'ur')
    await leave()
  })
})
