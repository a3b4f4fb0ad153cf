// `npm run lighthouse -- <address>`: how a cheap phone finds the shop's pages, the median of three runs of each.
import { parseArgs } from 'node:util'
import lighthouse from 'lighthouse'
import { launchBrowser } from './browser.ts'

const PORT = 9222
const RUNS = 3
const categories = ['performance', 'accessibility', 'best-practices', 'seo'] as const
const audits = { 'largest-contentful-paint': 'LCP s', 'cumulative-layout-shift': 'CLS' } as const

const { positionals } = parseArgs({ allowPositionals: true })
const [shop = 'http://127.0.0.1:3000', ...paths] = positionals
const pages = paths.length > 0 ? paths : ['/', '/c/tea-and-coffee', '/p/tapal-danedar', '/cart', '/search?q=chai']

const browser = await launchBrowser([`--remote-debugging-port=${PORT}`])
const rows: Record<string, Record<string, number>> = {}
for (const path of pages) {
  const runs: Record<string, number>[] = []
  for (let run = 0; run < RUNS; run += 1) {
    const options = { port: PORT, logLevel: 'error' as const, onlyCategories: [...categories] }
    const found = await lighthouse(new URL(path, shop).href, options)
    if (!found) throw new Error(`Lighthouse says nothing about ${path}`)
    const { lhr } = found
    runs.push({
      ...Object.fromEntries(categories.map((name) => [name, Math.round((lhr.categories[name]?.score ?? 0) * 100)])),
      [audits['largest-contentful-paint']]: (lhr.audits['largest-contentful-paint']?.numericValue ?? 0) / 1_000,
      [audits['cumulative-layout-shift']]: lhr.audits['cumulative-layout-shift']?.numericValue ?? 0,
    })
  }
  rows[path] = Object.fromEntries(Object.keys(runs[0]!).map((name) => [name, median(runs.map((run) => run[name]!))]))
}
console.table(rows)
await browser.close()

function median(values: readonly number[]): number {
  return Number(values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!.toFixed(3))
}
