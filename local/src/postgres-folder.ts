import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { MartFault } from '@mart/service-kit/fault'
import { asFileFault } from './file-fault.ts'
import type { PostgresPrograms } from './postgres-programs.ts'
import { commandLine } from './processes.ts'

const LEFTOVER_STOP_MS = 30_000

/** Throws a MartFault when `dataDir` holds something else than a cluster of `majorVersion`. */
export function checkVersion(dataDir: string, majorVersion: string): void {
  const found = readIfThere(join(dataDir, 'PG_VERSION'), dataDir)?.trim()
  if (found === majorVersion) return
  if (found !== undefined)
    throw new MartFault(
      `${dataDir} was made by PostgreSQL ${found}, and this is PostgreSQL ${majorVersion}:` +
        ' start the mart of that time on it, or set MART_DATA_DIR to another folder.',
    )
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0)
    throw new MartFault(`${dataDir} is no folder of PostgreSQL: set MART_DATA_DIR to another folder.`)
}

/** Makes the cluster unless it is there. It appears at once and whole, so a killed start leaves no half of one. */
export async function initialise(
  { command, giveAway }: PostgresPrograms,
  { dataDir, superuserPassword, durable }: { dataDir: string; superuserPassword: string; durable: boolean },
): Promise<void> {
  if (existsSync(join(dataDir, 'PG_VERSION'))) return
  const unfinished = `${dataDir}.unfinished`
  const passwordFile = `${dataDir}.password`
  try {
    rmSync(unfinished, { recursive: true, force: true })
    mkdirSync(unfinished, { mode: 0o700 })
    giveAway(unfinished)
    rmSync(passwordFile, { force: true })
    writeFileSync(passwordFile, superuserPassword, { mode: 0o600 })
    giveAway(passwordFile)
    const flags = ['-D', unfinished, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
    flags.push('--encoding=UTF8', '--locale=C', `--lc-ctype=${characters}`, '--no-instructions')
    flags.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', ...(durable ? [] : ['--no-sync']))
    const { file, args, account } = command('initdb', flags)
    await promisify(execFile)(file, args, account).catch((error: Error & { stderr?: string }) => {
      throw new MartFault(`PostgreSQL's folder can't be made: ${error.stderr?.trim() || error.message}`)
    })
    renameSync(unfinished, dataDir)
  } catch (error) {
    throw asFileFault(error, dataDir)
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

// Sorting is by code point (fast, the same everywhere); only the full text search asks the system what a letter is.
const characters = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'

/** What the running server says about itself in its folder; undefined when none does. */
export function readPidFile(dataDir: string): { pid: number; isReady: boolean } | undefined {
  const lines = readIfThere(join(dataDir, 'postmaster.pid'), dataDir)?.split('\n')
  const pid = Number(lines?.[0])
  return pid > 0 ? { pid, isReady: lines?.[7]?.trim() === 'ready' } : undefined
}

/** Stops the server that a killed mart has left running on `dataDir`; a file that names a dead one is passed over. */
export async function stopLeftover(dataDir: string): Promise<void> {
  const pid = readPidFile(dataDir)?.pid
  const isOurs = () => pid !== undefined && (commandLine(pid)?.includes(dataDir) ?? false)
  if (pid === undefined || !isOurs()) return
  try {
    process.kill(pid, 'SIGINT')
    for (let waitedMs = 0; isOurs() && waitedMs < LEFTOVER_STOP_MS; waitedMs += 50) await sleep(50)
    if (isOurs()) process.kill(pid, 'SIGQUIT')
    for (let waitedMs = 0; isOurs() && waitedMs < 10_000; waitedMs += 50) await sleep(50)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ESRCH') return
    if (code !== 'EPERM') throw error
  }
  if (isOurs()) throw new MartFault(`A PostgreSQL (process ${pid}) still holds ${dataDir}: stop it first.`)
}

// What the system refuses PostgreSQL is why it then gives up, in words that no longer name it.
const causes = /No space left on device|Disk quota exceeded|Read-only file system|Input\/output error|Permission denied/

/** Why PostgreSQL ended, as its log of the last start has it: what the system refused it, or the reason that it gave last. */
export function lastWords(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n')
  const ofLastStart = lines.slice(lines.findLastIndex((line) => line.includes('starting PostgreSQL')) + 1)
  const cause = ofLastStart.find((line) => causes.test(line))
  const reason = cause ?? ofLastStart.findLast((line) => /\b(FATAL|PANIC):/.test(line)) ?? lines.at(-1) ?? ''
  return reason.replace(/^.*?(ERROR|LOG|FATAL|PANIC): +/, '')
}

function readIfThere(path: string, dataDir: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw asFileFault(error, dataDir)
  }
}
