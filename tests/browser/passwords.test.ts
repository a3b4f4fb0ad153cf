import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { call } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser, Page } from 'playwright-core'
import { totp, totpBefore } from '../../services/user/test/totp.ts'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { type OpenShop, openShop, phone, visitor } from './browser.ts'
import { firstPassword, freshEmail, linkMailed, member, said, secondPassword, signIn } from './members.ts'

describe('passwords and addresses in the browser', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let baseURL: string
  let close: OpenShop['close']
  before(async () => {
    ;({ mart, browser, baseURL, close } = await openShop({ LOG_LEVEL: 'debug' }))
  })
  after(() => close?.())

  test('another password: faults at the field, this browser stays signed in, another one is signed out', async () => {
    const { page, email, leave } = await member(browser, { baseURL })
    const other = await visitor(browser, { baseURL, ...phone })
    await other.page.goto('/sign-in?next=/account')
    await signIn(other.page, email, firstPassword)
    await other.page.waitForURL('**/account')
    await page.goto('/account/details')
    await changePassword(page, 'not the right one', secondPassword)
    await page.waitForSelector('#currentPassword-fault')
    await changePassword(page, firstPassword, 'short')
    await page.waitForSelector('#newPassword-fault:has-text("too short")')
    for (const name of ['currentPassword', 'newPassword']) assert.equal(await page.inputValue(`[name=${name}]`), '')
    await changePassword(page, firstPassword, secondPassword)
    await said(page, 'Your password is changed')
    await page.goto('/account/addresses')
    await page.waitForSelector('text=No addresses yet')
    await eventually(async () => {
      await other.page.goto('/account/addresses')
      return await other.page.isVisible('h1:text("ign")')
    }, 'the other browser is signed out')
    await other.page.goto('/account')
    await signIn(other.page, email, secondPassword)
    await other.page.waitForURL('**/account')
    await other.leave()
    await leave()
  })

  test('another e-mail address counts once the link mailed there is followed', async () => {
    const { page, email, leave } = await member(browser, { baseURL })
    await page.goto(await linkMailed(mart, email, /Is this your e-mail/))
    await page.goto('/account/details')
    const long = `${'a'.repeat(290)}@example.com`
    await page.evaluate(`document.querySelector('[name=newEmail]').removeAttribute('maxlength')`)
    await page.fill('[name=newEmail]', long)
    await page.click('main >> text=Change e-mail address')
    await page.waitForSelector('#newEmail-fault')
    assert.equal(await page.inputValue('[name=newEmail]'), long)
    const next = freshEmail()
    await page.fill('[name=newEmail]', next)
    await page.click('main >> text=Change e-mail address')
    await said(page, 'It counts once you have followed the link')
    assert.ok(await page.isVisible(`text=${email}`))
    const link = await linkMailed(mart, next, /new e-mail address/)
    await page.goto(link)
    await page.waitForSelector('h1:text-is("Thank you")')
    await page.goto('/account/details')
    assert.ok(await page.isVisible(`text=${next}`))
    await page.goto(link)
    await page.waitForSelector('h1:has-text("does not work any more")')
    await leave()
  })

  test('a forgotten password is set by the link, once, without JavaScript, and its token is in no log', async () => {
    const { email, ...first } = await member(browser, { baseURL })
    await first.page.goto(await linkMailed(mart, email, /Is this your e-mail/))
    await first.leave()
    const { page, leave } = await visitor(browser, { baseURL, ...phone, javaScriptEnabled: false })
    await page.goto('/sign-in')
    await page.click('text=Forgotten your password?')
    await page.fill('[name=email]', email)
    await page.click('text=Mail me a link')
    await page.waitForSelector('text=Look into your mails')
    const link = await linkMailed(mart, email, /Set a new password/)
    const answer = await page.goto(link)
    assert.equal(answer!.headers()['referrer-policy'], 'strict-origin')
    await page.fill('[name=newPassword]', 'password1')
    await page.click('text=Set new password')
    await page.waitForSelector('#newPassword-fault:has-text("Many people")')
    await page.fill('[name=newPassword]', secondPassword)
    await page.click('text=Set new password')
    await said(page, 'Your new password is set')
    await signIn(page, email, secondPassword)
    await page.waitForSelector('.top-link:has-text("Ayesha")')
    await page.goto(link)
    await page.fill('[name=newPassword]', firstPassword)
    await page.click('text=Set new password')
    await page.waitForSelector('h1:has-text("does not work any more")')
    const log = readFileSync(join(mart.settings.dataDir, 'logs/gateway.log'), 'utf8')
    assert.match(log, /\/reset-password/)
    assert.ok(!log.includes(new URL(link).searchParams.get('token')!), 'the log has the token')
    await leave()
  })

  test('a second factor: the code of the app, or a recovery code in its place', async () => {
    const { page, email, leave } = await member(browser, { baseURL })
    const auth = async (path: string, body: object, token?: string) =>
      (await call(`${mart.mart.addresses.user}/auth${path}`, 'POST', { body, ...(token && { token }) })).body
    const { token } = await auth('/sign-in/email', { email, password: firstPassword })
    const { totpURI, backupCodes } = await auth('/two-factor/enable', { password: firstPassword }, token)
    const on = await auth('/two-factor/verify-totp', { code: await totpBefore(totpURI) }, token)
    assert.ok(on.token, JSON.stringify(on))
    await page.context().clearCookies()
    await page.goto('/sign-in?next=/account/addresses')
    await signIn(page, email, firstPassword)
    await page.fill('[name=code]', '000000')
    await page.click('main button:text-is("Sign in")')
    await page.waitForSelector('#code-fault')
    const code = totp(totpURI)
    await page.fill('[name=code]', `${code.slice(0, 3)} ${code.slice(3)}`)
    await page.click('main button:text-is("Sign in")')
    await page.waitForURL('**/account/addresses')
    for (const [recovery, leads] of [
      ['wrong-codes', false],
      [backupCodes[0], true],
    ] as const) {
      await page.context().clearCookies()
      await page.goto('/sign-in')
      await signIn(page, email, firstPassword)
      await page.click('text=Your phone is not at hand?')
      await page.fill('[name=recovery]', recovery)
      await page.click('text=Sign in with it')
      await page.waitForSelector(leads ? '.top-link:has-text("Ayesha")' : '#recovery-fault')
    }
    await leave()
  })
})

async function changePassword(page: Page, current: string, next: string): Promise<void> {
  await page.fill('[name=currentPassword]', current)
  await page.fill('[name=newPassword]', next)
  await page.click('main button:text-is("Change password")')
}
