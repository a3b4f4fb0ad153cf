import { existsSync } from 'node:fs'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrateEventLog } from '@mart/service-kit/event-log-postgres'
import { type DatabaseUrls, prepareDatabases } from './databases.ts'
import { type KafkaServer, startKafka } from './kafka-server.ts'
import { boundLogOf } from './log-files.ts'
import { logMembers } from './log-members.ts'
import type { HeldFolder } from './mart-file.ts'
import { checkPort, type Ports } from './ports.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { type Plan, pretendsPayfast, pretendsStripe, webhookUrl } from './service-environment.ts'
import type { Settings } from './settings.ts'
import type { Up } from './steps.ts'
import { startWhenFirstUsed } from './when-first-used.ts'

const LEFTOVERS_MS = 5_000

/** Throws a MartFault for the first port that is taken. PostgreSQL looks at its own: one left behind may hold it yet. */
export async function checkPorts(
  { host, startsKafka, observes }: Settings,
  ports: Ports,
  { wasLeft }: HeldFolder,
): Promise<void> {
  const { postgres: _, smtp, mail, simulators, kafka, kafkaController, ...others } = ports
  const { firstPage, metrics, rules, alerts, logs, logAgent, traces, spans, ...ofHost } = others
  const checkAll = async () => {
    for (const [name, port] of Object.entries(ofHost)) await checkPort(name, port, host)
    for (const [name, port] of Object.entries({ SMTP: smtp, mail, simulators }))
      await checkPort(name, port, '127.0.0.1')
    for (const port of observes ? [firstPage, metrics, rules, alerts, logs, logAgent, traces, spans] : [])
      await checkPort('--observe', port, '127.0.0.1')
    for (const port of startsKafka ? [kafka, kafkaController] : []) await checkPort('Kafka', port, '127.0.0.1')
  }
  // The services of a mart that was killed stop by themselves; they may be at it.
  for (let waitedMs = 0; wasLeft && waitedMs < LEFTOVERS_MS; waitedMs += 100) {
    try {
      return await checkAll()
    } catch {
      await sleep(100)
    }
  }
  await checkAll()
}

export async function bringUpDatabases(
  up: Up,
  { settings, secrets, ports }: Plan,
): Promise<{ postgres: PostgresServer; databaseUrls: DatabaseUrls }> {
  const postgres = await up.step('PostgreSQL', async () => {
    const logFile = join(settings.dataDir, 'logs/postgres.log')
    const letGrow = boundLogOf(logFile)
    const server = await startPostgres({
      dataDir: join(settings.dataDir, 'postgres'),
      port: ports.postgres,
      superuserPassword: secrets.superuserPassword,
      logFile,
      report: up.say,
    })
    up.add({ stage: 'servers', name: 'PostgreSQL', stop: () => server.stop().finally(letGrow) })
    return server
  })
  const databaseUrls = await up.step('databases', async () => {
    const urls = await prepareDatabases(postgres, secrets.databasePasswords)
    const eventLogUrl = settings.given('EVENT_LOG_URL') ?? urls.eventLog.owner
    if (settings.startsKafka || eventLogUrl.startsWith('kafka')) {
      const { leaveEmbeddedLog } = await import('./leave-embedded-log.ts')
      await leaveEmbeddedLog(urls.eventLog.owner)
    } else if (settings.given('EVENT_LOG_URL')) await migrateEventLog(eventLogUrl)
    else await migrateEventLog(eventLogUrl, logMembers)
    return urls
  })
  return { postgres, databaseUrls }
}

export async function bringUpKafka(up: Up, { settings, ports }: Plan): Promise<KafkaServer | undefined> {
  if (!settings.startsKafka) return undefined
  return await up.step('Kafka', async () => {
    const logFile = join(settings.dataDir, 'logs/kafka.log')
    const letGrow = boundLogOf(logFile)
    const server = await startKafka({
      dataDir: join(settings.dataDir, 'kafka'),
      port: ports.kafka,
      controllerPort: ports.kafkaController,
      logFile,
      report: up.say,
    })
    up.add({ stage: 'servers', name: 'Kafka', stop: () => server.stop().finally(letGrow) })
    return server
  })
}

/** Resolves with where mails go: the shop's own server, or what catches them on this machine. */
export async function bringUpMail(up: Up, { settings, ports }: Plan): Promise<string> {
  const given = settings.given('SMTP_URL')
  if (given) return given
  return await up.step('mail catcher', async () => {
    const places = [ports.smtp, ports.mail].map((port) => ({ port, host: '127.0.0.1' }))
    const load = async ([smtp, http]: readonly Server[]) => {
      const { startMailCatcher } = await import('@mart/simulators/mail/catcher')
      return await startMailCatcher({ smtp: smtp!, http: http! })
    }
    const catcher = await startWhenFirstUsed(places, load, ({ message }) => up.say(`mail catcher: ${message}`))
    up.add({ stage: 'stand-ins', name: 'mail catcher', stop: catcher.stop })
    return `smtp://127.0.0.1:${ports.smtp}`
  })
}

export async function bringUpSimulators(up: Up, { settings, secrets, ports, addresses }: Plan): Promise<void> {
  if (!addresses.simulators) return
  const publicUrl = settings.given('SIMULATOR_PUBLIC_URL') ?? addresses.simulators
  const stripe = {
    apiKey: secrets.stripeSecretKey,
    webhookSecret: secrets.stripeWebhookSecret,
    webhookUrl: webhookUrl(settings, addresses),
    stateFile: join(settings.dataDir, 'stripe-simulator.json'),
  }
  const payfast = {
    merchantId: secrets.payfastMerchantId,
    securedKey: secrets.payfastSecuredKey,
    stateFile: join(settings.dataDir, 'payfast-simulator.json'),
  }
  await up.step('payment simulators', async () => {
    const place = { port: ports.simulators, host: '127.0.0.1' }
    const load = async (held?: Server) => {
      const { startSimulators } = await import('@mart/simulators/simulators')
      return await startSimulators({
        ...place,
        ...(held && { held }),
        publicUrl,
        stripe: pretendsStripe(settings) ? stripe : undefined,
        payfast: pretendsPayfast(settings) ? payfast : undefined,
      })
    }
    // What an earlier run left has clocks that run and notifications to deliver.
    const isAwaited = [stripe, payfast].some(({ stateFile }) => existsSync(stateFile))
    const simulators = isAwaited
      ? await load()
      : await startWhenFirstUsed(
          [place],
          ([held]) => load(held),
          ({ message }) => up.say(`payment simulators: ${message}`),
        )
    up.add({ stage: 'stand-ins', name: 'payment simulators', stop: simulators.stop })
  })
}
