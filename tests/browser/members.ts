import { randomUUID } from 'node:crypto'
import { call } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, type Visitor, visitor } from './browser.ts'

export const firstPassword = 'purple kettle mango'
export const secondPassword = 'quiet river pencil'
export const freshEmail = () => `${randomUUID()}@example.com`

/** Somebody who has just opened an account. */
export async function member(
  browser: Browser,
  options: BrowserContextOptions,
): Promise<Visitor & { readonly email: string }> {
  const visit = await visitor(browser, { ...desktop, ...options })
  const email = freshEmail()
  await signUp(visit.page, email)
  return { ...visit, email }
}

export async function signUp(page: Page, email: string): Promise<void> {
  await page.goto('/sign-up?next=/account')
  await page.fill('[name=name]', 'Ayesha Khan')
  await page.fill('[name=email]', email)
  await page.fill('[name=password]', firstPassword)
  await page.click('main button')
  await page.waitForURL('**/account')
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.fill('[name=email]', email)
  await page.fill('[name=password]', password)
  await page.click('main button:text-is("Sign in")')
}

/** The text of the newest mail to this address with this subject. */
export async function mailTo({ mart }: MartUnderTest, email: string, subject: RegExp): Promise<string> {
  let text = ''
  await eventually(async () => {
    const found = await call(`${mart.addresses.mail}/api/v1/search?query=to:${encodeURIComponent(email)}`, 'GET')
    const mail = found.body.messages.find(({ Subject }: { Subject: string }) => subject.test(Subject))
    if (!mail) return false
    const { body } = await call(`${mart.addresses.mail}/api/v1/message/${mail.ID}`, 'GET')
    text = body.Text
    return true
  }, `${email} is mailed ${subject}`)
  return text
}

/** The link in the newest mail to this address with this subject. */
export const linkMailed = async (mart: MartUnderTest, email: string, subject: RegExp): Promise<string> =>
  /https?:\/\/\S+/.exec(await mailTo(mart, email, subject))![0]

export async function fillAddress(page: Page): Promise<void> {
  await page.fill('[name=phone]', '0300-1234567')
  await page.fill('[name=line1]', '12 Mall Road')
  await page.fill('[name=city]', 'Lahore')
}

/** Waits until the page says that this was done. */
export const said = (page: Page, words: string) => page.waitForSelector(`[role=status]:has-text("${words}")`)
