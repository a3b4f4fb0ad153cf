import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { brokenConstraint, connectDatabase, type Database, inTransaction, pipelined } from '@mart/service-kit/postgres'
import { createTestDatabase } from '@mart/service-kit/testing'

describe('statements of a transaction that are pipelined', () => {
  let db: Database
  let drop: () => Promise<void>
  before(async () => {
    const database = await createTestDatabase()
    db = connectDatabase(database.url, { max: 2, applicationName: 'pipelined' })
    drop = database.drop
    await db`create table steps (n int constraint small check (n < 10) constraint once unique)`
  })
  beforeEach(() => db`truncate steps`)
  after(async () => {
    await db.end()
    await drop()
  })

  test('run in the order given, in whatever manner they are written, and answer in it', async () => {
    const [first, seen, [again], last] = await inTransaction(db, (tx) => {
      const count = async () => (await tx<{ n: number }[]>`select count(*) as n from steps`)[0]!.n
      return pipelined(
        () => tx`insert into steps values (1)`,
        count,
        () => pipelined(count),
        () => tx`insert into steps select n + 1 from steps returning n`,
      )
    })
    assert.deepEqual([first.count, seen, again, last[0]?.['n']], [1, 1, 1, 2])
  })

  test('fail with the first that fails, and nothing of them is kept', async () => {
    const failing = inTransaction(db, (tx) =>
      pipelined(
        () => tx`insert into steps values (1)`,
        () => tx`insert into steps values (10)`,
        async () => await tx`insert into steps values (1)`,
      ),
    )
    await assert.rejects(failing, (error) => brokenConstraint(error) === 'small')
    assert.equal((await db`select from steps`).length, 0)
  })
})
