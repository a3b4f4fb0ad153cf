import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { endWithUs } from '@mart/local/processes'

/** The versions of it and of all that it needs. */
const constraints = join(import.meta.dirname, 'constraints.txt')

/**
 * The program schemathesis, in a Python environment of its own that is made once; undefined without a Python that can make
 * one. Throws when it cannot be installed.
 */
export function findSchemathesis(): string | undefined {
  if (spawnSync('python3', ['-c', 'import venv, ensurepip']).status !== 0) return undefined
  const digest = createHash('sha256').update(readFileSync(constraints)).digest('hex').slice(0, 12)
  // Not below node_modules: installing empties that.
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), `ai-mart/schemathesis-${digest}`)
  const program = join(folder, 'bin/schemathesis')
  if (existsSync(program)) return program
  rmSync(folder, { recursive: true, force: true })
  const run = (command: string, ...rest: string[]) => {
    if (spawnSync(command, rest, { stdio: 'inherit' }).status === 0) return
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`schemathesis could not be installed: ${command} ${rest.join(' ')} failed.`)
  }
  run('python3', '-m', 'venv', folder)
  const quietly = ['--quiet', '--disable-pip-version-check']
  run(join(folder, 'bin/pip'), 'install', ...quietly, '--constraint', constraints, 'schemathesis')
  return program
}

interface Run {
  readonly url: string
  readonly token: string
  readonly seconds: number
  readonly phases: string
  readonly seed: string | undefined
  readonly reports: string
}

/** Runs it against a service and gives what it printed, how much it asked, and whether it asked something and found nothing. */
export async function runSchemathesis(
  program: string,
  { url, token, seconds, phases, seed, reports }: Run,
): Promise<{ isGood: boolean; asked: number; output: string }> {
  const config = join(import.meta.dirname, 'schemathesis.toml')
  // Every check is on unless the file says otherwise; `--checks all` would outvote the file.
  const child = spawn(
    program,
    [
      ...['--config-file', config, '--no-color', 'run', `${url}/openapi.json`],
      ...['--phases', phases, '--max-time', String(seconds), '--continue-on-failure', '--warnings', 'off'],
      ...(seed ? ['--seed', seed] : []),
      ...['--header', `Authorization: Bearer ${token}`, '--report-dir', reports],
    ],
    { cwd: reports, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  endWithUs(child, 'SIGTERM')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code] = await once(child, 'exit')
  const asked = Number(/(\d+) generated/.exec(output)?.[1] ?? 0)
  return { isGood: code === 0 && asked > 0, asked, output }
}
