import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@mart/service-kit/testing-folder'

test('resending says what is wrong with its arguments, or that no mart runs', () => {
  const folder = temporaryFolder()
  const resend = (...args: string[]) => {
    const program = join(import.meta.dirname, '../src/resend.ts')
    const env = { PATH: process.env['PATH'], MART_DATA_DIR: folder }
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], { env, encoding: 'utf8' })
    assert.equal(status, 1)
    assert.doesNotMatch(stderr, /^ +at /m)
    return stderr
  }
  assert.match(resend(), /^--since is missing\.\n\nnpm run resend -- --since 10m/)
  for (const bad of ['yesterday', '0m', '10', '3h', '1.5h', ''])
    assert.match(resend('--since', bad), new RegExp(`^--since ${bad} is no time like 90s, 10m or 1h, up to 2h`))
  assert.match(resend('--since', '10m', '--service', 'orders'), /^There is no service orders\./)
  assert.match(resend('--from', '10m'), /^Unknown option '--from'\.\n\nnpm run resend/)
  assert.match(
    resend('--since', '2h', '--service', 'order', 'payment'),
    /^No mart runs on .*: start one with npm start\./,
  )
})
