import { isIP } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { imageFolder } from '@mart/demo/catalogue/catalogue'
import type { Addresses } from '@mart/demo/visited-mart'
import { payfastAddresses } from '@mart/simulators/payfast/addresses'
import type { DatabaseUrls } from './databases.ts'
import type { Ports } from './ports.ts'
import type { Secrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import { traceSettingNames } from './trace-setting-names.ts'

/** What is known before anything is up. */
export interface Plan {
  readonly settings: Settings
  readonly secrets: Secrets
  readonly ports: Ports
  readonly addresses: Addresses
}

export interface Surroundings extends Plan {
  readonly databaseUrls: DatabaseUrls
  /** Of the mart's own Kafka. */
  readonly kafkaUrl: string | undefined
  readonly smtpUrl: string
  /** Where spans go when no setting names another place. */
  readonly spansUrl?: string | undefined
}

const images = fileURLToPath(imageFolder)
// Shared by all marts of this clone, since writing it takes the very first stop some seconds.
const compileCache = join(import.meta.dirname, '../../node_modules/.cache/mart')
const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()])
const ofNode = ['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_ENV_PROXY']
const fromSystem = ['PATH', 'HOME', 'TMPDIR', 'TZ', ...ofNode, ...proxies, ...traceSettingNames]
const ofEveryService = ['LOG_LEVEL', 'DATABASE_POOL', 'EVENT_RETENTION_DAYS', 'MAX_CONNECTIONS', 'METRICS_TOKEN']
/** Of service-kit's kafka-settings, by name: this process has no use for the rest. */
export const kafkaSettingNames = [
  'KAFKA_REPLICATION',
  'KAFKA_TLS',
  'KAFKA_TLS_CA',
  'KAFKA_TLS_CERT',
  'KAFKA_TLS_KEY',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
]
const ofKafka = kafkaSettingNames.flatMap((name) => [name, `${name}_FILE`])
const ofStripe = ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'STRIPE_API_URL', 'STRIPE_TIMEOUT_MS']
const ofPayfast = [
  'PAYFAST_MERCHANT_ID',
  'PAYFAST_SECURED_KEY',
  'PAYFAST_MERCHANT_NAME',
  'PAYFAST_CHECKOUT_URL',
  'PAYFAST_PAGE_URL',
  'PAYFAST_API_URL',
  'PAYFAST_SERVER_IP',
  'PAYFAST_TIMEOUT_MS',
  'PAYFAST_FALLBACK_EMAIL',
  'PAYFAST_FALLBACK_PHONE',
]
const ofOrders = [
  'SHIPPING_RATES',
  'FREE_SHIPPING_FROM',
  'PAYMENT_WINDOW_S',
  'MAX_OPEN_ORDERS',
  'MAX_QUANTITY',
  'COD_UNVERIFIED_LIMIT',
  'GUEST_DATA_DAYS',
  'RETURN_DAYS',
]
const ofTheShop = ['COD_LIMIT', 'COD_CITIES', 'SHOP_TIME_ZONE', 'STRIPE_CURRENCIES']

/** Of glibc: an arena per thread brings nothing here, and what a rush has needed goes back to the system. */
const allocator = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '131072' }

/** What one service is told: its own secrets and no other's. */
export function serviceEnvironment(name: ServiceName, around: Surroundings): Record<string, string> {
  const { settings, ports, addresses, databaseUrls } = around
  const beside = ['127.0.0.1', '::1', isIP(settings.host) ? settings.host : '', settings.given('TRUSTED_PROXIES')]
  return withoutGaps({
    ...ofTheProcess(around),
    ...passedOn(settings, [...ofEveryService, ...ofKafka]),
    HOST: settings.host,
    PORT: String(ports[name]),
    DATABASE_URL: databaseUrls[name],
    EVENT_LOG_URL: eventLogUrl(around, name),
    JWKS_URL: `${addresses.user}/.well-known/jwks.json`,
    MART_RATE_LIMITS: settings.rateLimits,
    // Who visits the shop is told by the gateway, which runs on this machine.
    TRUSTED_PROXIES: beside.filter(Boolean).join(', '),
    ...own[name](around),
  })
}

/** What the process that runs all services is told: the environment of each. */
export const environmentTogether = (around: Surroundings): Record<string, string> =>
  withoutGaps({
    ...ofTheProcess(around),
    MART_SERVICES: JSON.stringify(
      Object.fromEntries(serviceNames.map((name) => [name, serviceEnvironment(name, around)])),
    ),
  })

export const ofTheProcess = ({ settings, spansUrl }: Surroundings): Environment => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: spansUrl,
  ...withoutGaps(passedOn(settings, fromSystem)),
  ...Object.fromEntries(Object.entries(allocator).map(([name, value]) => [name, settings.given(name) ?? value])),
  NODE_ENV: settings.given('NODE_ENV') ?? 'development',
  NODE_COMPILE_CACHE: settings.given('NODE_COMPILE_CACHE') ?? compileCache,
})

