// `npm run lighthouse -- <address> [<path> …]`: how a cheap phone finds the shop's pages, with something in the cart: the median of
// three runs of each as a table, the reports in ./lighthouse.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import lighthouse from 'lighthouse'
import { launchBrowser } from './browser.ts'
import { clientOf } from './client.ts'

const PORT = 9222
const RUNS = 3
const categories = ['performance', 'accessibility', 'best-practices', 'seo'] as const
const folder = join(import.meta.dirname, '../../lighthouse')

const { positionals } = parseArgs({ allowPositionals: true })
const [shop = 'http://127.0.0.1:3000', ...paths] = positionals
const pages = paths.length > 0 ? paths : ['/', '/c/tea-and-coffee', '/p/tapal-danedar', '/cart', '/checkout']

const shopper = clientOf(shop)
const { hiddenIn, get, post, cookies } = shopper
const added = await post(
  '/cart/add',
  hiddenIn(/<form class="buy".*?<\/form>/s.exec((await get('/p/tapal-danedar')).text)![0]),
)
if (added.status !== 303) throw new Error(`Nothing could be put into the cart: ${added.status}`)

mkdirSync(folder, { recursive: true })
const browser = await launchBrowser([`--remote-debugging-port=${PORT}`])
const rows: string[] = []
for (const path of pages) {
  const runs: Measured[] = []
  for (let run = 0; run < RUNS; run += 1) runs.push(await look(path))
  const [middle] = runs.toSorted((one, other) => one.figures.performance! - other.figures.performance!).slice(RUNS >> 1)
  writeFileSync(join(folder, `${path.replaceAll(/\W+/g, '-').replace(/^-|-$/g, '') || 'home'}.html`), middle!.report)
  const median = Object.keys(middle!.figures).map((name) => medianOf(runs.map(({ figures }) => figures[name]!)))
  rows.push(`| ${[path, ...median].join(' | ')} |`)
}
await browser.close()
console.log(
  `| page | ${categories.join(' | ')} | LCP s | CLS |\n|${' --- |'.repeat(categories.length + 3)}\n${rows.join('\n')}`,
)

interface Measured {
  readonly figures: Readonly<Record<string, number>>
  /** HTML. */
  readonly report: string
}

async function look(path: string): Promise<Measured> {
  const found = await lighthouse(new URL(path, shop).href, {
    port: PORT,
    logLevel: 'error',
    output: 'html',
    onlyCategories: [...categories],
    extraHeaders: { Cookie: cookies() },
  })
  if (!found) throw new Error(`Lighthouse says nothing about ${path}`)
  const { lhr, report } = found
  if (new URL(lhr.finalDisplayedUrl).pathname !== path.split('?')[0])
    throw new Error(`${path} leads to ${lhr.finalDisplayedUrl}`)
  const figures = {
    ...Object.fromEntries(categories.map((name) => [name, Math.round((lhr.categories[name]?.score ?? 0) * 100)])),
    lcp: (lhr.audits['largest-contentful-paint']?.numericValue ?? 0) / 1_000,
    cls: lhr.audits['cumulative-layout-shift']?.numericValue ?? 0,
  }
  return { figures, report: String(report) }
}

function medianOf(values: readonly number[]): number {
  return Number(values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!.toFixed(3))
}
