import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

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
