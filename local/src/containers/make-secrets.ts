// The container `secrets`: makes up what is secret and not set, once, before whoever needs it starts.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { standsInForStripe } from './stands-in.ts'

const random = (byteCount: number) => randomBytes(byteCount).toString('base64url')

if (!process.env['AUTH_SECRET']) keep('/setup/auth-secret', () => random(32))
if (!process.env['MART_ADMIN_PASSWORD']) tellAdmin(keep('/setup/admin-password', () => random(12)))
if (standsInForStripe(process.env)) {
  keep('/simulators/stripe-secret-key', () => `sk_test_${random(24)}`)
  keep('/simulators/stripe-webhook-secret', () => `whsec_${random(24)}`)
  write('/simulators/stripe-api-url', 'http://simulators:8010')
} else {
  // An empty file is a setting not given, so nothing of the simulator's reaches a shop with keys of its own.
  for (const name of ['secret-key', 'webhook-secret', 'api-url']) write(`/simulators/stripe-${name}`, '')
}

function keep(file: string, makeUp: () => string): { isNew: boolean; text: string } {
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (kept) return { isNew: false, text: kept }
  const text = makeUp()
  write(file, text)
  return { isNew: true, text }
}

function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
}

function tellAdmin({ isNew, text }: { isNew: boolean; text: string }): void {
  const password = isNew ? `the password ${text}` : 'the password that was made up at the first start'
  console.log(`The admin is ${process.env['MART_ADMIN_EMAIL']} with ${password}`)
}
