import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import { findProgram, type Program, programAt } from '../src/observability/programs.ts'

const { PATH, XDG_CACHE_HOME } = process.env
const program: Program = {
  name: 'store',
  commands: ['store-prod', 'store'],
  version: 'v2.5.1',
  oldest: [2, 5],
  goPackage: 'example.org/repository/app/store',
}
let folder: string

const fakeProgram = (path: string, script: string) =>
  writeFileSync(join(folder, path), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
const cached = () => readdirSync(join(folder, 'cache/ai-mart/bin'))
const build = (report: (line: string) => void = () => undefined) => programAt(program, report)

beforeEach(() => {
  folder = temporaryFolder()
  mkdirSync(join(folder, 'bin'))
  Object.assign(process.env, { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') })
})
afterEach(() => {
  process.env['PATH'] = PATH
  if (XDG_CACHE_HOME === undefined) delete process.env['XDG_CACHE_HOME']
  else process.env['XDG_CACHE_HOME'] = XDG_CACHE_HOME
})

test('what is on the PATH is taken, unless it is too old to know its settings', async () => {
  fakeProgram('bin/store-prod', 'echo store-20260101-tags-v2.4.9')
  assert.equal(await findProgram(program), undefined)
  fakeProgram('bin/store', 'echo "store, version 3.0.0 (branch: main)" >&2')
  assert.equal(await findProgram(program), 'store')
  fakeProgram('bin/store', 'echo "git-version=v2.9.0" >&2; echo "unknown flag: --version" >&2; exit 1')
  assert.equal(await findProgram(program), 'store')
})

test('without Go it is said what to install and how to do without', async () => {
  await assert.rejects(build(), {
    name: 'MartFault',
    message: /no Go here .*store-prod or store on the PATH.*--observe/,
  })
  assert.deepEqual(cached(), [])
})

test('a build that breaks leaves nothing that could be taken for whole, and the next one is kept', async () => {
  fakeProgram('bin/go', 'echo "$GOBIN" > /dev/null; echo no route to the module >&2; exit 1')
  await assert.rejects(build(), { name: 'MartFault', message: /exit code 1\): no route to the module/ })
  assert.deepEqual(cached(), [])

  fakeProgram('bin/go', `[ "$5" = ${program.goPackage}@v2.5.1 ] && echo built > "$GOBIN/store"`)
  const lines: string[] = []
  assert.equal(await build((line) => lines.push(line)), join(folder, 'cache/ai-mart/bin/store-v2.5.1'))
  await build((line) => lines.push(line))
  assert.equal(lines.length, 1)
  assert.deepEqual(cached(), ['store-v2.5.1'])
})
