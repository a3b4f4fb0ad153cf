import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startMark } from '@mart/local/processes'
import { eventually } from '@mart/service-kit/testing'

const root = join(import.meta.dirname, '..')
const slow = `
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
test('never done', async () => {
  writeFileSync('pid', String(process.pid))
  await new Promise((resolve) => setTimeout(resolve, 600_000))
})
`

describe('a run of tests that is told to end', () => {
  let house: string
  let run: ChildProcess
  before(() => {
    house = mkdtempSync(join(tmpdir(), 'test-run-'))
    chmodSync(house, 0o711)
    mkdirSync(join(house, 'tests'))
    for (const name of readdirSync(import.meta.dirname).filter((one) => /^[a-z-]+\.ts$/.test(one)))
      copyFileSync(join(import.meta.dirname, name), join(house, 'tests', name))
    writeFileSync(join(house, 'package.json'), '{"type":"module"}')
    writeFileSync(join(house, 'tests/slow.test.ts'), slow)
    symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'))
  })
  after(() => {
    run.kill('SIGKILL')
    rmSync(house, { recursive: true, force: true })
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`by ${signal} leaves no test and no database running`, async () => {
      rmSync(join(house, 'pid'), { force: true })
      const { NODE_TEST_CONTEXT: _, ...env } = process.env
      run = spawn(process.execPath, ['tests/run.ts', 'tests/slow.test.ts'], {
        cwd: house,
        stdio: 'ignore',
        env: { ...env, TMPDIR: house },
      })
      const ended = once(run, 'exit')
      const file = join(house, 'pid')
      await eventually(async () => existsSync(file) && readFileSync(file, 'utf8') !== '', 'the test runs', 60_000)
      const pid = Number(readFileSync(file, 'utf8'))
      run.kill(signal)
      assert.deepEqual(await ended, [1, null])
      await eventually(async () => startMark(pid) === undefined, 'the test is gone')
      assert.deepEqual(
        readdirSync(house).filter((name) => name.startsWith('mart-postgres')),
        [],
      )
    })
  }
})
