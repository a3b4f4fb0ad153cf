import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { serviceNames } from '@mart/contracts/services'
import { portsAt } from '@mart/local/ports'
import { parse } from 'yaml'

interface Part {
  readonly ports?: readonly string[]
  readonly networks?: { readonly mart: { readonly ipv4_address: string } }
  readonly environment?: Readonly<Record<string, string>>
  readonly [setting: string]: unknown
}

const text = readFileSync(join(import.meta.dirname, '../compose.yaml'), 'utf8')
const { services } = parse(text, { merge: true, maxAliasCount: -1 }) as { services: Record<string, Part> }
const gateway = services['gateway']!
const part = (name: string) => services[`${name}-service`]!

test('each service believes what the gateway’s address says of a visitor, and the gateway believes nobody unless told', () => {
  const address = gateway.networks!.mart.ipv4_address
  assert.match(address, /\.\d+$/)
  for (const name of serviceNames)
    assert.equal(part(name).environment!['TRUSTED_PROXIES'], `${address},\${TRUSTED_PROXIES:-}`, name)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Compose reads it
  assert.equal(gateway.environment!['TRUSTED_PROXIES'], '${TRUSTED_PROXIES:-}')
})

test('the links in mails lead to the shop, where the demo follows them, and those to orders open what the order service lets them', () => {
  const secrets = ['GUEST_LINK_SECRET', 'GUEST_LINK_SECRET_FILE']
  const [mails, orders] = ['notification', 'order'].map((name) => part(name))
  const demo = services['demo']!
  for (const { environment } of [mails!, part('user'), part('payment'), demo])
    assert.equal(environment!['SHOP_URL'], gateway.environment!['SHOP_URL'])
  assert.equal(demo.environment!['SHOP_ADDRESS'], `http://gateway:${portsAt(0).shop}`)
  for (const name of secrets) assert.equal(mails!.environment![name], orders!.environment![name], name)
  assert.ok(orders!.environment!['GUEST_LINK_SECRET_FILE'])
  assert.deepEqual(mails!['volumes'], orders!['volumes'])
  for (const { depends_on } of [mails!, orders!]) assert.ok('secrets' in (depends_on as object))
})

test('the gateway knows every service, is told no secret of theirs, and is restricted as they are', () => {
  const environment = gateway.environment!
  for (const name of serviceNames)
    assert.equal(environment[`${name.toUpperCase()}_SERVICE_URL`], `http://${name}-service:${portsAt(0)[name]}`)
  assert.deepEqual(
    Object.keys(environment).filter((setting) => /DATABASE|EVENT_LOG|KAFKA|SECRET|PASSWORD|SMTP/.test(setting)),
    [],
  )
  const bounds = ['read_only', 'cap_drop', 'security_opt', 'pids_limit', 'mem_limit', 'init', 'healthcheck', 'restart']
  for (const bound of bounds) assert.deepEqual(gateway[bound], part('order')[bound], bound)
  assert.deepEqual(gateway.ports, [`\${SHOP_HOST:-127.0.0.1}:\${SHOP_PORT:-3000}:${portsAt(0).shop}`])
})
