import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { MartFault } from '@mart/service-kit/fault'
import { asFileFault } from './file-fault.ts'
import type { KafkaPrograms } from './kafka-programs.ts'
import type { BrokerPlace } from './kafka-properties.ts'

/**
 * Makes the folders of a cluster unless they are there; those that are keep their cluster's id. Each appears at once
 * and whole, so a killed start leaves no half of one.
 */
export async function formatFolders(
  programs: KafkaPrograms,
  places: readonly BrokerPlace[],
  propertiesOf: (place: BrokerPlace) => Readonly<Record<string, unknown>>,
): Promise<void> {
  const known = places.map(({ logDir }) => clusterIdIn(logDir)).find((id) => id !== undefined)
  const clusterId = known ?? newClusterId()
  await Promise.all(
    places.map(async (place) => {
      if (clusterIdIn(place.logDir) !== undefined) return
      const unfinished = `${place.logDir}.unfinished`
      try {
        rmSync(unfinished, { recursive: true, force: true })
        mkdirSync(unfinished, { recursive: true, mode: 0o700 })
        const file = join(unfinished, 'format.properties')
        writeProperties(file, { ...propertiesOf(place), 'log.dirs': unfinished })
        await runStorageTool(programs, ['format', '-t', clusterId, '-c', file])
        rmSync(file)
        renameSync(unfinished, place.logDir)
      } catch (error) {
        throw asFileFault(error, place.logDir)
      }
    }),
  )
}

/** Writes a file of Java properties, for its owner alone: it may hold passwords. */
export function writeProperties(file: string, properties: Readonly<Record<string, unknown>>): void {
  const escaped = (value: unknown) => String(value).replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${escaped(value)}\n`)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, lines.join(''), { mode: 0o600 })
}

function clusterIdIn(logDir: string): string | undefined {
  const file = join(logDir, 'meta.properties')
  if (existsSync(file)) return /^cluster\.id=(.+)$/m.exec(readFileSync(file, 'utf8'))?.[1]
  if (existsSync(logDir)) throw new MartFault(`${logDir} is no folder of Kafka: set MART_DATA_DIR to another folder.`)
  return undefined
}

/** Sixteen random bytes as Kafka writes them; a first "-" would look like an option to its tools. */
const newClusterId = () => randomBytes(16).toString('base64url').replace(/^-/, 'A')

async function runStorageTool({ java, classPath }: KafkaPrograms, args: readonly string[]): Promise<void> {
  const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m', '-cp', classPath]
  await promisify(execFile)(java, [...flags, 'kafka.tools.StorageTool', ...args]).catch(
    (error: Error & { stderr?: string }) => {
      throw new MartFault(`Kafka's folder can't be made: ${error.stderr?.trim() || error.message}`)
    },
  )
}
