import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { NotificationFailed, NotificationSent } from '@mart/contracts/events/notification-events'
import { OrderConfirmed, OrderPlaced } from '@mart/contracts/events/order-events'
import { UserProfileChanged } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { eventually, startTestService, type TestService } from '@mart/service-kit/testing'
import type { Config } from '../src/config.ts'
import { notification } from '../src/main.ts'
import { works } from '../src/worker.ts'
import { type MailBox, smtpError, startMailBox } from './mail-box.ts'
import { anOrder, confirmed, placed, proven } from './samples.ts'

describe('sending', () => {
  let box: MailBox
  let mart: TestService<Config>

  before(async () => {
    box = await startMailBox()
    mart = await startTestService(notification, { SMTP_URL: box.url, MAIL_RETRY_BASE_MS: '50' })
  })
  beforeEach(async () => {
    box.refuse = () => null
    await mart.service.db`update messages set status = 'cancelled' where status = 'pending'`
  })
  after(async () => {
    await mart.stop()
    await box.stop()
  })

  const rowOf = async (orderId: string) => {
    const [row] = await mart.service.db`select * from messages where order_id = ${orderId}`
    return row ?? {}
  }
  const becomes = (orderId: string, status: string) =>
    eventually(async () => (await rowOf(orderId))['status'] === status, `the message is ${status}`)

  it('hands a mail over with its fixed id, text and HTML, and says so', async () => {
    const order = anOrder()
    await mart.consume(OrderPlaced, placed(order))
    await becomes(order.order_id, 'sent')
    const row = await rowOf(order.order_id)
    const [mail] = box.to(order.contact.email)
    assert.equal(mail?.messageId, `<${row['id']}@ai-mart>`)
    assert.equal(mail?.from?.text, '"AI Mart" <shop@mart.local>')
    assert.match(String(mail?.text), /Tapal Danedar/)
    assert.match(String(mail?.html), /Rs\s1,998/)
    assert.equal(row['attempts'], 1)
    const said = (await mart.published(NotificationSent)).filter(({ key }) => key === row['id'])
    assert.deepEqual(
      said.map(({ data }) => data),
      [{ message_id: row['id'], kind: 'order_received', order_id: order.order_id, channel: 'email' }],
    )
  })

  it('goes no faster than mail servers are told to expect', async () => {
    const pace = { MAILS_PER_SECOND: '40', SMTP_URL: box.url }
    const slow = await startTestService(notification, pace)
    const orders = Array.from({ length: 24 }, anOrder)
    const startedAt = Date.now()
    await slow.consume(OrderPlaced, ...orders.map((order) => placed(order)))
    const isSent = async () => (await slow.service.db`select from messages where status = 'sent'`).length === 24
    await eventually(isSent, 'all are sent')
    // Three in each of eight lanes: two pauses of a fifth of a second between them.
    assert.ok(Date.now() - startedAt >= 400)
    await slow.stop()
  })

  it('is tried again after a passing refusal', async () => {
    const order = anOrder()
    let refusals = 2
    box.refuse = (step) => (step === 'data' && refusals-- > 0 ? smtpError(451, 'greylisted') : null)
    await mart.consume(OrderConfirmed, confirmed(order))
    await becomes(order.order_id, 'sent')
    assert.equal((await rowOf(order.order_id))['attempts'], 3)
    assert.equal(box.to(order.contact.email).length, 1)
  })

  it('is given up at a refusal for good, and says so without naming anybody', async () => {
    const order = anOrder()
    box.refuse = (step, address) => (step === 'recipient' ? smtpError(550, `no such user ${address}`) : null)
    await mart.consume(OrderConfirmed, confirmed(order))
    await becomes(order.order_id, 'failed')
    const row = await rowOf(order.order_id)
    assert.deepEqual([row['attempts'], row['reason']], [1, 'refused_550'])
    assert.match(row['last_error'], /no such user/)
    const [said] = (await mart.published(NotificationFailed)).filter(({ key }) => key === row['id'])
    assert.equal(said?.data.reason, 'refused_550')
    assert.doesNotMatch(JSON.stringify(said), /example\.com/)
  })

  it('is not given up when the server refuses our sender: that is ours to mend', async () => {
    const order = anOrder()
    box.refuse = (step) => (step === 'sender' ? smtpError(550, 'who are you') : null)
    await mart.consume(OrderConfirmed, confirmed(order))
    await eventually(async () => (await rowOf(order.order_id))['attempts'] > 1, 'it is tried again')
    box.refuse = () => null
    await mart.service.db`update messages set due_at = now() where status = 'pending'`
    await becomes(order.order_id, 'sent')
  })

  it('is given up after a day', async () => {
    const order = anOrder()
    box.refuse = () => smtpError(451, 'later')
    await mart.consume(OrderConfirmed, confirmed(order))
    await mart.service
      .db`update messages set queued_at = now() - interval '25 hours', due_at = now() where order_id = ${order.order_id}`
    await becomes(order.order_id, 'failed')
    assert.equal((await rowOf(order.order_id))['reason'], 'gave_up')
  })

  it('fails at once for what is no address', async () => {
    const order = anOrder()
    order.contact.email = 'a@example.com, b@example.com'
    await mart.consume(OrderConfirmed, confirmed(order))
    await becomes(order.order_id, 'failed')
    assert.equal((await rowOf(order.order_id))['reason'], 'no_valid_address')
  })

  it('sends each mail once when several workers send at the same time', async () => {
    const orders = Array.from({ length: 200 }, () => anOrder())
    await mart.consume(OrderConfirmed, ...orders.map(confirmed))
    const others = [1, 2, 3].map(() => works(mart.service)[0])
    await Promise.all(
      others.map(async (work) => {
        for (let rounds = 0; (await work?.run(new AbortController().signal)) === true; rounds += 1)
          assert.ok(rounds < 100, 'mails are still due after a hundred rounds')
      }),
    )
    await eventually(
      async () => (await mart.service.db`select from messages where status = 'pending'`).length === 0,
      'all are sent',
    )
    assert.deepEqual(new Set(orders.map((order) => box.to(order.contact.email).length)), new Set([1]))
    const said = await mart.published(NotificationSent)
    assert.equal(new Set(said.map(({ key }) => key)).size, said.length)
  })

  const unprovenOrders = (count: number, email: string, personId = newId()) =>
    Array.from({ length: count }, () => {
      const order = anOrder()
      return { ...order, customer_id: personId, contact: { ...order.contact, email } }
    })
  const tally = async (mailbox: string) =>
    Object.fromEntries(
      (
        await mart.service.db`
          select coalesce(reason, status) as how, count(*)::int as n from messages
          where lower(recipient) like ${`%${mailbox}`} group by 1 order by 1`
      ).map(({ how, n }) => [how, n]),
    )
  const allSettled = () =>
    eventually(
      async () => (await mart.service.db`select from messages where status = 'pending'`).length === 0,
      'nothing is pending',
    )

  it('sends seven mails an hour to an address that is not proven, however many workers and names there are', async () => {
    const name = newId()
    const orders = [
      ...unprovenOrders(30, `${name}@example.com`),
      ...unprovenOrders(30, `${name.toUpperCase()}@Example.com`),
    ]
    const others = [1, 2, 3].map(() => works(mart.service)[0])
    await Promise.all([
      mart.consume(OrderPlaced, ...orders.map(placed)),
      ...others.map(async (work) => {
        const end = Date.now() + 3_000
        while (Date.now() < end) await work?.run(new AbortController().signal)
      }),
    ])
    await allSettled()
    assert.deepEqual(await tally(`${name}@example.com`), { sent: 7, unproven_limit: 53 })
    assert.equal(box.mails.filter(({ envelopeTo }) => envelopeTo[0]?.toLowerCase() === `${name}@example.com`).length, 7)
  })

  it('sends twenty a day to an address that is not proven, and counts a failed try', async () => {
    const [name, { db }] = [newId(), mart.service]
    const email = `${name}@example.com`
    const consume = async (count: number) => {
      await mart.consume(OrderConfirmed, ...unprovenOrders(count, email).map(confirmed))
      await allSettled()
      await db`update messages set taken_at = taken_at - interval '61 minutes' where recipient = ${email}`
    }
    box.refuse = (step) => (step === 'recipient' ? smtpError(550, 'no such user') : null)
    await consume(9)
    assert.deepEqual(await tally(email), { refused_550: 7, unproven_limit: 2 })
    box.refuse = () => null
    for (const count of [7, 7, 7]) await consume(count)
    assert.deepEqual(await tally(email), { refused_550: 7, sent: 13, unproven_limit: 10 })
  })

  it('sets no limit to an address that its owner has proven, or to staff', async () => {
    const [person, email] = [newId(), `${newId()}@example.com`]
    await mart.consume(UserProfileChanged, proven(person, email))
    await mart.consume(OrderConfirmed, ...unprovenOrders(40, email, person).map(confirmed))
    await allSettled()
    assert.deepEqual(await tally(email), { sent: 41 })
  })

  it('sends what was skipped when staff ask for it', async () => {
    const email = `${newId()}@example.com`
    await mart.consume(OrderConfirmed, ...unprovenOrders(8, email).map(confirmed))
    await allSettled()
    const as = { id: newId(), role: 'staff' as const }
    const { body } = await mart.http('GET', '/messages?status=skipped', { as })
    const skipped = body.items.find(({ recipient }: { recipient: string }) => recipient === email)
    assert.deepEqual([skipped.reason, skipped.attempts, skipped.sent_at], ['unproven_limit', 0, null])
    assert.match(skipped.text, /^Your order is confirmed\n\nHello,/)
    assert.equal((await mart.http('POST', `/messages/${skipped.id}/resend`, { as })).status, 201)
    await allSettled()
    assert.deepEqual(await tally(email), { sent: 8, unproven_limit: 1 })
    assert.equal(box.to(email).length, 8)
  })

  /** Makes the first statement that marks a mail as sent fail, by this SQLSTATE. */
  async function loseFirstMark(sqlState: string): Promise<() => Promise<boolean>> {
    const { db } = mart.service
    await db.unsafe(`
      create or replace function lose_first() returns trigger language plpgsql as $$
      begin
        if new.status = 'sent' and nextval('losses') = 1 then raise 'lost' using errcode = '${sqlState}'; end if;
        return new;
      end $$;
      drop sequence if exists losses;
      create sequence losses;
      create or replace trigger lose_first before update on messages for each row execute function lose_first()`)
    return async () => (await db`select from losses where is_called`).length === 1
  }

  it('repeats a mail under the same id when the commit after the yes is lost', async () => {
    const order = anOrder()
    const isLost = await loseFirstMark('P0001')
    await mart.consume(OrderConfirmed, confirmed(order))
    await eventually(isLost, 'the commit is lost')
    assert.equal(box.to(order.contact.email).length, 1)
    assert.equal((await rowOf(order.order_id))['status'], 'pending')
    await mart.service.db`update messages set sending_until = now() where order_id = ${order.order_id}`
    await becomes(order.order_id, 'sent')
    const ids = box.to(order.contact.email).map((mail) => mail.messageId)
    assert.equal(ids.length, 2)
    assert.equal(new Set(ids).size, 1)
  })

  it('repeats nothing when the database only stumbles after the yes', async () => {
    const order = anOrder()
    const isLost = await loseFirstMark('40001')
    await mart.consume(OrderConfirmed, confirmed(order))
    await eventually(isLost, 'the commit is lost')
    await becomes(order.order_id, 'sent')
    assert.equal(box.to(order.contact.email).length, 1)
  })

  it('pauses between batches while events wait to be heard, and goes on at once while none does', async () => {
    const { service } = mart
    const waiting = (lag: number) => ({
      ...service.log,
      lag: async () => [{ topic: 'mart.orders', partition: 0, lag }],
    })
    for (const lag of [0, 1]) {
      box.refuse = () => smtpError(451, 'later')
      await mart.consume(OrderConfirmed, ...Array.from({ length: 120 }, () => confirmed(anOrder())))
      await eventually(
        async () => (await service.db`select from messages where attempts = 0 and status = 'pending'`).length === 0,
        'all tried',
      )
      box.refuse = () => null
      await service.db`update messages set due_at = now() where status = 'pending'`
      const [work] = works({ ...service, log: waiting(lag) })
      assert.equal(await work?.run(new AbortController().signal), lag === 0)
    }
  })

  it('leaves what another worker holds alone until its lease ends', async () => {
    const order = anOrder()
    const { db } = mart.service
    await db.unsafe("alter table messages alter sending_until set default now() + interval '3 seconds'")
    await mart.consume(OrderConfirmed, confirmed(order))
    await db.unsafe('alter table messages alter sending_until drop default')
    const [work] = works(mart.service)
    await work?.run(new AbortController().signal)
    assert.equal(box.to(order.contact.email).length, 0)
    await becomes(order.order_id, 'sent')
  })
})

describe('a mail server that is away', () => {
  let box: MailBox | undefined
  let mart: TestService<Config> | undefined

  afterEach(async () => {
    await mart?.stop()
    await box?.stop()
  })

  it('loses nothing: all is tried again, and sent once it is back', async () => {
    const { port, stop } = await startMailBox()
    await stop()
    mart = await startTestService(notification, { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_RETRY_BASE_MS: '50' })
    const { db } = mart.service
    const orders = Array.from({ length: 60 }, () => anOrder())
    await mart.consume(OrderConfirmed, ...orders.map(confirmed))
    await eventually(async () => (await db`select from messages where attempts = 0`).length === 0, 'all were tried')
    assert.equal((await db`select from messages where status = 'pending'`).length, 60)
    box = await startMailBox(port)
    await eventually(async () => {
      await db`update messages set due_at = now() where status = 'pending' and sending_until is null`
      return (await db`select from messages where status = 'sent'`).length === 60
    }, 'all are sent')
    for (const order of orders) assert.equal(box.to(order.contact.email).length, 1)
  })
})
