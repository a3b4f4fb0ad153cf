import { readdirSync, readFileSync } from 'node:fs'

/** Memory of processes and all that they started, in MiB: PSS counts what is shared once, RSS counts it for each. */
export function memoryOf(pids: readonly number[]): { pss: number; rss: number; processes: number } {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = readOrNull(`/proc/${name}/stat`)
    if (stat) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
  }
  const wanted = new Set(pids)
  for (let grown = true; grown; ) {
    grown = false
    for (const [pid, parent] of parents) {
      if (wanted.has(parent) && !wanted.has(pid)) grown = Boolean(wanted.add(pid))
    }
  }
  let pss = 0
  let rss = 0
  for (const pid of wanted) {
    const rollup = readOrNull(`/proc/${pid}/smaps_rollup`) ?? ''
    pss += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024
    rss += Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024
  }
  return { pss, rss, processes: wanted.size }
}

/** A process may end while we look. */
function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
