// The container `secrets`: makes up what is secret and not set, once, before whoever needs it starts.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { payfastAddresses } from '@mart/simulators/payfast/addresses'
import { standsInForPayfast, standsInForStripe } from './stands-in.ts'

const random = (byteCount: number) => randomBytes(byteCount).toString('base64url')

if (!process.env['AUTH_SECRET']) keep('/setup/auth-secret', () => random(32))
if (!process.env['GUEST_LINK_SECRET']) keep('/guests/link-secret', () => random(32))
if (!process.env['MART_ADMIN_PASSWORD']) tellAdmin(keep('/setup/admin-password', () => random(12)))
const metricsToken = process.env['METRICS_TOKEN_FILE']
if (metricsToken) shareMetricsToken(metricsToken)
const INNER = 'http://simulators:8010'
if (standsInForStripe(process.env)) {
  keep('/simulators/stripe-secret-key', () => `sk_test_${random(24)}`)
  keep('/simulators/stripe-webhook-secret', () => `whsec_${random(24)}`)
  write('/simulators/stripe-api-url', INNER)
} else leaveEmpty(['stripe-secret-key', 'stripe-webhook-secret', 'stripe-api-url'])

const outer = process.env['SIMULATOR_PUBLIC_URL'] || INNER
const addresses = Object.entries(payfastAddresses(INNER, outer)).map(
  ([name, url]) => [name.toLowerCase().replaceAll('_', '-'), url] as const,
)
if (standsInForPayfast(process.env)) {
  keep('/simulators/payfast-merchant-id', () => '102')
  keep('/simulators/payfast-secured-key', () => random(24))
  for (const [name, url] of addresses) write(`/simulators/${name}`, url)
  write('/simulators/webhook-url', 'http://payment-service:8008/webhooks')
} else leaveEmpty(['payfast-merchant-id', 'payfast-secured-key', 'webhook-url', ...addresses.map(([name]) => name)])

// An empty file is a setting not given, so nothing of the simulator's reaches a shop with keys of its own.
function leaveEmpty(names: readonly string[]): void {
  for (const name of names) write(`/simulators/${name}`, '')
}

function keep(file: string, makeUp: () => string): { isNew: boolean; text: string } {
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (kept) return { isNew: false, text: kept }
  const text = makeUp()
  write(file, text)
  return { isNew: true, text }
}

// Who scrapes runs as another user; the volume is mounted nowhere else.
function shareMetricsToken(file: string): void {
  const { text } = keep(file, () => random(24))
  write(file, process.env['METRICS_TOKEN'] || text, 0o644)
}

function write(file: string, text: string, mode = 0o600): void {
  writeFileSync(`${file}.new`, text, { mode, flush: true })
  renameSync(`${file}.new`, file)
}

function tellAdmin({ isNew, text }: { isNew: boolean; text: string }): void {
  const password = isNew ? `the password ${text}` : 'the password that was made up at the first start'
  console.log(`The admin is ${process.env['MART_ADMIN_EMAIL']} with ${password}`)
}
