import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { Ajv, type ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import { type KafkaSettings, kafkaProblems, kafkaSettings } from './kafka-settings.ts'
import { traceProblems, traceSettings } from './trace-settings.ts'

/** Settings of every process with an HTTP door. */
export const processSettings = {
  NODE_ENV: Type.Optional(Type.String()),
  HOST: Type.String({ default: '127.0.0.1' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535 }),
  ...traceSettings,
  MART_RATE_LIMITS: Type.Enum(['on', 'off'], { default: 'on' }),
  /** Whose `x-forwarded-for` is believed: "10.0.0.7, 172.16.0.0/12"; nobody's when empty. */
  TRUSTED_PROXIES: Type.String({ default: '' }),
  MAX_CONNECTIONS: Type.Integer({ minimum: 10, maximum: 100_000, default: 2_000 }),
  /** For so long a service that is to end is not ready and answers all the same: until nobody is sent to it any more. */
  DRAIN_SECONDS: Type.Number({ minimum: 0, maximum: 300, default: 0 }),
  /** Who shows it may read `/metrics` from elsewhere. */
  METRICS_TOKEN: Type.Optional(
    Type.String({ minLength: 16, maxLength: 200, pattern: '^\\S+$', 'x-must': 'must have no spaces' }),
  ),
  LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], { default: 'info' }),
}

/** Settings that every service has. */
export const serviceSettings = {
  ...processSettings,
  DATABASE_URL: Type.String({ pattern: '^postgres(ql)?://', 'x-must': 'must begin with postgres://' }),
  DATABASE_POOL: Type.Integer({ minimum: 2, maximum: 100, default: 4 }),
  EVENT_LOG_URL: Type.String({
    pattern: '^(postgres(ql)?|kafka)://',
    'x-must': 'must begin with postgres:// or kafka://',
  }),
  ...kafkaSettings,
  EVENT_RETENTION_DAYS: Type.Number({ minimum: 0.001, default: 30 }),
  JWKS_URL: Type.String({ format: 'uri', default: 'http://127.0.0.1:8000/.well-known/jwks.json' }),
}

type ProcessSettings = Static<ReturnType<typeof Type.Object<typeof processSettings>>>
type ServiceSettings = Static<ReturnType<typeof Type.Object<typeof serviceSettings>>>
export type ConfigOf<Own extends TProperties> = ServiceSettings & Static<ReturnType<typeof Type.Object<Own>>>

/** Bad configuration: the message lists every problem, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const ajv = addFormats.default(
  new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, strict: false, verbose: true }),
)

/**
 * Reads the settings of `schema` from `env`; each may come from a file named by `<NAME>_FILE` instead.
 * An empty value counts as not given. `checks` look at settings that belong together. Throws ConfigError with every
 * problem at once.
 */
export function readConfig<Schema extends TObject>(
  schema: Schema,
  env: NodeJS.ProcessEnv,
  checks: readonly ((given: Partial<Static<Schema>>) => readonly string[])[] = [],
): Static<Schema> {
  const problems: string[] = []
  const given: Record<string, string> = {}
  for (const name of Object.keys(schema.properties)) {
    const value = env[name] || fromFile(name, env, problems)
    if (value !== undefined && value !== '') given[name] = value
  }
  const validate = ajv.compile(schema)
  if (!validate(given)) {
    for (const error of validate.errors ?? []) {
      const name = error.instancePath.slice(1) || String(error.params['missingProperty'] ?? '')
      problems.push(`${name}: ${problemOf(error)}`)
    }
  }
  problems.push(...checks.flatMap((check) => check(given as Partial<Static<Schema>>)))
  if (problems.length > 0)
    throw new ConfigError(`Bad configuration:\n${problems.map((line) => `  ${line}`).join('\n')}`)
  return given as Static<Schema>
}

function problemOf({ keyword, message = keyword, params, parentSchema }: ErrorObject): string {
  if (keyword === 'required') return 'is not set'
  const must: string | undefined = parentSchema?.['x-must']
  if (keyword === 'enum') return must ?? `must be ${params['allowedValues'].join(' or ')}`
  return keyword === 'pattern' ? (must ?? message) : message
}

function fromFile(name: string, env: NodeJS.ProcessEnv, problems: string[]): string | undefined {
  const path = env[`${name}_FILE`]
  if (!path) return undefined
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    problems.push(`${name}_FILE: ${(error as Error).message}`)
    return undefined
  }
}

/** Reads what a Kafka asks for beside its address. Throws ConfigError with every problem at once. */
export const readKafkaSettings = (env: NodeJS.ProcessEnv): KafkaSettings => readConfig(Type.Object(kafkaSettings), env)

// compose.yaml's own: of the superuser, and of the services.
const shippedPasswords = ['my_password', 'mart_password']

/** What nobody may sell with, a line each. */
export function productionProblems({ NODE_ENV, DATABASE_URL, MART_RATE_LIMITS }: Partial<ServiceSettings>): string[] {
  if (NODE_ENV !== 'production') return []
  return [
    ...shippedPasswordProblems({ DATABASE_URL }),
    ...(MART_RATE_LIMITS === 'off' ? ['MART_RATE_LIMITS: off is refused in production'] : []),
  ]
}

/** Which of these addresses of databases have a password that compose.yaml ships, a line each. */
export const shippedPasswordProblems = (urls: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(urls).flatMap(([name, url]) => {
    const { password = '' } = URL.parse(url ?? '') ?? {}
    return shippedPasswords.includes(password)
      ? [`${name}: has the password that everybody knows, ${password}, which is refused in production`]
      : []
  })

/** What is wrong with TRUSTED_PROXIES, a line each. */
const trustedProxyProblems = ({ TRUSTED_PROXIES = '' }: { readonly TRUSTED_PROXIES?: string }): string[] =>
  listed(TRUSTED_PROXIES).flatMap((one) => {
    const [address = '', bits, ...more] = one.split('/')
    const version = isIP(address)
    const isNetwork = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
    return version > 0 && isNetwork && more.length === 0
      ? []
      : [`TRUSTED_PROXIES: "${one}" is no address and no network like 10.0.0.0/8`]
  })

/** Find what is wrong with settings that every process has, or every service. */
export const processChecks = [traceProblems, trustedProxyProblems, productionProblems]
export const serviceChecks = [kafkaProblems, ...processChecks]

/** What of the settings is for the HTTP server. */
export const doorSettings = (config: ProcessSettings) => ({
  rateLimitPerMinute: config.MART_RATE_LIMITS === 'on' ? 1_200 : null,
  trustedProxies: listed(config.TRUSTED_PROXIES),
  maxConnections: config.MAX_CONNECTIONS,
})

/** Reads "a, b" into its parts. */
export const listed = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
