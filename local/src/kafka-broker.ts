import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MartFault } from '@mart/service-kit/fault'
import type { KafkaPrograms } from './kafka-programs.ts'
import { endAfterOurKill, endInOrder, endWithUs, isGone } from './processes.ts'

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
  const log = openSync(logFile, 'a', 0o600)
  const saidBefore = fstatSync(log).size
  // Its own process group: Ctrl-C must not reach it before the services have drained.
  const child = spawn(programs.java, [...flags, 'kafka.Kafka', propertiesFile], {
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  endWithUs(child, 'SIGKILL')
  endAfterOurKill(child)
  let failure: string | undefined
  child.once('error', (error) => {
    failure = error.message
  })
  const said = () => readFileSync(logFile).subarray(saidBefore).toString('utf8')
  for (const dueAt = performance.now() + START_MS; !isGone(child) && !failure; await sleep(50)) {
    if (said().includes(`[KafkaRaftServer nodeId=${nodeId}] Kafka Server started`)) return child
    if (performance.now() < dueAt) continue
    await endBroker(child)
    failure = 'it took more than a minute'
  }
  throw new MartFault(`Kafka did not start: ${failure ?? lastWords(said())} (its log: ${logFile})`)
}

/** The reason that Kafka gave last. */
function lastWords(said: string): string {
  const lines = said.trimEnd().split('\n')
  return lines.findLast((line) => /^Caused by:|Exception:|\b(ERROR|FATAL)\b/.test(line)) ?? lines.at(-1) ?? ''
}

/** Stops a broker in order, and ends what is still there after half a minute. */
export const endBroker = (child: ChildProcess): Promise<void> =>
  endInOrder(child, { ask: 'SIGTERM', force: 'SIGKILL', patienceMs: STOP_MS })
