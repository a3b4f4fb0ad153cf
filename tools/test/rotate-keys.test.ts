import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@mart/service-kit/testing-folder'

test('rotating keys says what is wrong with its arguments, or that no mart runs', () => {
  const folder = temporaryFolder()
  const rotate = (...args: string[]) => {
    const program = join(import.meta.dirname, '../src/rotate-keys.ts')
    const env = { PATH: process.env['PATH'], MART_DATA_DIR: folder }
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], { env, encoding: 'utf8' })
    assert.equal(status, 1)
    assert.doesNotMatch(stderr, /^ +at /m)
    return stderr
  }
  for (const bad of [['--soon'], ['now'], ['--now=5']]) assert.match(rotate(...bad), /\.\n\nnpm run rotate-keys /)
  for (const good of [[], ['--now']]) assert.match(rotate(...good), /^No mart runs on .*: start one with npm start\./)
})
