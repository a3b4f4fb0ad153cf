import { join, resolve } from 'node:path'
import { MartFault } from '@mart/service-kit/fault'
import { portsAt } from './ports.ts'

const root = join(import.meta.dirname, '../..')
const payfastUrls = ['PAYFAST_CHECKOUT_URL', 'PAYFAST_PAGE_URL', 'PAYFAST_API_URL']

const shopPort = portsAt(0).shop
// The Fetch standard's bad ports (https://fetch.spec.whatwg.org/#port-blocking) above the shop's.
const refusedByBrowsers = new Set([
  3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
])

export interface Settings {
  readonly dataDir: string
  readonly portOffset: number
  readonly host: string
  /** Of the first admin; what is not given is made up. */
  readonly adminEmail: string | undefined
  readonly adminPassword: string | undefined
  readonly catalogue: 'demo' | 'empty'
  /** The mart brings up an Apache Kafka of its own as its event log. */
  readonly startsKafka: boolean
  /** A simulator stands in for a provider whose keys are not set. */
  readonly simulateProviders: boolean
  readonly rateLimits: 'on' | 'off'
  /** Whether the services share one process or each has its own. */
  readonly processes: 'one' | 'each'
  /** Whether people can buy in a browser. */
  readonly hasShop: boolean
  /** What collects the mart's logs and metrics is brought up beside it. */
  readonly observes: boolean
  /** The environment as it was given: the services' own settings are passed on from here. An empty value is none. */
  readonly given: (name: string) => string | undefined
}

/** Reads the mart's settings. Throws a MartFault that names every wrong one at once. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const problems: string[] = []
  const given = (name: string) => env[name] || undefined
  const check = (name: string, pattern: RegExp, wanted: string) => {
    const value = given(name)
    if (value !== undefined && !pattern.test(value)) problems.push(`${name} must be ${wanted}`)
    return value
  }
  const choose = <Choice extends string>(name: string, choices: readonly [Choice, ...Choice[]]) =>
    (check(name, new RegExp(`^(${choices.join('|')})$`), choices.join(' or ')) ?? choices[0]) as Choice

  const portOffset = Number(check('MART_PORT_OFFSET', /^\d+$/, 'a whole number') ?? 0)
  const mostOffset = given('MART_OBSERVE') === 'on' ? 48_000 : 56_000 // Jaeger's port is the highest
  if (portOffset > mostOffset) problems.push(`MART_PORT_OFFSET must be at most ${mostOffset}`)
  if (given('MART_SHOP') !== 'off' && refusedByBrowsers.has(shopPort + portOffset))
    problems.push(`MART_PORT_OFFSET must be another: no browser opens port ${shopPort + portOffset}, the shop's`)
  for (const name of [
    'PUBLIC_URL',
    'WEBHOOK_URL',
    'SIMULATOR_PUBLIC_URL',
    'STRIPE_API_URL',
    'SHOP_URL',
    ...payfastUrls,
  ])
    check(name, /^https?:\/\/[^/\s]+/, 'an address that begins with http:// or https://')
  check('EVENT_LOG_URL', /^(postgres(ql)?|kafka):\/\/./, 'an address that begins with postgres:// or kafka://')
  check('SMTP_URL', /^smtps?:\/\/./, 'an address that begins with smtp:// or smtps://')
  if (given('NODE_ENV') === 'production') {
    if (!given('SMTP_URL')) problems.push('SMTP_URL must be set in production, where no mail catcher runs')
    if (given('MART_RATE_LIMITS') === 'off') problems.push('MART_RATE_LIMITS=off is refused in production')
  }
  const adminPassword = given('MART_ADMIN_PASSWORD')
  if (adminPassword !== undefined && !(adminPassword.length >= 8 && adminPassword.length <= 128))
    problems.push('MART_ADMIN_PASSWORD must have 8 to 128 characters')

  const settings: Settings = {
    dataDir: resolve(given('MART_DATA_DIR') ?? join(root, '.data')),
    portOffset,
    host: given('MART_HOST') ?? '127.0.0.1',
    adminEmail: check('MART_ADMIN_EMAIL', /^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an e-mail address'),
    adminPassword,
    catalogue: choose('MART_CATALOGUE', ['demo', 'empty']),
    startsKafka: choose('MART_EVENT_LOG', ['embedded', 'kafka']) === 'kafka' && !given('EVENT_LOG_URL'),
    simulateProviders: mayPretend(given, problems),
    rateLimits: choose('MART_RATE_LIMITS', ['on', 'off']),
    processes: choose('MART_PROCESSES', ['one', 'each']),
    hasShop: choose('MART_SHOP', ['on', 'off']) === 'on',
    observes: choose('MART_OBSERVE', ['off', 'on']) === 'on',
    given,
  }
  if (problems.length > 0) throw new MartFault(problems.join('\n'))
  return settings
}

/** Payments are never pretended in production or beside a live key: asked for, that is a problem, else just left out. */
export function mayPretend(given: Settings['given'], problems: string[]): boolean {
  const asked = given('MART_PROVIDERS')
  if (asked !== undefined && asked !== 'simulated') problems.push('MART_PROVIDERS must be simulated, or not set')
  const payfast = URL.parse(given('PAYFAST_CHECKOUT_URL') ?? '')
  const isLive =
    /^[sr]k_live_/.test(given('STRIPE_SECRET_KEY') ?? '') ||
    (payfast?.protocol === 'https:' && !payfast.hostname.includes('uat')) // PayFast's test hosts are named so
  const isReal = given('NODE_ENV') === 'production' || isLive
  if (isReal && asked) problems.push('MART_PROVIDERS=simulated is refused in production and beside a live key')
  return !isReal
}

/** How to reach what listens on `host` from this machine. */
export function addressOf(host: string, port: number): string {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
