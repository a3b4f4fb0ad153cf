import { isIP } from 'node:net'
import type { BaseOptions, GenericError } from '@platformatic/kafka'
import { type Static, Type } from 'typebox'

/** How to reach Apache Kafka, beside `EVENT_LOG_URL=kafka://host:port,host:port`. Each may come from a file, by `<NAME>_FILE`. */
export const kafkaSettings = {
  /** Of topics that the service makes: 1 for one broker, 3 for a cluster (two of them must have a record then). */
  KAFKA_REPLICATION: Type.Integer({ minimum: 1, maximum: 32_767, default: 1 }),
  KAFKA_TLS: Type.Enum(['on', 'off'], { default: 'off' }),
  /** PEM texts: whom to trust beside the public authorities, and who we are where the broker asks. */
  KAFKA_TLS_CA: Type.Optional(Type.String()),
  KAFKA_TLS_CERT: Type.Optional(Type.String()),
  KAFKA_TLS_KEY: Type.Optional(Type.String()),
  KAFKA_SASL_MECHANISM: Type.Optional(Type.Enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])),
  KAFKA_SASL_USERNAME: Type.Optional(Type.String()),
  KAFKA_SASL_PASSWORD: Type.Optional(Type.String()),
}

export type KafkaSettings = Static<ReturnType<typeof Type.Object<typeof kafkaSettings>>>

/** One broker that asks for nothing. */
export const kafkaDefaults: KafkaSettings = { KAFKA_REPLICATION: 1, KAFKA_TLS: 'off' }

/** What can never work, a line each: an address without brokers, half a login, certificates without TLS. */
export function kafkaProblems(config: Partial<KafkaSettings> & { readonly EVENT_LOG_URL?: string }): string[] {
  const problems: string[] = []
  const { EVENT_LOG_URL: url } = config
  if (url?.startsWith('kafka:') && !brokersIn(url))
    problems.push('EVENT_LOG_URL: must be like kafka://host:9092 or kafka://host:9092,other:9092')
  const login = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const
  const missing = login.filter((name) => config[name] === undefined)
  if (missing.length > 0 && missing.length < login.length)
    problems.push(...missing.map((name) => `${name}: is not set, and a login needs ${login.join(', ')}`))
  if ((config.KAFKA_TLS_CERT === undefined) !== (config.KAFKA_TLS_KEY === undefined))
    problems.push('KAFKA_TLS_CERT and KAFKA_TLS_KEY: one is not set, and they belong together')
  for (const name of ['KAFKA_TLS_CA', 'KAFKA_TLS_CERT', 'KAFKA_TLS_KEY'] as const)
    if (config[name] !== undefined && config.KAFKA_TLS !== 'on')
      problems.push(`${name}: is used only with KAFKA_TLS=on`)
  return problems
}

/** What every client of the library is given. Throws RangeError for an address without brokers. */
export function connectionOf(url: string, settings: KafkaSettings, clientName: string): BaseOptions {
  const bootstrapBrokers = brokersIn(url)
  if (!bootstrapBrokers) throw new RangeError(`EVENT_LOG_URL: no brokers in ${url}`)
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings
  return {
    clientId: clientName.replaceAll(/[^\w.-]/g, '-'),
    bootstrapBrokers,
    // Few and quick: a request that repeats for ever would go to a leader of yesterday. Whoever calls tries again.
    retries: 3,
    retryDelay: 200,
    connectTimeout: 5_000,
    requestTimeout: 15_000,
    metadataMaxAge: 2_000,
    // Managed clusters tell their brokers apart by the name that the client says; an address is none.
    ...(settings.KAFKA_TLS === 'on' && { tls: tlsOf(settings), tlsServerName: bootstrapBrokers.some(isNamed) }),
    ...(mechanism && { sasl: { mechanism, username: username!, password: password! } }),
  }
}

function tlsOf({ KAFKA_TLS_CA: ca, KAFKA_TLS_CERT: cert, KAFKA_TLS_KEY: key }: KafkaSettings) {
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && key !== undefined && { cert, key }) }
}

function brokersIn(url: string): string[] | undefined {
  const brokers = /^kafka:\/\/([^/?#@]+)\/?$/.exec(url)?.[1]?.split(',')
  return brokers?.every((broker) => /^(\[[0-9a-f:.]+\]|[\w.-]+):\d{1,5}$/i.test(broker)) ? brokers : undefined
}

const isNamed = (broker: string): boolean => isIP(broker.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')) === 0

/** The log did not do what was asked: the message says which setting to look at and what was tried. */
export class EventLogFault extends Error {
  override readonly name = 'EventLogFault'
}

/** Turns a fault of the client into one that names the setting. */
export function explain(error: unknown, url: string, settings: KafkaSettings): EventLogFault {
  if (error instanceof EventLogFault) return error
  const causes = causesOf(error)
  const has = (test: (cause: Partial<GenericError>) => boolean) =>
    causes.some((cause) => test(cause as Partial<GenericError>))
  const last = causes.at(-1)?.message ?? String(error)
  const say = (text: string) => new EventLogFault(`${text} (${last})`, { cause: error })
  if (has(({ code }) => code === 'PLT_KFK_AUTHENTICATION'))
    return say(
      `KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: ${url} does not let in ${settings.KAFKA_SASL_USERNAME ?? 'a client without a login'}`,
    )
  if (has(({ code }) => typeof code === 'string' && /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL/.test(code)))
    return say(`KAFKA_TLS_CA: the certificate of ${url} is not trusted`)
  if (has(({ message }) => /TLS/.test(message ?? '')))
    return say(`KAFKA_TLS: is ${settings.KAFKA_TLS}, which ${url} does not speak`)
  if (has(({ apiId }) => typeof apiId === 'string' && apiId.includes('AUTHORIZATION_FAILED')))
    return say(`KAFKA_SASL_USERNAME: ${settings.KAFKA_SASL_USERNAME ?? 'nobody'} may not do that at ${url}`)
  if (has(({ apiId }) => apiId === 'INVALID_REPLICATION_FACTOR'))
    return say(`KAFKA_REPLICATION: ${settings.KAFKA_REPLICATION} is more than ${url} has brokers`)
  if (has(({ code }) => code === 'PLT_KFK_NETWORK' || code === 'PLT_KFK_TIMEOUT'))
    return say(`EVENT_LOG_URL: ${url} does not answer`)
  return say(`EVENT_LOG_URL: ${url} refuses`)
}

function causesOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return []
  const inner = error instanceof AggregateError ? error.errors : []
  return [error, ...inner.flatMap(causesOf), ...causesOf(error.cause)]
}
