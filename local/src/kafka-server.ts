import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endBroker, launchBroker } from './kafka-broker.ts'
import { formatFolders, writeProperties } from './kafka-folder.ts'
import { type KafkaPrograms, kafkaPrograms } from './kafka-programs.ts'
import { type BrokerPlace, brokerProperties, type KafkaListener } from './kafka-properties.ts'
import { keepAlive } from './keep-alive.ts'
import { checkPort, freePort } from './ports.ts'
import { isGone } from './processes.ts'

export interface KafkaOptions {
  /** Kafka's own folder, made when missing: below it a folder for each broker. */
  readonly dataDir: string
  /** Of the first broker, the next ones follow; 0 takes free ones. */
  readonly port: number
  /** Between the brokers, counted likewise. */
  readonly controllerPort?: number
  readonly brokers?: 1 | 3
  readonly logFile?: string
  readonly heapMb?: number
  /** Doors beside the plain one, each on a free port: `listenerUrls` names them. */
  readonly listeners?: readonly KafkaListener[]
  /** Lines of `server.properties` that are added, or win over ours. */
  readonly extraProperties?: Readonly<Record<string, string>>
  /** Given, a broker that dies is started again, and each line says so. */
  readonly report?: (line: string) => void
}

export interface KafkaBroker {
  readonly port: number
  /** Another one after a restart. */
  readonly pid: number
  /** Resolves when the broker is gone. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Stops in order: its partitions are handed over first. */
  stop(): Promise<void>
  /** On the data and the port that it had; resolves when it answers. */
  start(): Promise<void>
}

export interface KafkaServer {
  /** `kafka://127.0.0.1:9092,…`, with every broker. */
  readonly url: string
  /** The same for each of the other listeners, by its name. */
  readonly listenerUrls: Readonly<Record<string, string>>
  readonly brokers: readonly KafkaBroker[]
  stop(): Promise<void>
}

/**
 * Starts Apache Kafka on 127.0.0.1, one broker or a cluster of three, and resolves when it answers. The data of an
 * earlier start is kept. Throws MartFault for what a person can put right.
 */
export async function startKafka(options: KafkaOptions): Promise<KafkaServer> {
  const { listeners = [], report } = options
  const programs = await kafkaPrograms(report)
  const places = await findPlaces(options)
  const propertiesOf = (place: BrokerPlace) => ({
    ...brokerProperties(place, places, listeners),
    ...options.extraProperties,
  })
  await formatFolders(programs, places, propertiesOf)
  for (const place of places) writeProperties(propertiesFile(place), propertiesOf(place))

  const started = await Promise.allSettled(places.map((place) => startBroker(programs, place, options)))
  const brokers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failure = started.find((result) => result.status === 'rejected')
  const stop = async () => {
    await Promise.all(brokers.map((broker) => broker.stop()))
  }
  if (failure) {
    await stop()
    throw failure.reason
  }
  const urlOf = (ports: readonly (number | undefined)[]) => `kafka://${ports.map((p) => `127.0.0.1:${p}`).join(',')}`
  return {
    url: urlOf(places.map(({ port }) => port)),
    listenerUrls: Object.fromEntries(
      listeners.map(({ name }) => [name, urlOf(places.map(({ otherPorts }) => otherPorts[name]))]),
    ),
    brokers,
    stop,
  }
}

/** A Kafka for tests: its own temporary folder and free ports; `stop` removes the folder. */
export async function startThrowAwayKafka(
  options: Omit<KafkaOptions, 'dataDir' | 'port' | 'controllerPort'> = {},
): Promise<KafkaServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mart-kafka-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const server = await startKafka({ ...options, dataDir: join(folder, 'kafka'), port: 0 })
    return {
      ...server,
      async stop() {
        await server.stop()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

const propertiesFile = ({ logDir }: BrokerPlace) => `${logDir}.properties`

async function findPlaces({ dataDir, port, controllerPort = 0, brokers = 1, listeners = [] }: KafkaOptions) {
  const numbers = Array.from({ length: brokers }, (_, index) => index)
  const portFrom = async (first: number, index: number) => (first === 0 ? await freePort() : first + index)
  const places = await Promise.all(
    numbers.map(
      async (index): Promise<BrokerPlace> => ({
        nodeId: index + 1,
        logDir: join(dataDir, `broker-${index + 1}`),
        port: await portFrom(port, index),
        controllerPort: await portFrom(controllerPort, index),
        otherPorts: Object.fromEntries(
          await Promise.all(listeners.map(async ({ name }) => [name, await freePort()] as const)),
        ),
      }),
    ),
  )
  for (const place of places)
    for (const one of [place.port, place.controllerPort]) await checkPort('Kafka', one, '127.0.0.1')
  return places
}

async function startBroker(
  programs: KafkaPrograms,
  place: BrokerPlace,
  { brokers = 1, dataDir, logFile = `${dataDir}.log`, heapMb = 256, report }: KafkaOptions,
): Promise<KafkaBroker> {
  const { nodeId } = place
  const start = () => launchBroker({ programs, nodeId, propertiesFile: propertiesFile(place), logFile, heapMb })
  const name = brokers === 1 ? 'Kafka' : `Kafka broker ${nodeId}`
  const running = keepAlive({ name, first: await start(), start, end: endBroker, report })
  return {
    port: place.port,
    get pid() {
      return running.child().pid!
    },
    async kill(signal) {
      const child = running.child()
      if (isGone(child)) return
      child.kill(signal)
      await once(child, 'exit')
    },
    stop: running.stop,
    start: running.start,
  }
}
