import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser, Page } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, type OpenShop, openShop, phone, visitor } from './browser.ts'
import { isForEverybody } from './for-everybody.ts'
import { freshEmail, linkMailed, mailTo, member, said } from './members.ts'
import { assertFits } from './shopping.ts'

const ways = [
  { name: 'on a phone', device: phone, javaScriptEnabled: true },
  { name: 'on a desktop without JavaScript', device: desktop, javaScriptEnabled: false },
] as const

describe('what is sold out, in the browser', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  before(async () => {
    ;({ mart, browser, baseURL, close } = await openShop())
  })
  after(() => close?.())

  const receive = async (sku: string, delta: number) => {
    const body = { delta, reason: delta > 0 ? 'received' : 'damaged' }
    assert.equal((await mart.admin.api('inventory', 'POST', `/stock/${sku}/adjustments`, { body })).status, 201)
  }
  /** The page of something that is sold out. */
  const soldOut = async (page: Page) => {
    const sku = await mart.stock(1)
    await receive(sku, -1)
    await eventually(async () => {
      await page.goto(`/p/tea-${sku.slice(4)}`)
      return await page.isVisible('#alert')
    }, 'the shop knows that it is sold out')
    return sku
  }

  for (const { name, device, javaScriptEnabled } of ways)
    test(`${name}: an address is left, stock comes, and its one mail leads back`, async () => {
      const { page, leave } = await visitor(browser, { baseURL, ...device, javaScriptEnabled })
      const sku = await soldOut(page)
      const email = freshEmail()
      await page.fill('[name=email]', 'me@nowhere')
      await page.evaluate(`document.querySelector('#alert form').noValidate = true`)
      await page.click('text=Tell me when it is back')
      await page.waitForSelector('#email-fault')
      assert.equal(await page.inputValue('[name=email]'), 'me@nowhere')
      await (javaScriptEnabled ? isForEverybody : assertFits)(page)
      await page.fill('[name=email]', email)
      await page.click('text=Tell me when it is back')
      await said(page, 'We write to you once')
      await receive(sku, 5)
      const link = await linkMailed(mart, email, /Back in stock/)
      assert.match(await mailTo(mart, email, /Back in stock/), /only one about it/)
      await page.goto(link)
      assert.equal(new URL(page.url()).origin, baseURL)
      await page.waitForSelector('.buy button')
      await leave()
    })

  test('who asks for what has come back meanwhile is told that he can buy it', async () => {
    const { page, leave } = await visitor(browser, { baseURL, ...desktop, javaScriptEnabled: true })
    const sku = await soldOut(page)
    await page.fill('[name=email]', freshEmail())
    await receive(sku, 5)
    await eventually(async () => {
      const body = { sku, email: freshEmail() }
      return (await mart.admin.api('notification', 'POST', '/stock-alerts', { body })).status === 409
    }, 'it is known to be back')
    await page.click('text=Tell me when it is back')
    await said(page, 'It is back')
    await eventually(async () => {
      await page.reload()
      return await page.isVisible('.buy button')
    }, 'it can be bought')
    await leave()
  })

  test('who is signed in need not type his address', async () => {
    const { page, email, leave } = await member(browser, { baseURL })
    await soldOut(page)
    assert.equal(await page.inputValue('[name=email]'), email)
    await page.click('text=Tell me when it is back')
    await said(page, 'We write to you once')
    await leave()
  })
})
