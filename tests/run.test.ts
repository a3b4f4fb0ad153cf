import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
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
    cpSync(import.meta.dirname, join(house, 'tests'), { recursive: true })
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
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...env, TMPDIR: house },
      })
      const ended = once(run, 'exit')
      const words = run.stderr ? text(run.stderr) : Promise.resolve('')
      const file = join(house, 'pid')
      const runs = eventually(
        async () => existsSync(file) && readFileSync(file, 'utf8') !== '',
        'the test runs',
        60_000,
      )
      await Promise.race([runs, ended.then(async () => assert.fail(`it ended before its test ran: ${await words}`))])
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
