import { setTimeout as sleep } from 'node:timers/promises'
import type { Topic } from '@mart/contracts/events/define-event'
import { type TProperties, Type } from 'typebox'
import { type ConfigOf, doorSettings, readConfig, serviceChecks, serviceSettings } from './config.ts'
import { connectEventLog } from './connect-event-log.ts'
import { connectTracing } from './connect-tracing.ts'
import { consumeRecords } from './consumer.ts'
import type { EventLog } from './event-log.ts'
import { eventDelay, measureEvents } from './event-metrics.ts'
import type { HandlerTable } from './handlers.ts'
import { addHealthRoutes } from './health.ts'
import { housekeeping } from './housekeeping.ts'
import { type App, createApp } from './http-server.ts'
import { type Instrument, registerInstruments } from './instruments.ts'
import { createLogger, type Logger } from './logger.ts'
import { createMetrics, type Gauges, type Metrics, measure } from './metrics.ts'
import { addMetricsRoute } from './metrics-route.ts'
import { kitMigrations, migrate } from './migrate.ts'
import { addParkedRoutes } from './parked-routes.ts'
import { connectDatabase, type Database } from './postgres.ts'
import { openReadinessGate } from './readiness-gate.ts'
import { startRelay } from './relay.ts'
import { countRequests } from './request-counts.ts'
import { watchRevokedTokens } from './token-revocation.ts'

import { type SpanStarter, traceSpans } from './tracing.ts'

import { startWorker, type Work } from './workers.ts'
import { watchWriting } from './writing.ts'

/** What the parts of a service are given. */
export interface Service<Config> {
  readonly config: Config
  readonly db: Database
  readonly log: EventLog
  readonly logger: Logger
  readonly metrics: Metrics
  /** Begins the spans of what is done for others: requests, events, calls, mails. */
  readonly tracer: SpanStarter
}

export interface ServiceDefinition<Own extends TProperties> {
  readonly name: string
  readonly description: string
  /** The topic that this service alone speaks on. */
  readonly topic: Topic
  /** Its own settings, beside those of every service. */
  readonly settings: Own
  /** Finds what is wrong with settings that belong together, a line each. */
  readonly checks?: readonly ((given: Partial<ConfigOf<Own>>) => readonly string[])[]
  readonly migrations: URL
  readonly addRoutes: (app: App, service: Service<ConfigOf<Own>>) => void | Promise<void>
  readonly consumes: (service: Service<ConfigOf<Own>>) => HandlerTable
  readonly works?: (service: Service<ConfigOf<Own>>) => readonly Work[]
  /** What its use cases record, and what is read when somebody scrapes: its `metrics.ts`. */
  readonly instruments?: readonly Instrument[]
  readonly gauges?: (service: Service<ConfigOf<Own>>) => readonly Gauges[]
  /** Once, after the migrations and before anything else runs. */
  readonly prepare?: (service: Service<ConfigOf<Own>>) => Promise<void>
}

export interface RunningService<Config> extends Service<Config> {
  readonly url: string
  readonly app: App
  readonly stop: () => Promise<void>
}

export const defineService = <const Own extends TProperties>(definition: ServiceDefinition<Own>) => definition

/** Starts a service: database, migrations, topics, relay, consumer, timed work, HTTP. Throws ConfigError for bad settings. */
export async function startService<Own extends TProperties>(
  definition: ServiceDefinition<Own>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RunningService<ConfigOf<Own>>> {
  const schema = Type.Object({ ...serviceSettings, ...definition.settings })
  const checks = (definition.checks ?? []) as Parameters<typeof readConfig<typeof schema>>[2] & object
  const config = readConfig(schema, env, [...serviceChecks, ...checks]) as ConfigOf<Own>
  const logger = createLogger(definition.name, config.LOG_LEVEL)
  const db = connectDatabase(config.DATABASE_URL, { max: config.DATABASE_POOL, applicationName: definition.name })
  const log = await connectEventLog(config.EVENT_LOG_URL, { clientName: definition.name, logger, kafka: config })
  const metrics = createMetrics(definition.name)
  registerInstruments(db, metrics, [eventDelay, traceSpans, ...(definition.instruments ?? [])])
  const { tracer, stop: stopTracing } = await connectTracing(definition.name, config, { logger, owner: db })
  const service: Service<ConfigOf<Own>> = { config, db, log, logger, metrics, tracer }

  const readinessGate = openReadinessGate({ host: config.HOST, port: config.PORT, logger })
  await readinessGate.until(`the database (DATABASE_URL ${withoutPassword(config.DATABASE_URL)})`, async () => {
    await migrate(db, 'service-kit', kitMigrations)
    await migrate(db, definition.name, definition.migrations)
  })
  await readinessGate.until('the event log', () => prepareTopics(definition, service))
  await readinessGate.close()
  await definition.prepare?.(service)

  const table = definition.consumes(service)
  const revokedTokens = await watchRevokedTokens(db, logger)
  const requestCounts = countRequests(db)
  const app = await createApp({
    name: definition.name,
    description: definition.description,
    logger,
    metrics,
    tracer,
    revokedTokens,
    requestCounts,
    jwksUrl: config.JWKS_URL,
    ...doorSettings(config),
  })
  await definition.addRoutes(app, service)
  addParkedRoutes(app, db, table)

  const relay = startRelay(db, log, logger)
  const consumption =
    table.topics.length === 0
      ? null
      : log.consume({
          group: definition.name,
          topics: table.topics,
          onRecords: (records, signal) => consumeRecords({ db, table, logger, tracer }, records, signal),
        })
  const writing = watchWriting(db, logger, metrics)
  const workers = [
    revokedTokens.work,
    requestCounts.work,
    writing.work,
    housekeeping(service, definition.topic, table),
    ...(definition.works?.(service) ?? []),
  ].map((work) => startWorker(work, logger, tracer))
  let stopping = false
  // Whoever holds a connection opens the next one, which leads to another replica.
  app.server.prependListener('request', (_, response) => {
    if (stopping) response.setHeader('connection', 'close')
  })
  addHealthRoutes(app, { db, log, consumption, relay, writing, isStopping: () => stopping })
  addMetricsRoute(app, metrics, config.METRICS_TOKEN)
  const poolSize = config.DATABASE_POOL
  measureEvents(metrics, { db, poolSize, log, relay, group: definition.name, topics: table.topics })
  for (const gauges of definition.gauges?.(service) ?? []) measure(metrics, gauges)
  const url = await app.listen({ host: config.HOST, port: config.PORT })
  logger.info({ url, consumes: [...table.handlers.keys()] }, 'ready')

  return {
    ...service,
    url,
    app,
    async stop() {
      if (stopping) return
      stopping = true
      await sleep(config.DRAIN_SECONDS * 1_000)
      await app.close()
      await Promise.all([...workers.map((worker) => worker.stop()), consumption?.stop()])
      await relay.stop()
      await Promise.all([db.end({ timeout: 5 }), log.close(), stopTracing()])
      logger.info('stopped')
    },
  }
}

function withoutPassword(url: string): string {
  const { username, host, pathname } = new URL(url)
  return `${username}@${host}${pathname}`
}

async function prepareTopics<Own extends TProperties>(
  { topic }: ServiceDefinition<Own>,
  { log, config }: Service<ConfigOf<Own>>,
): Promise<void> {
  const retentionDays =
    topic.retention === 'forever' ? null : (config as { EVENT_RETENTION_DAYS: number }).EVENT_RETENTION_DAYS
  await log.prepareTopics([{ name: topic.name, retentionDays }])
}
