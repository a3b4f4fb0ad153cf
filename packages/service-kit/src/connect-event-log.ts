import type { EventLog } from './event-log.ts'
import { postgresEventLog } from './event-log-postgres.ts'
import { type KafkaSettings, kafkaDefaults } from './kafka-settings.ts'
import type { Logger } from './logger.ts'

/** The engine that `url` names; the other is not loaded. Throws RangeError for an address of no engine. */
export async function connectEventLog(
  url: string,
  { kafka = kafkaDefaults, ...options }: { clientName: string; logger: Logger; kafka?: KafkaSettings },
): Promise<EventLog> {
  if (/^postgres(ql)?:/.test(url)) return postgresEventLog(url, options)
  if (url.startsWith('kafka:')) {
    const { kafkaEventLog } = await import('./event-log-kafka.ts')
    return kafkaEventLog(url, { ...options, settings: kafka })
  }
  throw new RangeError(`EVENT_LOG_URL: no engine for ${url}`)
}
