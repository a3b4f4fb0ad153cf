// `npm run check`: everything that can be known in seconds without a database.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { importFaults } from './import-rules.ts'
import { migrationFaults } from './migration-check.ts'

const root = join(import.meta.dirname, '..')
const MAX_LINES = 200

interface Check {
  readonly name: string
  /** What is wrong; nothing when all is well. */
  readonly run: () => Promise<string>
}

const command = (name: string, ...line: string[]): Check => ({
  name,
  run: () =>
    new Promise((resolve) => {
      const child = spawn(join(root, 'node_modules/.bin', line[0]!), line.slice(1), { cwd: root })
      let output = ''
      child.stdout.on('data', (chunk) => (output += chunk))
      child.stderr.on('data', (chunk) => (output += chunk))
      child.on('error', (error) => resolve(error.message))
      child.on('close', (code) => resolve(code === 0 ? '' : output || `exit code ${code}`))
    }),
})

const checks: Check[] = [
  command('format and lint', 'biome', 'ci', '--colors=off', '--error-on-warnings', '.'),
  command('types', 'tsc', '-p', '.'),
  command('types of pages', 'tsc', '-p', 'apps/web'),
  command('dead code', 'knip', '--no-progress'),
  command('generated docs', 'node', 'docs/generate.ts', '--check'),
  { name: 'import rules', run: async () => (await importFaults(root)).join('\n') },
  { name: 'migrations beside an older version', run: async () => (await migrationFaults()).join('\n') },
  { name: 'file sizes', run: longFiles },
  { name: 'paths in docs', run: brokenPaths },
]

async function longFiles(): Promise<string> {
  const long: string[] = []
  for await (const path of glob('{packages,services,apps,demo,local,tools,bench,deploy,docs}/**/*.{ts,tsx,mjs}', {
    cwd: root,
    exclude: (name) => name.includes('node_modules'),
  })) {
    if (path.includes('/test/') || path.includes('/messages/')) continue
    const lines = readFileSync(join(root, path), 'utf8').split('\n').length - 1
    if (lines > MAX_LINES) long.push(`${path}: ${lines} lines, at most ${MAX_LINES}`)
  }
  return long.join('\n')
}

/** Paths that a document names in links or back-quotes and that are not there. */
async function brokenPaths(): Promise<string> {
  const broken: string[] = []
  for await (const path of glob('**/*.md', {
    cwd: root,
    exclude: (name) => name.includes('node_modules') || name.includes('.data'),
  })) {
    const text = readFileSync(join(root, path), 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map((match) => match[1]!)
    const named = [
      ...text.matchAll(
        /`((?:\.\.?\/)?(?:src|test|migrations|packages|services|demo|local|tools|tests|bench|docs|apps)\/[\w./-]+\.\w+)`/g,
      ),
    ].map((match) => match[1]!)
    for (const target of [...links, ...named]) {
      const places = [join(root, dirname(path), target), join(root, target)]
      if (!places.some(existsSync)) broken.push(`${path}: ${target} is not there`)
    }
  }
  return broken.join('\n')
}

const results = await Promise.all(
  checks.map(async ({ name, run }) => {
    const startedAt = performance.now()
    const fault = (await run()).trim()
    console.log(`${fault ? '✗' : '✓'} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)
    return { name, fault }
  }),
)
const faulty = results.filter(({ fault }) => fault)
for (const { name, fault } of faulty) console.log(`\n── ${name}\n${fault}`)
process.exitCode = faulty.length > 0 ? 1 : 0
