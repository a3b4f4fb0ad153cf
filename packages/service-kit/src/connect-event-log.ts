import type { EventLog } from './event-log.ts'
import { postgresEventLog } from './event-log-postgres.ts'
import type { Logger } from './logger.ts'

/** The engine that `url` names. Throws for an engine that this build does not have. */
export function connectEventLog(url: string, options: { clientName: string; logger: Logger }): EventLog {
  if (/^postgres(ql)?:/.test(url)) return postgresEventLog(url, options)
  throw new Error(`EVENT_LOG_URL: no engine for ${new URL(url).protocol}//`)
}
