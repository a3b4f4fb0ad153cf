// `npm run test:contract`: what each service says of itself in its OpenAPI holds, tried by schemathesis with requests that
// nobody would think of, with a customer's token and with one of staff. CONTRACT_SECONDS (60) is for each of the twelve
// runs, CONTRACT_PHASES which of its phases; `npm run test:contract -- order` runs those of one service.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServiceName, serviceNames } from '@mart/local/databases'
import { startMart } from '@mart/local/mart'
import { readSettings } from '@mart/local/settings'
import { knownShopper, newShopper } from '@mart/local/shopper'
import { findSchemathesis, runSchemathesis } from './schemathesis.ts'

const seconds = Number(process.env['CONTRACT_SECONDS'] ?? 60)
// What comes by chance is left out where a red run must be the change's own: examples,coverage asks the same each time.
const phases = process.env['CONTRACT_PHASES'] ?? 'examples,coverage,fuzzing,stateful'
const chosen = process.argv.slice(2)
const program = findSchemathesis()
if (!program) {
  console.error('npm run test:contract needs Python 3 with venv (on Debian: apt-get install python3-venv).')
  process.exit(process.env['CI'] ? 1 : 0)
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
  const { isGood, output } = await runSchemathesis(program, {
    url,
    token: person.token,
    seconds,
    phases,
    reports: folder,
  })
  console.log(`── ${service} as ${role}: ${isGood ? 'nothing found' : `FOUND\n${output}`}`)
  if (!isGood) failed.push(`${service} as ${role}`)
}
