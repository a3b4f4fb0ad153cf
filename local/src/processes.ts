import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const owned = new Map<ChildProcess, () => void>()

// However this process ends (SIGKILL apart), its children end with it.
process.on('exit', () => {
  for (const end of owned.values()) end()
})

/** Ends `child` at once with `signal` if this process exits without having stopped it. */
export function endWithUs(child: ChildProcess, signal: NodeJS.Signals): void {
  owned.set(child, () => child.kill(signal))
  child.once('exit', () => owned.delete(child))
}

/** Asks `child` to end if this process is killed with SIGKILL: a shell waits for the end of a pipe that only we hold. */
export function endAfterOurKill(child: ChildProcess): void {
  if (child.pid === undefined) return
  const watcher = spawn('sh', ['-c', 'read _; kill "$0"', String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watcher.unref()
  child.once('exit', () => watcher.kill('SIGKILL'))
}

/** Whether it has ended. One that could not be started has not: it says so by an `error`. */
export const isGone = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

export const isRunning = (child: ChildProcess): boolean => child.pid !== undefined && !isGone(child)

export interface Ending {
  /** Asks it to end. */
  readonly ask: NodeJS.Signals
  /** For what is still there after `patienceMs`. */
  readonly force: NodeJS.Signals
  readonly patienceMs: number
  /** Told that it has to be forced. */
  readonly onForce?: () => void
}

/** Ends `child` and resolves when it is gone. */
export async function endInOrder(child: ChildProcess, { ask, force, patienceMs, onForce }: Ending): Promise<void> {
  if (!isRunning(child)) return
  const exited = once(child, 'exit')
  child.kill(ask)
  await Promise.race([exited, sleep(patienceMs, undefined, { ref: false })])
  if (isRunning(child)) {
    onForce?.()
    child.kill(force)
  }
  await exited
}

/** When the process was started, as a mark that tells it from a later one with the same id; undefined when it is gone. */
export function startMark(pid: number): string | undefined {
  if (process.platform !== 'linux') return fromPs(pid, 'lstart=')
  const stat = fromProc(pid, 'stat')
  // The second field is the program's name in brackets and may hold spaces.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields?.[0] === 'Z' ? undefined : fields?.[19]
}

/** The command line of a running process, its arguments parted by spaces; undefined when it is gone. */
export function commandLine(pid: number): string | undefined {
  if (process.platform !== 'linux') return fromPs(pid, 'command=')
  return fromProc(pid, 'cmdline')?.replaceAll('\0', ' ').trim() || undefined
}

function fromProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

const fromPs = (pid: number, column: string): string | undefined =>
  spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() || undefined
