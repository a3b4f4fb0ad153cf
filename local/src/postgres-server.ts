import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { asFileFault } from './file-fault.ts'
import { keepAlive } from './keep-alive.ts'
import { launch } from './launch.ts'
import { checkPort, freePort } from './ports.ts'
import { postgresArguments } from './postgres-flags.ts'
import { checkVersion, initialise, lastWords, readPidFile, stopLeftover } from './postgres-folder.ts'
import { type PostgresPrograms, postgresPrograms } from './postgres-programs.ts'
import { endInOrder } from './processes.ts'

const STOP_MS = 30_000

export interface PostgresOptions {
  /** PostgreSQL's own folder, made when missing; the folder above it must be ours. */
  readonly dataDir: string
  /** 0 takes a free one. */
  readonly port: number
  /** Of the superuser `postgres`; fixed when the folder is made. */
  readonly superuserPassword: string
  readonly logFile?: string
  /** false leaves out every fsync: for tests, whose data nobody misses. */
  readonly durable?: boolean
  /** Given, a server that dies is started again, and each line says so. */
  readonly report?: (line: string) => void
}

export interface PostgresServer {
  readonly port: number
  readonly superuserUrl: string
  /** The postmaster's; another one after a restart. */
  readonly pid: number
  stop(): Promise<void>
}

/**
 * Starts the embedded PostgreSQL on 127.0.0.1 and resolves when it takes connections. A server that an earlier, killed
 * process left behind on this folder is stopped first. Throws MartFault for what a person can put right.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { dataDir, superuserPassword, report, durable = true } = options
  const parent = dirname(dataDir)
  const logFile = options.logFile ?? `${dataDir}.log`
  try {
    mkdirSync(parent, { recursive: true })
    mkdirSync(dirname(logFile), { recursive: true })
  } catch (error) {
    throw asFileFault(error, parent)
  }
  const programs = postgresPrograms(parent, dataDir)
  checkVersion(dataDir, programs.majorVersion)
  await stopLeftover(dataDir)
  const port = options.port || (await freePort())
  await checkPort('PostgreSQL', port, '127.0.0.1')
  await initialise(programs, { dataDir, superuserPassword, durable })

  const start = () => startServer({ programs, dataDir, port, logFile, durable })
  const running = keepAlive({ name: 'PostgreSQL', first: await start(), start, end, report })
  return {
    port,
    superuserUrl: `postgres://postgres:${encodeURIComponent(superuserPassword)}@127.0.0.1:${port}/postgres`,
    get pid() {
      return running.child().pid!
    },
    stop: running.stop,
  }
}

/** A server for tests: its own temporary folder, a free port, no fsync; `stop` removes the folder. */
export async function startThrowAwayPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mart-postgres-'))
  chmodSync(folder, 0o711)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const superuserPassword = randomBytes(12).toString('hex')
  try {
    const dataDir = join(folder, 'postgres')
    const server = await startPostgres({ dataDir, port: 0, superuserPassword, durable: false })
    return {
      port: server.port,
      superuserUrl: server.superuserUrl,
      pid: server.pid,
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

interface ServerPlan {
  readonly programs: PostgresPrograms
  readonly dataDir: string
  readonly port: number
  readonly logFile: string
  readonly durable: boolean
}

function startServer({ programs, dataDir, port, logFile, durable }: ServerPlan): Promise<ChildProcess> {
  const { file, args, account } = programs.command('postgres', postgresArguments({ dataDir, port, durable }))
  return launch({
    name: 'PostgreSQL',
    command: file,
    args,
    logFile,
    options: { ...account, detached: durable },
    force: 'SIGQUIT',
    isReady(child) {
      const pidFile = readPidFile(dataDir)
      return pidFile?.isReady === true && pidFile.pid === child.pid
    },
    lookEveryMs: 10,
    lastWords: () => lastWords(logFile),
  })
}

// Both end every session; the second one also leaves out the checkpoint, so that the next start recovers from the log.
const end = (child: ChildProcess) => endInOrder(child, { ask: 'SIGINT', force: 'SIGQUIT', patienceMs: STOP_MS })
