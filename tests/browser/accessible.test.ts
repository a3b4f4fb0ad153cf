import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser } from 'playwright-core'
import { type MartUnderTest, startMartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, launchBrowser, phone, visitor, withShop } from './browser.ts'
import { assertFits } from './shopping.ts'

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

describe('the pages are for everybody', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  before(async () => {
    mart = await startMartUnderTest({ env: { ...withShop, MART_CATALOGUE: 'demo' } })
    browser = await launchBrowser()
  })
  after(async () => {
    await browser?.close()
    await mart?.stop()
  })

  for (const path of [
    '/',
    '/c/tea-and-coffee?min=abc',
    '/search?q=nothing-like-it',
    '/p/tapal-danedar',
    '/cart',
    '/sign-in',
    '/nowhere',
  ])
    for (const colorScheme of ['light', 'dark'] as const)
      test(`${path}, ${colorScheme}: axe finds nothing, and it fits a small screen`, async () => {
        const baseURL = mart.mart.addresses.shop!
        for (const device of [phone, desktop]) {
          const { page, leave } = await visitor(browser, { baseURL, ...device, colorScheme })
          await page.goto(path)
          const { violations } = await new AxeBuilder({ page }).withTags(standards).analyze()
          assert.deepEqual(
            violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
            [],
          )
          await assertFits(page)
          await leave()
        }
      })
})
