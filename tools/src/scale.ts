// `npm run scale`: so many of a service of the mart in containers, by Compose.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serviceNames } from '@mart/contracts/services'
import { MartFault } from '@mart/service-kit/fault'
import { publishedPorts, readReplicas, replicasIn, withReplicas } from './scale-settings.ts'

const help = `npm run scale -- order=3              three of the order service
npm run scale -- order=3 payment=2    and two of payment
npm run scale -- order=1              one again, at its usual port

Keeps it in .env, so a later \`docker compose up\` brings up as many, and runs \`docker compose up -d --wait\`. Several of a
service have a port each, told at the end; Compose balances nothing between them.`

const root = join(import.meta.dirname, '../..')
const file = join(root, '.env')
const [command, ...first] = (process.env['COMPOSE'] ?? 'docker compose').split(' ') as [string, ...string[]]

try {
  const args = process.argv.slice(2)
  if (args.length === 0) throw new MartFault(help)
  const wanted = readReplicas(args)
  const before = existsSync(file) ? readFileSync(file, 'utf8') : null
  const after = withReplicas(before ?? '', new Map([...replicasIn(before ?? ''), ...wanted]))
  write(after)
  const { status, error } = spawnSync(command, [...first, 'up', '-d', '--wait'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) {
    write(before ?? '')
    const why = error?.message ?? `it ended with ${status}`
    throw new MartFault(
      `${command} ${first.join(' ')} up: ${why}. .env is as it was; \`up\` makes the containers so too.`,
    )
  }
  printAddresses()
} catch (error) {
  console.error(error instanceof MartFault ? error.message : error)
  process.exitCode = 1
}

function write(text: string): void {
  if (text === '') rmSync(file, { force: true })
  else writeFileSync(file, text)
}

function printAddresses(): void {
  const listed = execFileSync(command, [...first, 'ps', '--format', 'json'], { cwd: root, encoding: 'utf8' })
  for (const name of serviceNames) {
    const urls = publishedPorts(listed, `${name}-service`).map((port) => `http://127.0.0.1:${port}`)
    console.log(`${name.padEnd(12)} ${urls.join('  ')}`)
  }
}
