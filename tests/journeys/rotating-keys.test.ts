import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { serviceNames } from '@mart/contracts/services'
import { knownShopper, type Shopper } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import { type MartUnderTest, startMartUnderTest } from './mart-under-test.ts'

const program = join(import.meta.dirname, '../../tools/src/rotate-keys.ts')
const staffRoutes = {
  user: '/users',
  product: '/parked',
  order: '/parked',
  inventory: '/parked',
  payment: '/parked',
  notification: '/parked',
}

describe('npm run rotate-keys', () => {
  let under: MartUnderTest
  before(async () => {
    under = await startMartUnderTest()
  })
  after(() => under.stop())

  const rotate = (...args: string[]) =>
    new Promise<string>((resolve, reject) => {
      const env = { PATH: process.env['PATH'], MART_DATA_DIR: under.settings.dataDir }
      execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) =>
        error ? reject(new Error(stdout + stderr)) : resolve(stdout),
      )
    })
  const signIn = () => knownShopper(under.mart.addresses, under.mart.adminEmail, under.mart.adminPassword)
  const statuses = (who: Shopper) =>
    Promise.all(serviceNames.map(async (name) => (await who.api(name, 'GET', staffRoutes[name])).status))
  const everywhere = (status: number) => serviceNames.map(() => status)
  const keySet = async () => {
    const { keys } = (await (await fetch(`${under.mart.addresses.user}/.well-known/jwks.json`)).json()) as {
      keys: { kid: string }[]
    }
    return keys.map(({ kid }) => kid)
  }

  test('publishes another key, says when it signs, and refuses nobody', async () => {
    assert.deepEqual(await statuses(under.admin), everywhere(200))
    const [old] = await keySet()
    const said = await rotate()
    const [, fresh, ...more] = await keySet()
    assert.deepEqual(more, [])
    const [, from] = new RegExp(`^The key ${fresh} is published, and signs from (\\S+) on\\.\n$`).exec(said) ?? []
    assert.ok(Date.parse(from!) > Date.now(), said)
    assert.equal(await rotate(), `A new key is published already: ${fresh} signs from ${from} on.\n`)
    assert.deepEqual(await keySet(), [old, fresh])
    assert.deepEqual(await statuses(under.admin), everywhere(200))
    assert.deepEqual(await statuses(await signIn()), everywhere(200))
  })

  test('with --now, because the key has leaked, every service refuses its tokens and takes those of another key', async () => {
    assert.deepEqual(await statuses(under.admin), everywhere(200))
    const old = await keySet()
    const said = await rotate('--now')
    const [fresh, ...more] = await keySet()
    assert.deepEqual(more, [])
    assert.ok(!old.includes(fresh!))
    for (const id of old) assert.ok(/^Revoked: (.*)$/m.exec(said)![1]!.includes(id), said)
    assert.ok(said.includes(`\nThe key ${fresh} signs now.\n`), said)
    assert.ok(said.endsWith(`Its tokens are refused by: ${serviceNames.join(', ')}\n`), said)
    await eventually(
      async () => (await statuses(under.admin)).every((status) => status === 401),
      'all refuse the old token',
    )
    assert.deepEqual(await statuses(await signIn()), everywhere(200))
    await under.booksHold()
  })
})
