import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { newId } from '@mart/service-kit/ids'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { connectDatabase, type Database } from '@mart/service-kit/postgres'
import { createTestDatabase, createTestLog } from '@mart/service-kit/testing'
import { checkBooks } from '@mart/tools/books/check-books'
import { columnsRead } from '@mart/tools/columns-read'
import { refusesAll, signingKeys } from '@mart/tools/signing-key-queries'
import * as bench from '../bench/src/mart-queries.ts'
import { inventory } from '../services/inventory/src/main.ts'
import { notification } from '../services/notification/src/main.ts'
import { order } from '../services/order/src/main.ts'
import { payment } from '../services/payment/src/main.ts'
import { product } from '../services/product/src/main.ts'
import { user } from '../services/user/src/main.ts'

const services = { user, product, order, inventory, payment, notification }
const reader = `reader_${newId().replaceAll('-', '')}`
const columns = serviceNames.flatMap((name) =>
  Object.entries(columnsRead[name]).flatMap(([table, all]) => all.map((column) => ({ name, table, column }))),
)
type Column = (typeof columns)[number]

describe('what is read by SQL in the databases of the services', () => {
  const owners = {} as Record<ServiceName, Database>
  const readers = {} as Record<ServiceName, Database>
  const databaseUrls = {} as Record<ServiceName, string>
  const ends: (() => Promise<unknown>)[] = []
  let eventLogUrl: string
  before(async () => {
    const log = await createTestLog()
    eventLogUrl = log.url
    ends.push(log.drop)
    for (const name of serviceNames) {
      const { url, drop } = await createTestDatabase()
      const owner = connectDatabase(url, { max: 1, applicationName: 'owner' })
      await migrate(owner, 'service-kit', kitMigrations)
      await migrate(owner, name, services[name].migrations)
      if (name === 'user') await owner.unsafe(`create role ${reader} login password 'reads'`)
      const at = new URL(url)
      Object.assign(at, { username: reader, password: 'reads' })
      owners[name] = owner
      databaseUrls[name] = at.href
      readers[name] = connectDatabase(at.href, { max: 1, applicationName: 'reader' })
      ends.push(async () => {
        await readers[name].end()
        await owner.unsafe(`drop owned by ${reader}`)
        if (name === serviceNames.at(-1)) await owner.unsafe(`drop role ${reader}`)
        await owner.end()
        await drop()
      })
    }
  })
  after(async () => {
    for (const end of ends) await end()
  })

  const grant = ({ name, table, column }: Column) =>
    owners[name].unsafe(`grant select ("${column}") on "${table}" to ${reader}`)
  const revoke = ({ name, table, column }: Column) =>
    owners[name].unsafe(`revoke select ("${column}") on "${table}" from ${reader}`)
  /** Everybody who reads, over databases in which nothing is. */
  async function readAll(patienceMs: number): Promise<void> {
    const now = new Date()
    await checkBooks({ databaseUrls, eventLogUrl }, { patienceMs })
    await signingKeys(readers.user)
    for (const name of serviceNames) await refusesAll(readers[name], [])
    await bench.countPlaced(readers.order)
    await bench.countConfirmed(readers.order, now)
    await bench.settleTimes(readers.order, now)
    await bench.countConfirmations(readers.notification, now)
    await bench.countSent(readers.notification)
    await bench.countOpenPages(readers.payment, 'stripe')
    await bench.readOpenPages(readers.payment, 'stripe')
  }
  const isRefused = (patienceMs: number) =>
    readAll(patienceMs).then(
      () => false,
      (error: unknown) => (error as { code?: string }).code === '42501',
    )

  test('is there after all migrations', async () => {
    for (const column of columns) {
      await assert.doesNotReject(grant(column), `${column.name}: no ${column.table}.${column.column} any more`)
    }
  })

  test('is enough for the books, the rotation of keys and the bench', async () => {
    for (const column of columns) await grant(column)
    await readAll(1)
  })

  test('is no more than they need: what nobody reads may go', async () => {
    const unread: string[] = []
    for (const column of columns) {
      await revoke(column)
      if (!(await isRefused(0)) && !(await isRefused(1)))
        unread.push(`${column.name}: ${column.table}.${column.column}`)
      await grant(column)
    }
    assert.deepEqual(unread, [])
  })

  test('asks the user service for a key by a function that is there', async () => {
    await owners.user`select 'ask_for_signing_key(boolean)'::regprocedure`
  })
})
