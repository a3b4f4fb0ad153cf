import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type MailOutcome, mailProblems, mailWork } from '../src/mail-work.ts'
import { kitMigrations, migrate } from '../src/migrate.ts'
import { connectDatabase, type Database } from '../src/postgres.ts'
import { createTestDatabase, eventually, quietLogger } from '../src/testing.ts'
import { idsOnly } from '../src/tracing.ts'

const times = { beginWithinMs: 500, endWithinMs: 2_000, leaseMs: 3_000 }

interface Mail {
  readonly id: string
  readonly kind: string
  readonly attempts: number
}

/** How a server behaves after DATA was asked for, or after the last byte. */
type Manner =
  | 'good'
  | 'drips'
  | 'hangs'
  | 'reads nothing'
  | 'says yes late'
  | 'says yes slowly'
  | 'dies after the last byte'

/** An SMTP server of the worst kind, which keeps whatever reached its end. */
async function startServer() {
  const state = { manner: 'good' as Manner, taken: [] as string[], underWay: new Map<string, number>(), mostAtOnce: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let recipient = ''
    let body: string | null = null
    let unread = ''
    const say = (line: string) => socket.writable && socket.write(`${line}\r\n`)
    const count = (by: number) => {
      if (!recipient) return
      state.underWay.set(recipient, (state.underWay.get(recipient) ?? 0) + by)
      state.mostAtOnce = Math.max(state.mostAtOnce, state.underWay.get(recipient) ?? 0)
      if (by < 0) recipient = ''
    }
    const dripping = setInterval(() => state.manner === 'drips' && body === '' && say('354-wait'), 100)
    socket.on('close', () => {
      clearInterval(dripping)
      sockets.delete(socket)
      count(-1)
    })
    socket.on('error', () => undefined)
    const ended = async (text: string) => {
      state.taken.push(/^Message-ID: (.*)$/im.exec(text)?.[1] ?? '')
      if (state.manner === 'dies after the last byte') return socket.destroy()
      if (state.manner === 'says yes slowly') await sleep(1_000)
      if (state.manner === 'says yes late') await sleep(times.leaseMs + 200)
      body = null
      count(-1)
      return say('250 taken')
    }
    const command = (line: string) => {
      if (/^RCPT/.test(line)) {
        recipient = line
        count(1)
      }
      if (!/^DATA/.test(line)) return say('250 ok')
      body = ''
      if (state.manner === 'reads nothing') socket.pause()
      return state.manner === 'drips' || state.manner === 'hangs' ? true : say('354 go on')
    }
    socket.setEncoding('utf8').on('data', (text: string) => {
      unread += text
      if (body !== null) {
        if (unread.endsWith('\r\n.\r\n')) ended(unread)
        if (unread.endsWith('\r\n.\r\n')) unread = ''
        return
      }
      for (let end = unread.indexOf('\r\n'); end >= 0; end = unread.indexOf('\r\n')) {
        const line = unread.slice(0, end)
        unread = unread.slice(end + 2)
        command(line)
      }
    })
    say('220 hello')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    state,
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Reads what lies in the sockets that were not read, to their end. */
    async readTheRest() {
      const unread = [...sockets].filter((socket) => socket.isPaused())
      await Promise.all(unread.map((socket) => once(socket.resume(), 'close')))
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

describe('mails', () => {
  let server: Awaited<ReturnType<typeof startServer>>
  let database: Awaited<ReturnType<typeof createTestDatabase>>
  let db: Database
  let text = 'hello'

  before(async () => {
    server = await startServer()
    database = await createTestDatabase()
    db = connectDatabase(database.url, { max: 4, applicationName: 'test' })
    await migrate(db, 'service-kit', kitMigrations)
    await db`create table mails (
      id int primary key, attempts int default 0, due_at timestamptz default now(), sending_until timestamptz, sent boolean default false)`
  })
  beforeEach(async () => {
    Object.assign(server.state, { manner: 'good', taken: [], mostAtOnce: 0 })
    server.state.underWay.clear()
    text = 'hello'
    await db`truncate mails`
  })
  after(async () => {
    await db.end()
    await server.stop()
    await database.drop()
  })

  const worker = ({ perSecond = 1_000, within = times } = {}) =>
    mailWork<Mail>(
      {
        db,
        logger: quietLogger,
        tracer: idsOnly,
        config: { SMTP_URL: server.url, MAIL_FROM: 'shop@mart.test', MAILS_PER_SECOND: perSecond },
      },
      {
        retryBaseMs: 10,
        take: async (tx, { atMost, leaseMs }) => ({
          mails: await tx<Mail[]>`
            update mails set sending_until = now() + ${leaseMs} * interval '1 millisecond'
            where id in (
              select id from mails where not sent and due_at <= now() and (sending_until is null or sending_until < now())
              limit ${atMost} for update skip locked)
            returning id::text, 'greeting' as kind, attempts`,
          mayBeMore: false,
        }),
        write: ({ id }) => ({
          messageId: `<${id}@mart.test>`,
          to: { name: '', address: `buyer-${id}@example.com` },
          subject: 'hello',
          text,
          html: '',
        }),
        async settle(tx, outcomes: readonly MailOutcome<Mail>[]) {
          for (const { mail, was } of outcomes) {
            await tx`
              update mails set sent = sent or ${was === 'sent'}, sending_until = null,
                attempts = attempts + ${was === 'not_begun' ? 0 : 1}
              where id = ${mail.id}`
          }
        },
      },
      within,
    )
  /** Three replicas that look every few milliseconds, as long as it takes. */
  async function working(during: () => Promise<void>) {
    const stopping = new AbortController()
    const replicas = [1, 2, 3].map(async () => {
      const { run } = worker()
      while (!stopping.signal.aborted) {
        await run(stopping.signal)
        await sleep(20)
      }
    })
    await during().finally(() => stopping.abort())
    await Promise.all(replicas)
  }
  const allSent = () =>
    eventually(async () => (await db`select from mails where not sent`).length === 0, 'all mails are noted as sent')
  const tried = (times: number) =>
    eventually(
      async () => (await db`select from mails where attempts >= ${times}`).length > 0,
      `a mail was tried ${times} times`,
    )

  for (const manner of ['drips', 'hangs', 'reads nothing'] as const) {
    it(`that meet a server that ${manner} are sent once, and by one at a time`, async () => {
      text = manner === 'reads nothing' ? 'many words '.repeat(1_200_000) : text
      server.state.manner = manner
      await db`insert into mails (id) values (1), (2)`
      await working(() => tried(2))
      server.state.manner = 'good'
      text = 'hello'
      await working(allSent)
      await server.readTheRest()
      assert.deepEqual(server.state.taken.toSorted(), ['<1@mart.test>', '<2@mart.test>'])
      // A server that does not read does not notice that a connection is over.
      if (manner !== 'reads nothing') assert.equal(server.state.mostAtOnce, 1)
    })
  }

  it('are waited for while the server says yes slowly', async () => {
    server.state.manner = 'says yes slowly'
    await db`insert into mails select generate_series(1, 4)`
    await working(allSent)
    assert.equal(server.state.taken.length, 4)
    assert.equal(new Set(server.state.taken).size, 4)
  })

  for (const manner of ['says yes late', 'dies after the last byte'] as const) {
    it(`that meet a server that ${manner} are repeated under the same id, one after the other: SMTP cannot tell`, async () => {
      server.state.manner = manner
      await db`insert into mails (id) values (1)`
      await working(async () => {
        await tried(1)
        server.state.manner = 'good'
        await allSent()
      })
      assert.ok(server.state.taken.length >= 2)
      assert.deepEqual([...new Set(server.state.taken)], ['<1@mart.test>'])
      if (manner === 'dies after the last byte') assert.equal(server.state.mostAtOnce, 1)
    })
  }

  it('are taken by one replica after the other, together no faster than MAILS_PER_SECOND', async () => {
    await db`insert into mails select generate_series(1, 60)`
    const within = { beginWithinMs: 60_000, endWithinMs: 90_000, leaseMs: 120_000 }
    const stopping = new AbortController()
    let ended = 0
    const begin = async () => {
      await worker({ perSecond: 1, within }).run(stopping.signal)
      ended += 1
    }
    const taken = async () => (await db`select from mails where sending_until is not null`).length
    const replicas = [begin(), begin(), begin()]
    await eventually(async () => ended === 2, 'two of three have found nothing to take')
    assert.equal(await taken(), 50)
    await db`update mail_pace set free_at = now()`
    replicas.push(begin())
    await eventually(async () => (await taken()) === 60, 'the others are taken in their turn')
    stopping.abort()
    await Promise.all(replicas)
  })

  it('need a server of their own in production', () => {
    assert.match(mailProblems({ NODE_ENV: 'production' })[0] ?? '', /^SMTP_URL: is not set/)
    assert.deepEqual(mailProblems({ NODE_ENV: 'production', SMTP_URL: 'smtp://x' }), [])
    assert.deepEqual(mailProblems({}), [])
  })
})
