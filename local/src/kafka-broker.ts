import type { ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { KafkaPrograms } from './kafka-programs.ts'
import { launch } from './launch.ts'
import { endInOrder } from './processes.ts'

const START_MS = 60_000
const STOP_MS = 30_000

const jvmFlags = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
  '-Dorg.slf4j.simpleLogger.showThreadName=false',
]

export interface BrokerLaunch {
  readonly programs: KafkaPrograms
  readonly nodeId: number
  readonly propertiesFile: string
  readonly logFile: string
  readonly heapMb: number
}

/** Runs one broker; resolves when it answers. Throws MartFault with the reason that it gave. */
export async function launchBroker({
  programs,
  nodeId,
  propertiesFile,
  logFile,
  heapMb,
}: BrokerLaunch): Promise<ChildProcess> {
  const flags = ['-Xms64m', `-Xmx${heapMb}m`, ...jvmFlags, '-cp', programs.classPath]
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 })
  return await launch({
    name: 'Kafka',
    command: programs.java,
    args: [...flags, 'kafka.Kafka', propertiesFile],
    logFile,
    isReady: (_, said) => said().includes(`[KafkaRaftServer nodeId=${nodeId}] Kafka Server started`),
    patience: { ms: START_MS, end: endBroker },
    lastWords,
  })
}

/** The reason that Kafka gave last. */
function lastWords(said: string): string {
  const lines = said.trimEnd().split('\n')
  return lines.findLast((line) => /^Caused by:|Exception:|\b(ERROR|FATAL)\b/.test(line)) ?? lines.at(-1) ?? ''
}

/** Stops a broker in order, and ends what is still there after half a minute. */
export const endBroker = (child: ChildProcess): Promise<void> =>
  endInOrder(child, { ask: 'SIGTERM', force: 'SIGKILL', patienceMs: STOP_MS })
