import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { cpuOf, total } from './cpu.ts'
import { load } from './load.ts'
import { type Line, rate } from './table.ts'

const run = promisify(execFile)

export interface Pgbench {
  readonly tps: number
  /** CPU of the mart's processes and of pgbench itself. */
  readonly cpuMs: number
}

/** `pgbench` (TPC-B, 16 clients) on this mart's server, in a database of its own. */
export async function pgbench(
  { superuserUrl, martPid }: { superuserUrl: string; martPid: number },
  seconds: number,
): Promise<Pgbench> {
  const program = await findPgbench()
  const url = new URL(superuserUrl)
  url.pathname = '/pgbench'
  const env = {
    ...process.env,
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: url.username,
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: 'pgbench',
  }
  const admin = postgres(superuserUrl, { max: 1, onnotice: () => undefined })
  const [known] = await admin`select from pg_database where datname = 'pgbench'`
  if (!known) {
    await admin`create database pgbench`
    await run(program, ['-i', '-q', '-s', '20'], { env })
  }
  await admin.end()
  const { result, cpu } = await cpuOf(martPid, () =>
    run(program, ['-c', '16', '-j', '2', '-T', String(seconds)], { env }),
  )
  const [tps, count] = [/tps = ([\d.]+)/, /actually processed: (\d+)/].map((what) =>
    Number(what.exec(result.stdout)?.[1]),
  )
  return { tps: tps!, cpuMs: (total(cpu) * 1_000) / count! }
}

/** Of two runs, one before and one after what is measured. */
export const between = ([a, b]: readonly [Pgbench, Pgbench]): Pgbench => ({
  tps: (a.tps + b.tps) / 2,
  cpuMs: (a.cpuMs + b.cpuMs) / 2,
})

export const pgbenchLine = (engine: string, runs: readonly [Pgbench, Pgbench]): Line => ({
  what: `${engine}: yardstick, pgbench TPC-B, 16 clients, before and after`,
  value: runs.map(({ tps }) => rate(tps)).join(', '),
  ratio: `CPU ${runs.map(({ cpuMs }) => cpuMs.toFixed(2)).join(', ')} ms a transaction`,
})

async function findPgbench(): Promise<string> {
  const folders = (process.env['PATH'] ?? '').split(':')
  for await (const folder of glob('/usr/lib/postgresql/*/bin')) folders.push(folder)
  const found = folders.map((folder) => `${folder}/pgbench`).find(existsSync)
  if (!found) throw new Error('pgbench is not here: install it (Debian: apt-get install postgresql-contrib)')
  return found
}

/** Requests a second of a Fastify that only says hello, as a process of its own like a service. */
export async function helloPerSecond(seconds: number): Promise<number> {
  const child = fork(new URL('./hello.ts', import.meta.url))
  const [url] = (await once(child, 'message')) as [string]
  const { perSecond } = await load({ url, connections: 32, seconds })
  child.disconnect()
  return perSecond
}
