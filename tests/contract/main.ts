// `npm run test:contract`: what each service says of itself in its OpenAPI holds, tried by schemathesis with requests that
// nobody would think of, with a customer's token and with one of staff. CONTRACT_SECONDS (60) is for each of the twelve
// runs, CONTRACT_PHASES which of its phases, CONTRACT_SEED what chance says (a finding names its seed);
// `npm run test:contract -- order` runs those of one service.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { knownShopper, newShopper } from '@mart/demo/shopper'
import { startMart } from '@mart/local/mart'
import { readSettings } from '@mart/local/settings'
import { findSchemathesis, runSchemathesis } from './schemathesis.ts'

const seconds = Number(process.env['CONTRACT_SECONDS'] ?? 60)
// What comes by chance is left out where a red run must be the change's own: examples,coverage asks the same each time.
const phases = process.env['CONTRACT_PHASES'] ?? 'examples,coverage,fuzzing,stateful'
const chosen = process.argv.slice(2)
const strangers = chosen.filter((name) => !serviceNames.some((service) => service === name))
if (strangers.length > 0) {
  console.error(`No service is called ${strangers.join(', ')}: they are ${serviceNames.join(', ')}.`)
  process.exit(1)
}
const program = findSchemathesis()
if (!program) {
  console.error('npm run test:contract needs Python 3 with venv (on Debian: apt-get install python3-venv).')
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'mart-contract-'))
const settings = readSettings({
  PATH: process.env['PATH'],
  MART_DATA_DIR: join(folder, 'data'),
  MART_PORT_OFFSET: process.env['MART_PORT_OFFSET'] ?? '4000',
  MART_CATALOGUE: 'demo',
  MART_RATE_LIMITS: 'off',
  MART_PROVIDERS: 'simulated',
  LOG_LEVEL: 'warn',
})
// What we have started ends with us.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
const mart = await startMart({ settings })
const failed: string[] = []
try {
  for (const service of serviceNames.filter((name) => chosen.length === 0 || chosen.includes(name))) {
    for (const role of ['customer', 'staff'] as const) await tryOut(program, service, role)
  }
} finally {
  await mart.stop()
  rmSync(folder, { recursive: true, force: true })
}
console.log(failed.length === 0 ? 'Nothing found.' : `Found something: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1

async function tryOut(program: string, service: ServiceName, role: 'customer' | 'staff'): Promise<void> {
  // A token is fresh for each run: it lives for minutes, and a customer may be erased by what is tried.
  const person = await (role === 'staff'
    ? knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword)
    : newShopper(mart.addresses))
  const url = mart.addresses[service]
  const startedAt = performance.now()
  const { isGood, asked, output } = await runSchemathesis(program, {
    url,
    token: person.token,
    seconds,
    phases,
    seed: process.env['CONTRACT_SEED'],
    reports: folder,
  })
  const took = (performance.now() - startedAt) / 1000
  // Fuzzing takes all the time that it is given; the others have an end, which a slow machine may not reach.
  const cut = took >= seconds && !/fuzzing|stateful/.test(phases) ? ', cut short: CONTRACT_SECONDS' : ''
  const effort = `${asked} requests, ${Math.round(took)} s${cut}`
  console.log(`── ${service} as ${role} (${effort}): ${isGood ? 'nothing found' : `FOUND\n${output}`}`)
  if (!isGood) failed.push(`${service} as ${role}`)
}
