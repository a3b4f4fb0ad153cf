import assert from 'node:assert/strict'
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectDatabase, type Database, inTransaction, isPassingFault } from '@mart/service-kit/postgres'
import { createTestDatabase, eventually } from '@mart/service-kit/testing'
import postgres from 'postgres'

/** What patches/ mends in the driver. A throw from one of its timers or sockets fails the test that it comes in. */
describe('the database driver', () => {
  let url: string
  let drop: () => Promise<void>
  let admin: Database
  const open: Database[] = []
  const connect = (max: number, at = url): Database => {
    const db = connectDatabase(at, { max, applicationName: 'victim' })
    open.push(db)
    return db
  }
  const endSessions = (share = 1) =>
    admin`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'victim' and random() <= ${share}`
  /** As many connections as the pool may have still work, all at once. */
  const isWhole = async (db: Database, max: number) => {
    const busy = Array.from({ length: max }, () => inTransaction(db, (tx) => tx`select pg_sleep(0.05)`))
    await withinSeconds(10, Promise.all(busy), 'every connection of the pool works')
  }

  before(async () => {
    const database = await createTestDatabase()
    url = database.url
    drop = database.drop
    admin = connectDatabase(url, { max: 1, applicationName: 'admin' })
    await admin`create table said (what text)`
  })
  beforeEach(() => admin`truncate said`)
  after(async () => {
    for (const db of open) await db.end({ timeout: 1 })
    await admin.end()
    await drop()
  })

  test('a transaction whose session ends fails with a passing fault, also when it goes on asking', async () => {
    const db = connect(2)
    const lost = inTransaction(db, async (tx) => {
      await tx`select 1`
      await endSessions()
      for (let n = 0; n < 20; n += 1) {
        await tx`select 2`.catch(() => undefined)
        await sleep(5)
      }
    })
    await assert.rejects(withinSeconds(10, lost, 'the transaction ends'), isPassingFault)
    await isWhole(db, 2)
  })

  test('what a transaction says after its session ended never runs in the next transaction of that connection', async () => {
    const db = connect(1)
    const other = Promise.withResolvers<void>()
    const late = Promise.withResolvers<void>()
    const lost = inTransaction(db, async (tx) => {
      await tx`insert into said values ('lost, first')`
      await other.promise
      await tx`insert into said values ('lost, second')`.catch(() => undefined)
      await tx`commit`.catch(() => undefined)
      late.resolve()
    })
    lost.catch(() => undefined)
    await sleep(100)
    await endSessions()
    await assert.rejects(lost, isPassingFault)
    const next = inTransaction(db, async (tx) => {
      await tx`insert into said values ('next')`
      other.resolve()
      await late.promise
      throw new Error('rolled back')
    })
    await assert.rejects(withinSeconds(10, next, 'the next transaction ends'), /rolled back/)
    assert.deepEqual([...(await admin`select what from said`)], [])
  })

  test('a statement that cannot be built fails alone: those before and behind it get their own answers', async () => {
    const db = connect(1)
    await db`select 1`
    const ask = (n: number | undefined) => db<{ n: number }[]>`select ${n as number}::int as n`.then(([row]) => row?.n)
    const answers = await withinSeconds(
      10,
      Promise.allSettled([ask(1), ask(2), ask(undefined), ask(4), ask(5)]),
      'all are answered',
    )
    assert.deepEqual(
      answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason.code)),
      [1, 2, 'UNDEFINED_VALUE', 4, 5],
    )
    await assert.rejects(
      inTransaction(db, (tx) => tx`select ${undefined as unknown as string}::text`),
      { code: 'UNDEFINED_VALUE' },
    )
    assert.equal(await ask(6), 6)
  })

  test('a transaction that begins behind any number of queries is one, and leaves none open', async () => {
    for (const queued of [99, 100, 101]) {
      const db = connect(2)
      await Promise.all([db`select pg_sleep(0.05)`, db`select pg_sleep(0.05)`])
      const ahead = Array.from({ length: 2 * queued }, () => db`select 1`.execute())
      const transactions = [1, 2].map((n) =>
        inTransaction(db, async (tx) => (await tx<{ n: number }[]>`select ${n}::int as n`)[0]?.n),
      )
      assert.deepEqual(await withinSeconds(10, Promise.all(transactions), 'both end'), [1, 2])
      await Promise.all(ahead)
      const left = await admin`
        select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`
      assert.equal(left.length, 0, `a transaction is left open behind ${queued} queries`)
    }
  })

  test('a reserved connection whose session ends fails, and its place in the pool is free again', async () => {
    const db = connect(2)
    const reserved = await db.reserve()
    await reserved`select 1`
    await endSessions()
    await assert.rejects(withinSeconds(10, asking(reserved), 'the statement fails'), isPassingFault)
    reserved.release()
    await isWhole(db, 2)
  })

  test('a reservation given back when its statement fails, before its socket has closed, is used by nobody', async () => {
    const gate = await openGate(url)
    const db = connect(1, gate.url)
    const reserved = await db.reserve()
    const asked = reserved`select pg_sleep(5)`.execute()
    await sleep(100)
    gate.reset()
    await assert.rejects(withinSeconds(10, asked, 'the statement fails'), { code: 'ECONNRESET' })
    reserved.release()
    await isWhole(db, 1)
    await gate.close()
  })

  test('reservations beyond the pool while the database is away are answered, all of them', async () => {
    const gate = await openGate(url)
    await gate.close()
    const db = connect(2, gate.url)
    const reserve = async () => {
      const reserved = await db.reserve()
      await reserved`select 1`
      reserved.release()
    }
    const asked = Promise.allSettled(Array.from({ length: 9 }, reserve))
    await sleep(100)
    await gate.open()
    await withinSeconds(10, asked, 'all reservations are answered')
    await withinSeconds(10, Promise.all(Array.from({ length: 9 }, reserve)), 'all reservations are granted')
    await gate.close()
  })

  test('a server that hangs up at once is a passing fault, and is not called over and over', async () => {
    let calls = 0
    const server = createServer((socket) => {
      calls += 1
      socket.end()
    })
    const port = await listen(server)
    const at = new URL(url)
    at.port = String(port)
    const db = connect(1, at.href)
    await assert.rejects(withinSeconds(10, asking(db), 'the statement fails'), isPassingFault)
    assert.ok(calls < 5, `${calls} calls`)
    server.close()
  })

  test('a session that ends before it is set up, or answers that with an error, is a passing fault', async () => {
    const db = connect(2)
    db.options.connection['statement_timeout'] = 1
    await assert.rejects(withinSeconds(10, asking(db), 'the statement fails'), isPassingFault)
    db.options.connection['statement_timeout'] = 15_000
    await eventually(() => db`select ${['a', 'b']}::text[] as list`.then(() => true, isNotYet), 'arrays are understood')
  })

  test('a blocked event loop, time-outs and sessions that end: nothing throws, nothing hangs, the pool is whole', async () => {
    const db = connect(4)
    db.options.connect_timeout = 0.3
    let answered = 0
    let asked = 0
    const until = Date.now() + 6_000
    const asks = async (ask: () => PromiseLike<unknown>) => {
      while (Date.now() < until) {
        asked += 1
        await ask().then(
          () => (answered += 1),
          (error: unknown) => assert.ok(isPassingFault(error), String(error)),
        )
        await sleep(Math.random() * 5)
      }
    }
    const transaction = () =>
      inTransaction(db, async (tx) => {
        await tx`select 1`
        await sleep(Math.random() * 20)
        await Promise.all([tx`select ${'x'.repeat(2_000)}::text`, tx`select ${['a']}::text[]`])
      })
    const reservation = async () => {
      const reserved = await db.reserve()
      try {
        await reserved`select 1`
      } finally {
        reserved.release()
      }
    }
    const blocks = async () => {
      while (Date.now() < until) {
        await sleep(200)
        await endSessions(0.4)
        block(Math.random() < 0.3 ? 700 : 100)
      }
    }
    const kinds = [transaction, transaction, transaction, () => db`select ${1}::int`, () => db`select 1`, reservation]
    await withinSeconds(
      30,
      Promise.all([...kinds, ...kinds].map(asks).concat(blocks())),
      'all that was asked is answered',
    )
    assert.ok(answered > 0 && asked > answered, `${answered} of ${asked}`)
    // Sessions that were ended last may not be known to be gone yet: each is found out by who uses it.
    await eventually(() => isWhole(db, 4).then(() => true, isNotYet), 'every connection works again')
  })
})

