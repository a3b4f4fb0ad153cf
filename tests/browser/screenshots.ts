// `npm run screenshots -- <address>`: every page of a shop that runs, on a phone and a desktop, light and dark, in both
// languages, into ./screenshots.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { desktop, launchBrowser, phone, visitor } from './browser.ts'

const shop = process.argv[2] ?? 'http://127.0.0.1:3000'
const folder = join(import.meta.dirname, '../../screenshots')
const pages = {
  home: '/',
  category: '/c/tea-and-coffee',
  search: '/search?q=chai',
  product: '/p/tapal-danedar',
  cart: '/cart',
  checkout: '/checkout',
  'sign-in': '/sign-in',
  'sign-up': '/sign-up',
  nowhere: '/nowhere',
}

mkdirSync(folder, { recursive: true })
const browser = await launchBrowser()
for (const [deviceName, device] of Object.entries({ phone, desktop }))
  for (const colorScheme of ['light', 'dark'] as const)
    for (const language of ['en', 'ur']) {
      const { page, context, leave } = await visitor(browser, { baseURL: shop, ...device, colorScheme })
      await context.addCookies([{ name: 'language', value: language, url: shop }])
      await page.goto('/p/tapal-danedar')
      await page.click('.buy button')
      await page.waitForSelector('#cart-link .badge')
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(path, { waitUntil: 'networkidle' })
        await page.screenshot({
          path: join(folder, `${name}-${deviceName}-${colorScheme}-${language}.png`),
          fullPage: true,
        })
      }
      await leave()
    }
await browser.close()
console.log(`They are in ${folder}`)
