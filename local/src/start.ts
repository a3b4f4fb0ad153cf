import type { Addresses } from '@mart/demo/visited-mart'
import { MartFault } from '@mart/service-kit/fault'
import { bypassProxyOnLoopback } from '@mart/service-kit/loopback'
import { checklist, took } from './checklist.ts'
import { type Mart, startMart } from './mart.ts'
import { readSettings, type Settings } from './settings.ts'
import { readStartArguments, startHelp } from './start-arguments.ts'

const ONE_KEY_MS = 1_000
const WATCH_MS = 1_000

const purposes: Record<keyof Addresses, string> = {
  shop: 'open this in a browser: the shop',
  user: 'accounts and tokens',
  product: 'shelves and search',
  order: 'orders',
  inventory: 'stock',
  payment: 'payments and refunds',
  notification: 'messages',
  mail: 'every mail that the mart sends',
  simulators: 'the stand-ins for PayFast and Stripe',
  observability: 'dashboards, alerts, logs, traces: one click from here',
  logs: 'VictoriaLogs, of all services',
  metrics: 'VictoriaMetrics: dashboards at /vmui',
}

bypassProxyOnLoopback()
process.umask(0o077)
// A terminal that went away must not keep us from stopping in order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

const asked = new AbortController()
const whenAsked = new Promise<void>((resolve) => asked.signal.addEventListener('abort', () => resolve()))
listenForTheEnd()
process.exitCode = await run()
process.exit()

async function run(): Promise<number> {
  const report = checklist(process.stdout)
  const begunAt = performance.now()
  try {
    const given = readStartArguments(process.argv.slice(2))
    if (given.help) {
      console.log(startHelp)
      return 0
    }
    const settings = readSettings({ ...process.env, ...given.settings })
    console.log('\nAI Mart\n')
    const mart = await startMart({ settings, report, signal: asked.signal })
    console.log(welcome(mart, settings, performance.now() - begunAt))
    await whenAsked
    console.log('\n\nStopping (press Ctrl-C again to end everything at once)\n')
    await mart.stop()
    return 0
  } catch (error) {
    if (error === asked.signal.reason) return 0
    console.error(error instanceof MartFault ? `\n${error.message}` : error)
    return 1
  }
}

/** The first Ctrl-C stops in order; with the second one the exit ends every process of ours at once. */
function listenForTheEnd(): void {
  let askedAt: number | undefined
  const ask = () => {
    // npm passes on the Ctrl-C that the terminal has sent us already: that is no second one.
    if (askedAt !== undefined && performance.now() - askedAt > ONE_KEY_MS) process.exit(130)
    askedAt ??= performance.now()
    asked.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask)
  if (process.env['npm_lifecycle_event'] !== 'start') return
  // npm killed with SIGKILL can't tell us.
  const parent = process.ppid
  setInterval(() => process.ppid === parent || asked.abort(), WATCH_MS).unref()
}

function welcome(mart: Mart, settings: Settings, tookMs: number) {
  const { addresses, adminEmail, adminPassword, isFirstStart, kafka } = mart
  const rows = (Object.keys(addresses) as (keyof Addresses)[]).map(
    (name) => `  ${name.padEnd(14)}${addresses[name]?.padEnd(26)}${purposes[name]}`,
  )
  const servers = kafka?.brokers.map(({ port }) => `127.0.0.1:${port}`).join(',')
  if (servers) rows.push(`  ${'kafka'.padEnd(14)}${servers.padEnd(26)}the event log: bootstrap servers for any client`)
  const isMadeUp = adminPassword !== settings.adminPassword
  const password = isFirstStart && isMadeUp ? ` with the password ${adminPassword}` : ''
  return `
Ready in ${took(tookMs)}

${rows.join('\n')}

  Each service shows its routes at /docs
  The admin is ${adminEmail}${password}
  Data and secrets are kept in ${settings.dataDir}

  Try   curl '${addresses.product}/products?q=chai&currency=PKR&limit=3'
        npm run demo

Ctrl-C stops everything.`
}