const asking = async (db: Pick<Database, never> & ((strings: TemplateStringsArray) => PromiseLike<unknown>)) =>
  await db`select 1`

function isNotYet(error: unknown): false {
  if (!isPassingFault(error)) throw error
  return false
}

async function withinSeconds<Result>(seconds: number, work: Promise<Result>, what: string): Promise<Result> {
  const giveUp = new AbortController()
  const late = sleep(seconds * 1_000, undefined, { signal: giveUp.signal }).then(() => {
    throw new Error(`Waited ${seconds} s in vain: ${what}`)
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    giveUp.abort()
  }
}

function block(ms: number): void {
  const end = Date.now() + ms
  while (Date.now() < end);
}

async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}

/** A way to the database that can be shut. */
async function openGate(url: string) {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const onward = connectTo(Number(port), hostname)
    for (const one of [socket, onward]) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        socket.destroy()
        onward.destroy()
      })
    }
    socket.pipe(onward).pipe(socket)
  })
  const own = await listen(server)
  const at = new URL(url)
  at.port = String(own)
  return {
    url: at.href,
    open: () => listen(server, own),
    reset() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('a pool uses the session used last, so what is beyond need closes', async (t) => {
  const { url, drop } = await createTestDatabase()
  const db = postgres(url, { max: 4, idle_timeout: 1 })
  const sessions = async () => {
    const [row] = await db<{ n: number }[]>`
      select count(*)::int as n from pg_stat_activity where datname = current_database() and backend_type = 'client backend'`
    return row!.n
  }
  t.after(async () => {
    await db.end()
    await drop()
  })
  await Promise.all(Array.from({ length: 4 }, () => db`select pg_sleep(0.1)`))
  assert.equal(await sessions(), 4)
  // What asks all the time needs one of them.
  await eventually(async () => (await sessions()) === 1, 'three have closed')
})
