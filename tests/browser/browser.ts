import sparticuz from '@sparticuz/chromium'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { type MartUnderTest, startMartUnderTest } from '../journeys/mart-under-test.ts'

/**
 * The Chromium that comes inside npm, so that no machine has to have one. Its package's own flags are not used: they
 * switch the same-origin policy off, and a test would prove nothing.
 */
export async function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = await sparticuz.executablePath()
  const args = ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', ...flags]
  return await chromium.launch({ executablePath, args })
}

/** Of a mart under test. */
export const withShop = { MART_SHOP: 'on' }

export const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
export const desktop = { viewport: { width: 1280, height: 860 } }

/** A mart whose shop is open, and a browser. */
export interface OpenShop {
  readonly mart: MartUnderTest
  readonly browser: Browser
  readonly baseURL: string
  readonly close: () => Promise<void>
}

/** Starts both; what is up when the other fails is stopped. */
export async function openShop(env: Readonly<Record<string, string>> = {}): Promise<OpenShop> {
  const mart = await startMartUnderTest({ env: { ...withShop, ...env } })
  const browser = await launchBrowser().catch(async (error) => {
    await mart.stop()
    throw error
  })
  const close = async () => {
    await browser.close()
    await mart.stop()
  }
  return { mart, browser, baseURL: mart.mart.addresses.shop!, close }
}

export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** What the browser complained of: a content security policy that was broken, a script that failed, a file that is not there. */
  readonly complaints: readonly string[]
  readonly leave: () => Promise<void>
}

/** Somebody new, with cookies of his own. */
export async function visitor(browser: Browser, options: BrowserContextOptions): Promise<Visitor> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, context, complaints, leave: () => context.close() }
}