/** The event log as one service reaches it, or its owner. */
export const eventLogUrl = (
  { settings, kafkaUrl, databaseUrls }: Pick<Surroundings, 'settings' | 'kafkaUrl' | 'databaseUrls'>,
  role: ServiceName | 'owner',
): string => settings.given('EVENT_LOG_URL') ?? kafkaUrl ?? databaseUrls.eventLog[role]

type Keys = Pick<Settings, 'simulateProviders' | 'given'>

/** Whether a simulator stands in for Stripe. */
export const pretendsStripe = ({ simulateProviders, given }: Keys): boolean =>
  simulateProviders && given('STRIPE_SECRET_KEY') === undefined

/** Whether a simulator stands in for PayFast. */
export const pretendsPayfast = ({ simulateProviders, given }: Keys): boolean =>
  simulateProviders && given('PAYFAST_MERCHANT_ID') === undefined

/** Where providers call: `/stripe` or `/payfast` follows. */
export const webhookUrl = ({ given }: Settings, addresses: Pick<Addresses, 'payment'>): string =>
  given('WEBHOOK_URL') ?? `${addresses.payment}/webhooks`

type Environment = Record<string, string | undefined>

const own: Record<ServiceName, (around: Surroundings) => Environment> = {
  user: (around) => ({
    ...mail(around),
    AUTH_SECRET: around.secrets.authSecret,
    MART_ADMIN_EMAIL: around.secrets.adminEmail,
    MART_ADMIN_PASSWORD: around.secrets.adminPassword,
    USER_URL: around.settings.given('USER_URL') ?? around.addresses.user,
    SHOP_URL: around.settings.given('SHOP_URL') ?? around.addresses.shop,
    ...passedOn(around.settings, ['SIGN_UP_SIGNS_IN', 'STAFF_2FA', 'SIGNING_KEY_DAYS']),
  }),
  product: ({ settings }) => ({ PRODUCT_IMAGES_DIR: images, ...passedOn(settings, ['SEARCH_SYNONYMS']) }),
  order: ({ settings, secrets }) => ({
    GUEST_LINK_SECRET: secrets.guestLinkSecret,
    ...passedOn(settings, [...ofTheShop, ...ofOrders]),
    PAYMENT_METHODS: offeredMethods(settings),
  }),
  inventory: ({ settings }) => passedOn(settings, ['LOW_STOCK_AT']),
  payment: ({ settings, secrets, addresses }) => ({
    ...passedOn(settings, [...ofTheShop, ...ofStripe, ...ofPayfast]),
    ...(pretendsStripe(settings) && {
      STRIPE_SECRET_KEY: secrets.stripeSecretKey,
      STRIPE_WEBHOOK_SECRET: secrets.stripeWebhookSecret,
      STRIPE_API_URL: addresses.simulators,
    }),
    ...(pretendsPayfast(settings) && {
      PAYFAST_MERCHANT_ID: secrets.payfastMerchantId,
      PAYFAST_SECURED_KEY: secrets.payfastSecuredKey,
      ...(addresses.simulators && payfastAddresses(addresses.simulators, settings.given('SIMULATOR_PUBLIC_URL'))),
    }),
    PAYMENT_METHODS: offeredMethods(settings),
    ...(settings.simulateProviders && { MART_PROVIDERS: 'simulated' }),
    PUBLIC_URL: settings.given('PUBLIC_URL') ?? (addresses.shop ? `${addresses.shop}/api` : addresses.payment),
    SHOP_URL: settings.given('SHOP_URL') ?? addresses.shop,
    WEBHOOK_URL: webhookUrl(settings, addresses),
    SIMULATOR_PUBLIC_URL: settings.given('SIMULATOR_PUBLIC_URL') ?? addresses.simulators,
  }),
  notification: (around) => ({
    ...mail(around),
    SHOP_URL: around.settings.given('SHOP_URL') ?? around.addresses.shop,
    GUEST_LINK_SECRET: around.secrets.guestLinkSecret,
    ...passedOn(around.settings, ['MAIL_RETRY_BASE_MS']),
    STAFF_EMAIL: around.settings.given('STAFF_EMAIL') ?? around.secrets.adminEmail,
  }),
}

const mail = ({ settings, smtpUrl }: Surroundings): Environment => ({
  SMTP_URL: smtpUrl,
  ...passedOn(settings, ['MAIL_FROM', 'MAILS_PER_SECOND']),
})

/** In the order to show them: what there is a key for, if only the simulator's. */
function offeredMethods(settings: Settings): string {
  const takesPayfast = pretendsPayfast(settings) || settings.given('PAYFAST_MERCHANT_ID')
  const takesStripe = pretendsStripe(settings) || settings.given('STRIPE_SECRET_KEY')
  return [takesPayfast && 'payfast', takesStripe && 'stripe', 'cash_on_delivery'].filter(Boolean).join()
}

export const passedOn = ({ given }: Settings, names: readonly string[]): Environment =>
  Object.fromEntries(names.map((name) => [name, given(name)]))

export const withoutGaps = (environment: Environment) =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined)) as Record<string, string>
