import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ConfigError, listed, productionProblems, readConfig, serviceSettings } from '@mart/service-kit/config'
import { Type } from 'typebox'

const schema = Type.Object({ ...serviceSettings, SECRET: Type.String({ minLength: 8 }) })
const good = { PORT: '8003', DATABASE_URL: 'postgres://x', EVENT_LOG_URL: 'postgres://y', SECRET: 'long enough' }

test('settings are read as what they are, defaults filled in', () => {
  const config = readConfig(schema, good)
  assert.equal(config.PORT, 8003)
  assert.equal(config.LOG_LEVEL, 'info')
})

test('every problem is told at once', () => {
  assert.throws(
    () => readConfig(schema, { PORT: 'many', DATABASE_URL: 'mysql://x', SECRET: 'short', LOG_LEVEL: 'loud' }),
    (error: Error) => {
      assert.ok(error instanceof ConfigError)
      for (const name of ['PORT', 'DATABASE_URL', 'EVENT_LOG_URL', 'SECRET', 'LOG_LEVEL'])
        assert.match(error.message, new RegExp(`  ${name}: `))
      assert.match(error.message, /DATABASE_URL: must begin with postgres/)
      return true
    },
  )
})

test('a secret may come from a file; one that cannot be read is a problem like the others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'))
  writeFileSync(join(folder, 'secret'), 'out of a file\n')
  const { SECRET, ...others } = good
  assert.equal(readConfig(schema, { ...others, SECRET_FILE: join(folder, 'secret') }).SECRET, 'out of a file')
  assert.throws(() => readConfig(schema, { ...others, SECRET_FILE: join(folder, 'none') }), /SECRET_FILE: ENOENT/)
  rmSync(folder, { recursive: true })
})

test('lists', () => {
  assert.deepEqual(listed(' a, b ,,'), ['a', 'b'])
})

test('what is fit for a demo only is refused in production, all of it at once, and only there', () => {
  const start = (env: Record<string, string>) => readConfig(schema, { ...good, ...env }, [productionProblems])
  const demo = { DATABASE_URL: 'postgres://x:my_password@db:5432/y', MART_RATE_LIMITS: 'off' }
  assert.throws(() => start({ ...demo, NODE_ENV: 'production' }), {
    name: 'ConfigError',
    message: /^ {2}DATABASE_URL: .*my_password.*\n {2}MART_RATE_LIMITS: off is refused/m,
  })
  const services = { DATABASE_URL: 'postgres://mart:mart_password@db:5432/y', NODE_ENV: 'production' }
  assert.throws(() => start(services), { message: /^ {2}DATABASE_URL: .*mart_password/m })
  start({ ...demo, NODE_ENV: 'development' })
  start({ DATABASE_URL: 'postgres://x:another@db:5432/y', NODE_ENV: 'production' })
  start({ DATABASE_URL: 'postgres://a,b', NODE_ENV: 'production' })
})
