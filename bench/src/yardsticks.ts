import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { load } from './load.ts'

const run = promisify(execFile)

/** Transactions a second of `pgbench` (TPC-B, 16 clients) on this server, in a database of its own. */
export async function pgbenchTps(superuserUrl: string, seconds: number): Promise<number> {
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
  const { stdout } = await run(program, ['-c', '16', '-j', '2', '-T', String(seconds)], { env })
  return Number(/tps = ([\d.]+)/.exec(stdout)?.[1])
}

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
