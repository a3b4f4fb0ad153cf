import type { RunningMart } from '@mart/local/mart-file'
import { cpuOf, total } from './cpu.ts'
import { type LoadResult, load } from './load.ts'
import { orderPageLines } from './order-pages.ts'
import { gatewayOf, memoryOfOne } from './processes.ts'
import { brandOf, commonWords, shelves } from './shelves.ts'
import { below, type Line, ms, rate } from './table.ts'
import { helloPerSecond } from './yardsticks.ts'

const CONNECTIONS = 32
const SECONDS = 10
const WARM_SECONDS = 3
const WANTED_SHARE = 0.08
const WANTED_P99_MS = 100

/** What the shop's pages cost, and what a thousand open order pages see while orders flow. */
export async function webLines(
  mart: RunningMart,
  { skus, say }: { skus: number; say: (line: string) => void },
): Promise<Line[]> {
  const shop = mart.addresses.shop
  if (!shop) throw new Error('The shop is not open')
  const any = (count: number) => Math.floor(Math.random() * count)
  const one = (list: readonly string[]) => list[any(list.length)]!
  const sorts = ['newest', 'price', '-price', 'name']
  // Those who ask the same at the same time share an answer, so each request but for the front page asks something else.
  const pages: Readonly<Record<string, () => string>> = {
    home: () => '/',
    category: () => `/c/${one(shelves)}?sort=${one(sorts)}&min=${any(50) + 1}`,
    product: () => `/p/bench-${any(skus)}`,
    search: () => `/search?q=${encodeURIComponent(`${one(commonWords)} ${brandOf(any(skus))}`)}`,
  }
  say('web: the yardstick, before')
  const before = await helloPerSecond(SECONDS)
  const measured: { name: string; run: PageRun }[] = []
  for (const [name, path] of Object.entries(pages)) {
    say(`web: ${name}`)
    measured.push({ name, run: await pageRun(mart, shop, path) })
  }
  const memory = memoryOfOne(gatewayOf(mart.pid))
  say('web: the yardstick, after')
  const hello = (before + (await helloPerSecond(SECONDS))) / 2
  return [
    { what: 'web: yardstick, bare Fastify hello, before and after', value: rate(hello) },
    ...measured.flatMap(({ name, run }) => linesOf(name, run, hello)),
    { what: 'web: memory of the gateway after these loads, PSS', value: `${memory.toFixed(0)} MB` },
    ...(await orderPageLines(mart, { shop, skus, say })),
  ]
}

interface PageRun {
  readonly full: LoadResult
  readonly half: LoadResult
  /** Of one page: the gateway's own, and all that the mart spent. */
  readonly cpuMs: { readonly gateway: number; readonly all: number }
}

async function pageRun(mart: RunningMart, shop: string, path: () => string): Promise<PageRun> {
  const headers = { accept: 'text/html', 'accept-encoding': 'gzip' }
  const demand = { url: shop, path, headers, connections: CONNECTIONS }
  await load({ ...demand, seconds: WARM_SECONDS })
  const { result: full, cpu } = await cpuOf(mart.pid, () => load({ ...demand, seconds: SECONDS }))
  const half = await load({ ...demand, seconds: SECONDS, rate: Math.max(1, Math.round(full.perSecond / 2)) })
  const bad = full.bad + half.bad
  if (bad > 0) throw new Error(`${bad} pages like ${path()} were not shown`)
  const perPage = (seconds: number) => (seconds * 1_000) / full.good
  const ours = total(cpu) - (cpu.get('load generator') ?? 0)
  return { full, half, cpuMs: { gateway: perPage(cpu.get('gateway') ?? 0), all: perPage(ours) } }
}

function linesOf(name: string, { full, half, cpuMs }: PageRun, hello: number): Line[] {
  const share = full.perSecond / hello
  return [
    {
      what: `web: ${name} pages, CPU ${cpuMs.gateway.toFixed(2)} ms of the gateway, ${cpuMs.all.toFixed(2)} ms in all`,
      value: `${rate(full.perSecond)}, p50 ${ms(full.p50Ms)}`,
      ratio: `${share.toFixed(3)} × hello`,
      wanted: `≥ ${WANTED_SHARE}`,
      isReached: share >= WANTED_SHARE,
    },
    below(`web: ${name} pages at half of that, p99`, half.p99Ms, WANTED_P99_MS, ms),
  ]
}
