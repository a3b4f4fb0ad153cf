import { execFileSync } from 'node:child_process'
import { type Process, processesOf, readOrNull } from './processes.ts'

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** CPU seconds by what spent them: a service's process, its database, the broker, the load generator. */
export type CpuSeconds = ReadonlyMap<string, number>

/** What the mart and this process have spent so far. Ended children count for the process that waited for them. */
function cpuSoFar(martPid: number): CpuSeconds {
  const spent = new Map<string, number>()
  const add = (name: string, ticks: number) => spent.set(name, (spent.get(name) ?? 0) + ticks / ticksPerSecond)
  for (const one of processesOf(martPid)) {
    const { own, ended } = ticksOf(one.pid)
    add(nameOf(one), own)
    if (isPostmaster(one)) add('sessions that ended', ended)
  }
  const { own, ended } = ticksOf(process.pid)
  add('load generator', own)
  add('load generator', ended)
  return spent
}

/** Runs `work` and says what it cost, most first. */
export async function cpuOf<Result>(
  martPid: number,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly cpu: CpuSeconds }> {
  const before = cpuSoFar(martPid)
  const result = await work()
  const after = cpuSoFar(martPid)
  const spent = [...after].map(([name, seconds]) => [name, seconds - (before.get(name) ?? 0)] as const)
  return { result, cpu: new Map(spent.filter(([, seconds]) => seconds > 0).sort(([, a], [, b]) => b - a)) }
}

/** How long the mart and this process have run so far, and waited for a core: nanoseconds. */
export function schedulingSoFar(martPid: number): { ran: number; waited: number } {
  const all = [...processesOf(martPid).map(({ pid }) => pid), process.pid]
  const spent = all.map((pid) => (readOrNull(`/proc/${pid}/schedstat`) ?? '').split(' ').map(Number))
  const sum = (of: number) => spent.reduce((all, one) => all + (one[of] || 0), 0)
  return { ran: sum(0), waited: sum(1) }
}

/** CPU seconds of everything on this machine that gives way to nobody, and what its host took away. */
export function machineSeconds(): number {
  const [user = 0, , system = 0, , , irq = 0, softirq = 0, steal = 0] = (readOrNull('/proc/stat') ?? '')
    .split('\n')[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + system + irq + softirq + steal) / ticksPerSecond
}

export const total = (cpu: CpuSeconds): number => [...cpu.values()].reduce((sum, seconds) => sum + seconds, 0)

const isPostmaster = ({ command }: Process) => command.includes('bin/postgres -D')

function nameOf({ command }: Process): string {
  const session = /^postgres: \S+ (\S+) [\d.]+\(\d+\)/.exec(command)?.[1]
  if (session) return `database ${session.replace(/^mart_/, '')}`
  if (command.startsWith('postgres:') || command.includes('bin/postgres -D')) return 'PostgreSQL itself'
  if (command.includes('kafka.Kafka')) return 'broker'
  if (command.includes('all-services.ts')) return 'services'
  if (command.includes('apps/gateway/src/main')) return 'gateway'
  return /services\/(\w+)\/src\/main/.exec(command)?.[1] ?? 'local'
}

/** Of the process, and of its children that have ended. */
function ticksOf(pid: number): { own: number; ended: number } {
  const stat = readOrNull(`/proc/${pid}/stat`)
  if (!stat) return { own: 0, ended: 0 }
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15)
  return { own: user + system, ended: endedUser + endedSystem }
}
