import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { seedCatalogue } from '@mart/demo/seed'
import type { Addresses } from '@mart/demo/visited-mart'
import type { DatabaseUrls } from './databases.ts'
import type { KafkaServer } from './kafka-server.ts'
import { holdFolder } from './mart-file.ts'
import { bringUpDatabases, bringUpKafka, bringUpMail, bringUpSimulators, checkPorts } from './mart-parts.ts'
import { type PortName, type Ports, portsAt } from './ports.ts'
import type { PostgresServer } from './postgres-server.ts'
import { ignoredSettings, keepSecrets } from './secrets.ts'
import { eventLogUrl, type Plan, pretendsPayfast, pretendsStripe } from './service-environment.ts'
import { bringUpServices } from './service-processes.ts'
import { addressOf, type Settings } from './settings.ts'
import { bringUpShop, buildPages } from './shop.ts'
import { listUp, type Report, type Up } from './steps.ts'
import type { SupervisedProcess } from './supervisor.ts'

export interface MartOptions {
  readonly settings: Settings
  readonly report?: Report
  /** Aborted while the mart starts, it stops what is up and rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface Mart {
  readonly addresses: Addresses
  readonly databaseUrls: DatabaseUrls
  readonly eventLogUrl: string
  readonly adminEmail: string
  readonly adminPassword: string
  readonly isFirstStart: boolean
  /** The process that runs each service: the same one for all, unless each has its own. */
  readonly services: Record<ServiceName, SupervisedProcess>
  readonly postgres: Pick<PostgresServer, 'pid' | 'port'>
  /** Only when the mart has brought up its own. */
  readonly kafka: KafkaServer | undefined
  /** Services first, so that they drain; then mail and simulators, then PostgreSQL and Kafka. */
  stop(): Promise<void>
}

/**
 * Starts the whole mart on this machine and resolves when it can be used. Throws MartFault for what a person can put
 * right; whatever was up by then has been stopped.
 */
export async function startMart({ settings, report = () => undefined, signal }: MartOptions): Promise<Mart> {
  const up = listUp(report, signal)
  const starting = bringUp(up, settings)
  try {
    return await Promise.race([starting, abortion(signal)])
  } catch (error) {
    await up.stop()
    await starting.catch(() => undefined) // a step that was under way may bring something up yet
    await up.stop()
    throw error
  }
}

async function bringUp(up: Up, settings: Settings): Promise<Mart> {
  const ports = portsAt(settings.portOffset)
  const folder = holdFolder(settings.dataDir)
  up.add({ stage: 'data folder', name: 'data folder', stop: async () => folder.release() })
  await up.step('ports', () => checkPorts(settings, ports, folder))
  const secrets = keepSecrets(settings)
  for (const ignored of ignoredSettings(settings, secrets)) up.say(ignored)
  const plan: Plan = { settings, secrets, ports, addresses: addressesOf(settings, ports) }

  const [{ postgres, databaseUrls }, kafka, smtpUrl] = await together([
    bringUpDatabases(up, plan),
    bringUpKafka(up, plan),
    bringUpMail(up, plan),
    bringUpSimulators(up, plan),
    settings.hasShop ? buildPages(up) : undefined,
  ])
  let spansUrl: string | undefined
  if (settings.observes) {
    const { bringUpObservability } = await import('./observability/observability.ts')
    spansUrl = await bringUpObservability(up, plan, smtpUrl)
  }
  const around = { ...plan, spansUrl, databaseUrls, kafkaUrl: kafka?.url, smtpUrl }
  const [services] = await together([
    bringUpServices(up, around),
    settings.hasShop ? bringUpShop(up, around) : undefined,
  ])
  const isFirstStart = await fillShelves(up, plan)
  const logUrl = eventLogUrl(around, 'owner')
  folder.announce({ addresses: plan.addresses, postgresPort: postgres.port, eventLogUrl: logUrl })
  return {
    addresses: plan.addresses,
    databaseUrls,
    eventLogUrl: logUrl,
    adminEmail: secrets.adminEmail,
    adminPassword: secrets.adminPassword,
    isFirstStart,
    services,
    postgres,
    kafka,
    stop: up.stop,
  }
}

function addressesOf(settings: Settings, ports: Ports): Addresses {
  const address = (name: PortName) => addressOf(settings.host, ports[name])
  const standIn = (name: PortName) => addressOf('127.0.0.1', ports[name])
  const ofServices = Object.fromEntries(serviceNames.map((name) => [name, address(name)]))
  return {
    ...(settings.hasShop && { shop: address('shop') }),
    ...(ofServices as Record<ServiceName, string>),
    ...(!settings.given('SMTP_URL') && { mail: standIn('mail') }),
    ...((pretendsStripe(settings) || pretendsPayfast(settings)) && { simulators: standIn('simulators') }),
    ...(settings.observes && {
      observability: standIn('firstPage'),
      logs: standIn('logs'),
      metrics: standIn('metrics'),
    }),
  }
}

/** What the shelves hold is decided at the first start; one that was interrupted is gone on with at the next. */
async function fillShelves(up: Up, { settings, secrets, addresses }: Plan): Promise<boolean> {
  const file = join(settings.dataDir, 'state.json')
  if (readState(file).catalogue !== undefined) return false
  const admin = { email: secrets.adminEmail, password: secrets.adminPassword }
  if (settings.catalogue === 'demo')
    await up.step(
      'demo catalogue',
      () => seedCatalogue({ addresses, admin, report: up.say }),
      ({ products, skus }) => `${products} products, ${skus} SKUs`,
    )
  writeFileSync(file, JSON.stringify({ catalogue: settings.catalogue, at: new Date().toISOString() }))
  return true
}

function readState(file: string): { catalogue?: string } {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { catalogue?: string }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

/** Like Promise.all, but what is under way when one part fails has come to its end. */
async function together<const Parts extends readonly (Promise<unknown> | undefined)[]>(parts: Parts) {
  await Promise.allSettled(parts)
  return await Promise.all(parts)
}

function abortion(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal?.reason)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
  })
}
