// `npm test`: every tier, on a PostgreSQL of its own. `npm test -- <path> …` runs only the test files below these paths.
import { spawn } from 'node:child_process'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { startThrowAwayPostgres } from '@mart/local/postgres-server'

const root = join(import.meta.dirname, '..')
const chosen = process.argv.slice(2)

const tiers = [
  {
    name: 'rules and services',
    globs: [
      '{packages,services,local}/*/test/**/*.test.ts',
      'local/test/**/*.test.ts',
      'tests/*.test.ts',
      'docs/*.test.ts',
    ],
    concurrency: 2,
  },
  // Each runs a whole mart, so one after the other.
  { name: 'journeys', globs: ['tests/journeys/**/*.test.ts'], concurrency: 1 },
]

async function filesOf(globs: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for await (const path of glob([...globs], { cwd: root, exclude: (name) => name.includes('node_modules') }))
    files.push(path)
  const wanted = files.filter(
    (path) => chosen.length === 0 || chosen.some((start) => path.startsWith(start.replace(/^\.\//, ''))),
  )
  return [...new Set(wanted)].sort()
}

function runTests(files: readonly string[], concurrency: number, postgresUrl: string): Promise<number> {
  const flags = [
    '--test',
    '--test-force-exit',
    `--test-concurrency=${concurrency}`,
    '--test-timeout=300000',
    '--test-reporter=spec',
  ]
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...flags, ...files], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, TEST_POSTGRES_URL: postgresUrl },
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}

const plan = await Promise.all(tiers.map(async (tier) => ({ ...tier, files: await filesOf(tier.globs) })))
// node --test passes when it is given nothing, so an empty tier must not go unseen.
const empty = plan.filter(({ files }) => files.length === 0)
if (chosen.length === 0 ? empty.length > 0 : empty.length === plan.length) {
  console.error(`No test files for: ${empty.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}

const postgres = await startThrowAwayPostgres()
let failed = 0
try {
  for (const { name, files, concurrency } of plan) {
    if (files.length === 0) continue
    console.log(`\n── ${name}: ${files.length} files`)
    if ((await runTests(files, concurrency, postgres.superuserUrl)) !== 0) failed += 1
  }
} finally {
  await postgres.stop()
}
process.exitCode = failed > 0 ? 1 : 0
