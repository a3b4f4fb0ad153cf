import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import decodeQR from 'qr/decode.js'
import { totp, totpBefore } from '../../services/user/test/totp.ts'
import { type OpenShop, openShop, phone } from './browser.ts'
import { isForEverybody } from './for-everybody.ts'
import { firstPassword, member, said, signIn } from './members.ts'
import { assertFits } from './shopping.ts'

const PATH = '/account/second-factor'

describe('a second step at the sign-in', { timeout: 300_000 }, () => {
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  before(async () => {
    ;({ browser, baseURL, close } = await openShop())
  })
  after(() => close?.())

  const askWith = async (page: Page, does: string, password: string) => {
    const form = page.locator(`form:has([name=do][value=${does}])`)
    await form.locator('[name=currentPassword]').fill(password)
    await form.locator('button').click()
  }

  test('its key is there to be scanned as well, in both themes and both languages', async () => {
    const { page, context, leave } = await member(browser, { baseURL, ...phone })
    for (const colorScheme of ['light', 'dark'] as const)
      for (const language of ['en', 'ur']) {
        await context.addCookies([{ name: 'language', value: language, url: baseURL }])
        await page.emulateMedia({ colorScheme })
        await page.goto(PATH)
        await askWith(page, 'begin', firstPassword)
        const uri = await page.getAttribute('[href^="otpauth:"]', 'href')
        assert.equal(await readBy(page, page.locator('svg.qr')), uri, `${colorScheme} ${language}`)
        await isForEverybody(page)
      }
    await leave()
  })

  for (const javaScriptEnabled of [true, false])
    test(`is turned on, asked for, and turned off${javaScriptEnabled ? '' : ', without JavaScript'}`, async () => {
      const { page, context, email, leave } = await member(browser, { baseURL, ...phone, javaScriptEnabled })
      await page.goto(PATH)
      await askWith(page, 'begin', 'not my password')
      await page.waitForSelector('#currentPassword-fault')
      await askWith(page, 'begin', firstPassword)
      const uri = await page.getAttribute('[href^="otpauth:"]', 'href')
      const codes = await page.locator('.codes li').allTextContents()
      assert.equal(codes.length, 10)
      await assertFits(page)

      await page.fill('[name=code]', '12 34')
      await page.click('main form button')
      await page.waitForSelector('#code-fault')
      assert.deepEqual(await page.locator('.codes li').allTextContents(), codes)
      await page.fill('[name=code]', await totpBefore(uri!))
      await page.click('main form button')
      await said(page, 'The second step is on')
      assert.equal(await page.locator('.codes').count(), 0, 'the codes are shown once')

      await context.clearCookies()
      await page.goto(`/sign-in?next=${PATH}`)
      await signIn(page, email, firstPassword)
      await page.fill('[name=code]', totp(uri!))
      await page.click('main button:text-is("Sign in")')
      await page.waitForURL(`**${PATH}`)

      await askWith(page, 'codes', firstPassword)
      await page.waitForSelector('.codes li')
      const fresh = await page.locator('.codes li').allTextContents()
      assert.equal(fresh.filter((code) => codes.includes(code)).length, 0)

      await page.click('summary')
      await askWith(page, 'off', firstPassword)
      await said(page, 'The second step is off')
      await context.clearCookies()
      await page.goto('/sign-in?next=/account')
      await signIn(page, email, firstPassword)
      await page.waitForURL('**/account')
      await leave()
    })
})

/** What a camera reads of it. */
async function readBy(page: Page, code: Locator): Promise<string> {
  const png = (await code.screenshot()).toString('base64')
  // Elsewhere than in the shop, whose policy lets nothing in.
  const elsewhere = await page.context().newPage()
  const { width, height, data } = (await elsewhere.evaluate(`(async () => {
    const picture = await createImageBitmap(await (await fetch('data:image/png;base64,${png}')).blob())
    const { width, height } = picture
    const canvas = new OffscreenCanvas(width, height).getContext('2d')
    canvas.drawImage(picture, 0, 0)
    return { width, height, data: [...canvas.getImageData(0, 0, width, height).data] }
  })()`)) as { width: number; height: number; data: number[] }
  await elsewhere.close()
  return decodeQR({ width, height, data: Uint8Array.from(data) })
}
