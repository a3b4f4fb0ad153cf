import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir, setPriority } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { MartFault } from '@mart/service-kit/fault'
import { asFileFault } from '../file-fault.ts'
import { endWithUs } from '../processes.ts'

/** A program that stands beside the mart: on PATH, or built from its Go module once. */
export interface Program {
  readonly name: string
  /** Its names on PATH. */
  readonly commands: readonly string[]
  /** What is built. */
  readonly version: string
  /** A program on PATH that is older is passed by. */
  readonly oldest: readonly [major: number, minor: number]
  /** Of the package that holds its `main`; without one it is only looked for. */
  readonly goPackage?: string
}

interface Said {
  readonly stdout: string
  readonly stderr: string
}

const BUILD_MS = 900_000
const LOWEST_PRIORITY = 19
const run = promisify(execFile)

/** Where the built ones are kept, for all marts of this user. */
const cache = () => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ai-mart/bin')

/** The path of `program`, if it is on PATH or was built before. */
export async function findProgram({ name, commands, version, oldest }: Program): Promise<string | undefined> {
  const built = join(cache(), `${name}-${version}`)
  if (existsSync(built)) return built
  for (const command of commands) {
    // Jaeger takes it for a mistake, and says its version all the same.
    const told = await run(command, ['--version'], { timeout: 5_000 }).catch((error: Partial<Said>) => error)
    const found = /(\d+)\.(\d+)\.\d+/.exec(`${told.stdout} ${told.stderr}`)
    if (found && isAtLeast([Number(found[1]), Number(found[2])], oldest)) return command
  }
  return undefined
}

const isAtLeast = ([major, minor]: readonly [number, number], [leastMajor, leastMinor]: Program['oldest']) =>
  major > leastMajor || (major === leastMajor && minor >= leastMinor)

/**
 * Finds `program`, or builds it with Go, which fetches its source the first time. Throws MartFault when there is no Go,
 * or the build fails or takes a quarter of an hour.
 */
export async function programAt(program: Program, report: (line: string) => void): Promise<string> {
  const found = await findProgram(program)
  if (found) return found
  const path = join(cache(), `${program.name}-${program.version}`)
  let unfinished: string | undefined
  try {
    mkdirSync(cache(), { recursive: true })
    unfinished = mkdtempSync(join(cache(), 'unfinished-'))
    report(`building ${program.name} ${program.version} with Go (once, a minute or two)`)
    await build(program, unfinished)
    renameSync(join(unfinished, basename(program.goPackage!)), path)
    return path
  } catch (error) {
    throw asFileFault(error, path)
  } finally {
    if (unfinished) rmSync(unfinished, { recursive: true, force: true })
  }
}

async function build({ name, commands, goPackage, version }: Program, folder: string): Promise<void> {
  const child = spawn('go', ['install', '-trimpath', '-ldflags', '-s -w', `${goPackage}@${version}`], {
    env: { ...process.env, GOBIN: folder, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false' },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: AbortSignal.timeout(BUILD_MS),
  })
  endWithUs(child, 'SIGTERM')
  if (child.pid) setPriority(child.pid, LOWEST_PRIORITY)
  const { fault, said } = await ending(child)
  if (!fault) return
  const wayOut = `put ${commands.join(' or ')} on the PATH, or start without --observe`
  if (fault === 'ENOENT')
    throw new MartFault(`--observe needs ${name}, and there is no Go here to build it: install Go, ${wayOut}.`)
  const reason = fault === 'ABORT_ERR' ? 'it took too long' : fault
  throw new MartFault(`Go could not build ${name} ${version} (${reason}): ${said}\nTry again, ${wayOut}.`)
}

function ending(child: ChildProcess): Promise<{ fault: string | undefined; said: string }> {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-2_000)
  })
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve({ fault: error.code ?? error.message, said }))
    child.once('close', (code, signal) => {
      const fault = code === 0 ? undefined : (signal ?? `exit code ${code}`)
      resolve({ fault, said: said.trim().split('\n').slice(-3).join('\n') })
    })
  })
}
