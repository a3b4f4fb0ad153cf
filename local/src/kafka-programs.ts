import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { MartFault } from '@mart/service-kit/fault'
import { asFileFault } from './file-fault.ts'

const VERSION = '4.2.0'
const OLDEST_JAVA = 17
const DOWNLOAD_MS = 600_000
const pom = join(import.meta.dirname, '../kafka/pom.xml')
const wayOut = 'or set EVENT_LOG_URL=kafka://host:port to a broker that runs already'
const run = promisify(execFile)

/** How to run Apache Kafka's own programs. */
export interface KafkaPrograms {
  readonly java: string
  readonly classPath: string
}

/**
 * Finds Java and Kafka's jars; the first time they are fetched with Maven into the user's cache (55 MB). Throws
 * MartFault when Java or Maven is missing, or the download fails.
 */
export async function kafkaPrograms(report: (line: string) => void = () => undefined): Promise<KafkaPrograms> {
  const java = process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin/java') : 'java'
  await checkJava(java)
  const jars = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), `ai-mart/kafka-${VERSION}`)
  if (!existsSync(jars)) await fetchJars(jars, report)
  return { java, classPath: join(jars, '*') }
}

async function checkJava(java: string): Promise<void> {
  const { stderr } = await run(java, ['-version']).catch((error: NodeJS.ErrnoException & { stderr?: string }) => {
    throw new MartFault(
      `Apache Kafka needs Java ${OLDEST_JAVA} or newer, and "${java}" does not run (${error.code ?? error.message}):` +
        ` install it (Debian: openjdk-17-jre-headless), ${wayOut}.`,
    )
  })
  const major = Number(/version "(?:1\.)?(\d+)/.exec(stderr)?.[1])
  if (!(major >= OLDEST_JAVA))
    throw new MartFault(
      `Apache Kafka needs Java ${OLDEST_JAVA} or newer, and "${java}" is Java ${major || 'of an unknown version'}:` +
        ` set JAVA_HOME to a newer one, ${wayOut}.`,
    )
}

/** The folder appears at once and whole, so a download that broke is none, and of two at a time one is kept. */
async function fetchJars(jars: string, report: (line: string) => void): Promise<void> {
  let unfinished: string | undefined
  try {
    mkdirSync(dirname(jars), { recursive: true })
    unfinished = mkdtempSync(`${jars}.unfinished-`)
    report(`fetching Apache Kafka ${VERSION} with Maven (once, 55 MB)`)
    await copyDependencies(unfinished)
    if (!existsSync(jars)) renameSync(unfinished, jars)
  } catch (error) {
    if (!existsSync(jars)) throw asFileFault(error, jars)
  } finally {
    if (unfinished) rmSync(unfinished, { recursive: true, force: true })
  }
}

async function copyDependencies(folder: string): Promise<void> {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`]
  try {
    await run('mvn', ['-q', '-B', '-f', pom, ...goal], { timeout: DOWNLOAD_MS })
  } catch (error) {
    const { code, stdout, message } = error as NodeJS.ErrnoException & { stdout?: string }
    if (code === 'ENOENT')
      throw new MartFault(
        `Apache Kafka's jars are fetched with Maven, once, and "mvn" is not there: install Maven, ${wayOut}.`,
      )
    const reason = stdout?.match(/^\[ERROR\] .*$/m)?.[0] ?? message
    throw new MartFault(`Maven could not fetch Apache Kafka ${VERSION}: ${reason}\nTry again, ${wayOut}.`)
  }
}
