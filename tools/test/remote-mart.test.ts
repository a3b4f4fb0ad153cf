import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '@mart/local/ports'
import { passOn } from '../src/containers/loopback.ts'
import { readRemoteBooks, readRemoteMart } from '../src/remote-mart.ts'

const services = ['USER', 'PRODUCT', 'ORDER', 'INVENTORY', 'PAYMENT', 'NOTIFICATION']

test('a mart at a host is found on the ports that everybody knows', () => {
  const { addresses, adminEmail } = readRemoteMart({ MART_ADMIN_PASSWORD: 'long enough' }, 'http://mart.example/')
  assert.equal(addresses.user, 'http://mart.example:8000')
  assert.equal(addresses.simulators, 'http://mart.example:8010')
  assert.equal(adminEmail, 'admin@mart.local')
})

test('whatever is missing is said at once', () => {
  assert.throws(() => readRemoteMart({ USER_ADDRESS: 'http://u' }), {
    name: 'MartFault',
    message:
      'Not set: PRODUCT_ADDRESS, ORDER_ADDRESS, INVENTORY_ADDRESS, PAYMENT_ADDRESS, NOTIFICATION_ADDRESS, MART_ADMIN_PASSWORD',
  })
  const some = { ORDER_DATABASE_URL: 'postgres://o', EVENT_LOG_URL: 'kafka://k:1' }
  assert.throws(() => readRemoteBooks(some), /^MartFault: Not set: USER_DATABASE_URL, PRODUCT_DATABASE_URL, INVENTORY/)
})

test('the admin’s password may be in a file, and an address that is no address is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'remote-'))
  try {
    writeFileSync(join(folder, 'password'), 'from a file\n')
    const env = { MART_ADMIN_PASSWORD: '', MART_ADMIN_PASSWORD_FILE: join(folder, 'password') }
    assert.equal(readRemoteMart(env, 'http://127.0.0.1').adminPassword, 'from a file')
    assert.throws(() => readRemoteMart(env, 'mart.example'), /--url must be like/)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the books of a mart elsewhere need six databases and the log', () => {
  const urls = Object.fromEntries(services.map((name) => [`${name}_DATABASE_URL`, `postgres://${name}`]))
  const booked = readRemoteBooks({ ...urls, EVENT_LOG_URL: 'kafka://k:1' })
  assert.equal(booked.databaseUrls.inventory, 'postgres://INVENTORY')
  assert.equal(booked.eventLogUrl, 'kafka://k:1')
})

test('what a browser finds on its own machine is passed on to where it is', async () => {
  const server = createServer((_, response) => response.end('here'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const outer = `http://127.0.0.1:${await freePort()}`
  await passOn(outer, `http://127.0.0.1:${port}`)
  assert.equal(await (await fetch(outer)).text(), 'here')
  await passOn('https://pay.example', `http://127.0.0.1:${port}`)
  server.closeAllConnections()
  server.close()
})
