import { readdirSync, readFileSync } from 'node:fs'

export interface Process {
  readonly pid: number
  readonly command: string
}

/** MiB. PSS counts what is shared once; the broker's own memory is not in it. */
export interface Memory {
  readonly pss: number
  readonly broker: number
}

/** A process and all that it started. */
export function processesOf(root: number): Process[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = readOrNull(`/proc/${name}/stat`)
    if (stat) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
  }
  const wanted = new Set([root])
  for (let grown = true; grown; ) {
    grown = false
    for (const [pid, parent] of parents) {
      if (wanted.has(parent) && !wanted.has(pid)) grown = Boolean(wanted.add(pid))
    }
  }
  return [...wanted].map((pid) => ({ pid, command: (readOrNull(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ') }))
}

export function memoryOf(root: number): Memory {
  let pss = 0
  let broker = 0
  for (const { pid, command } of processesOf(root)) {
    const megabytes = memoryOfOne(pid)
    if (command.includes('kafka.Kafka')) broker += megabytes
    else pss += megabytes
  }
  return { pss, broker }
}

/** MiB of one process, PSS. */
export const memoryOfOne = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(readOrNull(`/proc/${pid}/smaps_rollup`) ?? '')?.[1] ?? 0) / 1024

export function gatewayOf(root: number): number {
  const gateway = processesOf(root).find(({ command }) => command.includes('apps/gateway/src/main'))
  if (!gateway) throw new Error('The gateway does not run')
  return gateway.pid
}

/** A process may end while we look. */
export function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
