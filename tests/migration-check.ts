import { execFile } from 'node:child_process'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..')

/** What no older version could live beside in the migrations of `folder` (the whole mart's when it is left out). */
export async function migrationFaults(folder = '{services/*,packages/service-kit}/migrations/**'): Promise<string[]> {
  const files: string[] = []
  for await (const path of glob(`${folder}/*.sql`, { cwd: root })) files.push(path)
  const concurrent = files.filter((path) => path.endsWith('.concurrently.sql'))
  const others = files.filter((path) => !path.endsWith('.concurrently.sql'))
  return [...(await faultsIn(others, [])), ...(await faultsIn(concurrent, ['--no-assume-in-transaction']))]
}

async function faultsIn(files: readonly string[], flags: readonly string[]): Promise<string[]> {
  if (files.length === 0) return []
  const squawk = join(root, 'node_modules/.bin/squawk')
  const line = ['--config', '.squawk.toml', '--reporter', 'gcc', ...flags, ...files]
  const { stdout } = await promisify(execFile)(squawk, line, { cwd: root }).catch((error) => {
    // 1: it found something.
    if (error.code === 1) return error as { stdout: string }
    throw error
  })
  return stdout.split('\n').filter(Boolean)
}
