import { AsyncLocalStorage } from 'node:async_hooks'
import { type Logger as PinoLogger, pino } from 'pino'

export type Logger = PinoLogger

/** Ids that every line written meanwhile carries. */
export interface LogContext {
  request_id?: string
  order_id?: string
  event_id?: string
  event_type?: string
  traceparent?: string
}

export const logContext = new AsyncLocalStorage<LogContext>()

const secretsAndPeople = [
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
]

/** JSON lines on standard output, with the ids of `logContext` on each and secrets and personal data removed. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: secretsAndPeople.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
      censor: '[removed]',
    },
    mixin: () => logContext.getStore() ?? {},
  })
}
