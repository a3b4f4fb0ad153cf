// `npm test`: every tier, on a PostgreSQL and a Kafka of its own. `npm test -- <path> …` runs only the test files below
// these paths; `--faults` (npm run test:faults) runs the tier in which brokers, services and databases are killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { glob } from 'node:fs/promises'
import { join, matchesGlob } from 'node:path'
import { startThrowAwayPostgres } from '@mart/local/postgres-server'
import { buildBackends, buildHelm } from './test-backends.ts'
import { findTestKafka } from './test-kafka.ts'
import { prepareShop } from './test-shop.ts'
import { startStripeMock, whyNoStripeMock } from './test-stripe-mock.ts'
import { everyDay, faults } from './tiers.ts'

const root = join(import.meta.dirname, '..')
const chosen = process.argv.slice(2).filter((argument) => argument !== '--faults')
const wantsFaults = process.argv.includes('--faults')

async function filesOf(globs: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for await (const path of glob([...globs], { cwd: root, exclude: (name) => name.includes('node_modules') }))
    files.push(path)
  const wanted = files.filter(
    (path) => chosen.length === 0 || chosen.some((start) => path.startsWith(start.replace(/^\.\//, ''))),
  )
  return [...new Set(wanted)].sort()
}

let running: ChildProcess | undefined
let endedBy: NodeJS.Signals | undefined
// node --test ends the files that it runs when it is told to end, and only then.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => {
    endedBy = signal
    if (!running) process.exit(1)
    running.kill('SIGTERM')
  })

function runTests(files: readonly string[], concurrency: number, environment: NodeJS.ProcessEnv): Promise<number> {
  const flags = [
    '--test',
    `--test-concurrency=${concurrency}`,
    '--test-timeout=300000',
    `--import=${join(import.meta.dirname, 'left-open.ts')}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(import.meta.dirname, 'every-result.ts')}`,
    '--test-reporter-destination=stderr',
  ]
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...flags, ...files], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    })
    running = child
    child.on('close', (code) => {
      running = undefined
      resolve(code ?? 1)
    })
  })
}

const matches = (path: string, pattern: string | undefined) => pattern !== undefined && matchesGlob(path, pattern)

const tiers = wantsFaults ? faults : everyDay
const plan = await Promise.all(tiers.map(async (tier) => ({ ...tier, files: await filesOf(tier.globs) })))
// node --test passes when it is given nothing, so an empty tier must not go unseen.
const empty = plan.filter(({ files }) => files.length === 0)
if (chosen.length === 0 ? empty.length > 0 : empty.length === plan.length) {
  console.error(`No test files for: ${empty.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}

const isOnKafka = plan.some(({ files, ...tier }) =>
  files.some((path) => matches(path, tier.startsKafka) || matches(path, tier.asksForKafka)),
)
const needsBackends = plan.some(({ files, startsBackends }) => files.some((path) => matches(path, startsBackends)))
const whyNoBackends = needsBackends ? await buildBackends() : undefined
const ofShop = plan.flatMap(({ files, opensShop }) => files.filter((path) => matches(path, opensShop)))
if (ofShop.length > 0) await prepareShop(ofShop)
const unobserved: string[] = []
const rendersChart = plan.some(({ files }) => files.includes('tests/chart.test.ts'))
const whyNoHelm = rendersChart ? await buildHelm() : undefined
const kafka = isOnKafka ? await findTestKafka() : undefined
const leftOut: string[] = []
const unasked: string[] = []
const postgres = await startThrowAwayPostgres()
let failed = 0
try {
  for (const { name, files, concurrency, environment, ...tier } of plan) {
    const { startsKafka, asksForKafka, asksForStripeMock, startsBackends } = tier
    const broker = files.some((path) => matches(path, asksForKafka)) ? await kafka?.start() : undefined
    const stripeMock = files.some((path) => matches(path, asksForStripeMock)) ? await startStripeMock() : undefined
    const withoutMock = stripeMock ? [] : files.filter((path) => matches(path, asksForStripeMock))
    unasked.push(...withoutMock)
    const canRun = (path: string) =>
      (!matches(path, startsKafka) || kafka?.whyNone === undefined) && (!matches(path, asksForKafka) || broker)
    const withoutBackends = whyNoBackends ? files.filter((path) => matches(path, startsBackends)) : []
    unobserved.push(...withoutBackends)
    const runnable = files.filter((path) => canRun(path) && ![...withoutMock, ...withoutBackends].includes(path))
    leftOut.push(...files.filter((path) => !canRun(path)).map((path) => `${path} (${name})`))
    if (runnable.length === 0) continue
    console.log(`\n── ${name}: ${runnable.length} files`)
    const urls = {
      TEST_POSTGRES_URL: postgres.superuserUrl,
      ...(broker && { TEST_KAFKA_URL: broker.url }),
      ...(stripeMock && { STRIPE_MOCK_URL: stripeMock.url }),
    }
    try {
      if ((await runTests(runnable, concurrency, { ...environment, ...urls })) !== 0) failed += 1
    } finally {
      await broker?.stop()
      await stripeMock?.stop()
    }
    if (endedBy) break
  }
} finally {
  await postgres.stop()
}
if (unasked.length > 0) {
  console.error(`\nStripe's wire was NOT checked: ${whyNoStripeMock}\nLeft out:\n  ${unasked.join('\n  ')}`)
  if (process.env['CI'] === 'true') failed += 1
}
if (unobserved.length > 0) {
  console.error(`\nThe backends of --observe were NOT tried: ${whyNoBackends}\nLeft out:\n  ${unobserved.join('\n  ')}`)
  if (process.env['CI'] === 'true') failed += 1
}
if (whyNoHelm) {
  console.error(`\nThe chart was NOT rendered: ${whyNoHelm}`)
  if (process.env['CI'] === 'true') failed += 1
}
if (leftOut.length > 0) {
  console.error(
    `\nThe Kafka tier did NOT run: ${kafka?.whyNone}\n(KAFKA_URL names a broker to the tests that need no more than one.)\nLeft out:\n  ${leftOut.join('\n  ')}`,
  )
  if (process.env['CI'] === 'true' || wantsFaults) failed += 1
}
if (endedBy) console.error(`\nEnded by ${endedBy}: the tests did not all run.`)
process.exitCode = failed > 0 || endedBy ? 1 : 0
