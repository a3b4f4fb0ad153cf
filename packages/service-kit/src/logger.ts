import { AsyncLocalStorage } from 'node:async_hooks'
import { type DestinationStream, type LoggerOptions, type Logger as PinoLogger, pino, stdSerializers } from 'pino'

export type Logger = PinoLogger

/** Ids that every line written meanwhile carries; never a person's. */
export interface LogIds {
  request_id?: string
  order_id?: string
  order_number?: string
  payment_id?: string
  event_id?: string
  event_type?: string
  trace_id?: string
  span_id?: string
  parent_span_id?: string
}

export const carried = Symbol('carried')

/** Which trace the events published meanwhile belong to, by `traceparent` (W3C Trace Context). */
export interface Carried {
  readonly traceparent?: string
  /** Where several things are done together: of each event's key. */
  readonly byKey?: ReadonlyMap<string, string>
  /** Begins one for what nobody asked for: timed work. */
  readonly begin?: (key: string, orderId: string | undefined) => string
  /** What the lines about one of a batch's events carry, by the event's id. */
  readonly ofEvent?: ReadonlyMap<string, LogContext>
}

export interface LogContext extends LogIds {
  [carried]?: Carried
}

export const logContext = new AsyncLocalStorage<LogContext>()

/** Adds ids to every later line of the request, event or call under way; not of timed work, which goes through many. */
export function addToLog(ids: LogIds): void {
  const context = logContext.getStore()
  if (context && !context[carried]?.begin) Object.assign(context, ids)
}

const secretsAndPeople = new Set([
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'newPassword',
  'currentPassword',
  'token',
  'secret',
  'email',
  'phone',
  'name',
  'contact',
  'shipping_address',
  'stripe-signature',
])
/** Where PostgreSQL repeats the row that it refuses. */
const rowsInErrors = new Set(['detail', 'where', 'parameters'])
const REMOVED = '[removed]'
const DEEPEST = 6

/** JSON lines, on standard output unless said otherwise, with the ids of `logContext` on each and secrets and personal data removed. */
export function createLogger(service: string, level: string, to?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: { service },
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    // By names instead of pino's paths: a path for each name at each depth made a line cost 80 µs instead of 6.
    formatters: { level: (label) => ({ level: label }), log: (fields) => withoutSecrets(fields) as typeof fields },
    // A copy: pino writes the fields of each line into what it is given here.
    mixin: () => ({ ...logContext.getStore() }),
  }
  return to ? pino(options, to) : pino(options)
}

/** The same without what nobody may read, however deep it lies. */
function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEEPEST) return REMOVED
  if (Array.isArray(value)) return value.map((one) => withoutSecrets(one, depth + 1))
  if (value instanceof Error) return withoutSecrets(stdSerializers.err(value), depth + 1)
  if ('toJSON' in value) return value
  const isError = 'stack' in value
  const fields: Record<string, unknown> = {}
  for (const name in value) {
    const isRemoved = secretsAndPeople.has(name) || (isError && rowsInErrors.has(name))
    fields[name] = isRemoved ? REMOVED : withoutSecrets((value as Record<string, unknown>)[name], depth + 1)
  }
  return fields
}
