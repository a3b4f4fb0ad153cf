import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const contract = (names: readonly string[], env: Record<string, string>) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'contract/main.ts'), ...names], { encoding: 'utf8', env })

test('the contract test fails without Python, and says what it needs', () => {
  const { status, stderr } = contract([], { PATH: '' })
  assert.deepEqual(
    [status, stderr],
    [1, 'npm run test:contract needs Python 3 with venv (on Debian: apt-get install python3-venv).\n'],
  )
})

test('the contract test of a service that there is not is no success', () => {
  const { status, stderr } = contract(['order', 'ordr'], { PATH: '' })
  assert.equal(status, 1)
  assert.match(stderr, /^No service is called ordr: they are user, product, /)
})
