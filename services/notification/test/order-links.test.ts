import assert from 'node:assert/strict'
import { after, before, describe, it, test } from 'node:test'
import {
  OrderCancelled,
  OrderClaimed,
  OrderConfirmed,
  OrderDelivered,
  OrderPlaced,
  OrderShipped,
  OrderUndelivered,
} from '@mart/contracts/events/order-events'
import { PaymentActionRequired, PaymentRefunded, PaymentRefundNeeded } from '@mart/contracts/events/payment-events'
import { guestLinks } from '@mart/service-kit/guest-links'
import { newId } from '@mart/service-kit/ids'
import { createLogger } from '@mart/service-kit/logger'
import { startService } from '@mart/service-kit/start-service'
import { eventually, startTestService, type TestService } from '@mart/service-kit/testing'
import type { Config } from '../src/config.ts'
import { notification } from '../src/main.ts'
import { works } from '../src/worker.ts'
import { type MailBox, smtpError, startMailBox } from './mail-box.ts'
import { anOrder, confirmed, linkFor, placed, type SampleOrder, shipped } from './samples.ts'

const SHOP = 'https://mart.example'
const STAFF = 'staff@mart.example'
const linkSecret = 'n'.repeat(32)
const staff = { id: newId(), role: 'staff' as const }
const secretOf = ({ order_id }: SampleOrder) => guestLinks(linkSecret)!.secretOf(order_id)
const pageOf = ({ order_id }: SampleOrder) => `${SHOP}/orders/${order_id}`
const guestPageOf = (order: SampleOrder) => `${pageOf(order)}?key=${secretOf(order)}`
const aGuests = () => anOrder({ customer_id: null })

const now = () => new Date().toISOString()
const cancelled = (order: SampleOrder) => ({
  ...{ ...order, reason: 'customer_request' as const, missing: [], refunding: true, cancelled_at: now() },
})
const payment = (order: SampleOrder) => ({
  ...{ order_id: order.order_id, payment_id: newId(), method: 'stripe' as const, amount: order.total },
  ...{ refund_id: newId(), refund_task_id: newId(), refunded: order.total, refunded_in_all: order.total },
  ...{ to_refund: order.total, reason: 'paid_too_late' as const },
})

describe('the page of an order in the shop', () => {
  let box: MailBox
  let mart: TestService<Config>
  before(async () => {
    box = await startMailBox()
    const settings = { SHOP_URL: `${SHOP}/`, GUEST_LINK_SECRET: `${linkSecret},${'o'.repeat(32)}` }
    mart = await startTestService(notification, { ...settings, SMTP_URL: box.url, STAFF_EMAIL: STAFF })
  })
  after(async () => {
    await mart.stop()
    await box.stop()
  })

  const mailsTo = async (order: SampleOrder, many: number, from = box) => {
    await eventually(async () => from.to(order.contact.email).length === many, `${many} mails are there`)
    return from.to(order.contact.email)
  }
  /** Where the text of a mail and its HTML end; null where neither has an order's page. */
  const linksIn = ({ text = '', html }: MailBox['mails'][number]) => {
    const inText =
      /\n\n(?:Your order in the shop|دکان میں آپ کا آرڈر):\n(\S+)\n\n-- \nAI Mart\n$/.exec(text)?.[1] ?? null
    const link = /<a [^>]*href="([^"]+)"[^>]*>(?:Your order in the shop|دکان میں آپ کا آرڈر)<\/a><\/p>\s*<\/td>/
    const inHtml = link.exec(String(html))?.[1]
    assert.equal(inHtml ?? null, inText)
    return inText
  }
  const messagesOf = async ({ order_id }: SampleOrder) =>
    (await mart.http('GET', `/messages?order_id=${order_id}`, { as: staff })).body.items

  /** All that a buyer can be written about an order. Few enough for an address that is not proven. */
  async function writeAll(order: SampleOrder) {
    await mart.consume(OrderPlaced, placed(order))
    await mart.consume(OrderConfirmed, confirmed(order))
    await mart.consume(OrderShipped, shipped(order))
    await mart.consume(OrderDelivered, { ...order, collected: null, delivered_at: now() })
    await mart.consume(OrderUndelivered, { ...order, reason: 'nobody at home', undelivered_at: now() })
    await mart.consume(PaymentActionRequired, linkFor(order))
    await mart.consume(PaymentRefunded, payment(order))
    return await mailsTo(order, 7)
  }

  for (const language of ['en', 'ur'])
    it(`ends every mail of an order, in ${language}: an account’s plainly, a guest’s with what opens it`, async () => {
      const contact = { name: 'Ayesha Khan', phone: '03001234567', language }
      const [account, guest] = [
        anOrder({ contact: { ...contact, email: `${newId()}@example.com` } }),
        anOrder({ contact: { ...contact, email: `${newId()}@example.com` }, customer_id: null }),
      ]
      for (const mail of await writeAll(account)) assert.equal(linksIn(mail), pageOf(account), mail.subject)
      for (const mail of await writeAll(guest)) assert.equal(linksIn(mail), guestPageOf(guest), mail.subject)
    })

  it('is plain once an account has claimed the guest’s order', async () => {
    const order = aGuests()
    const customer_id = newId()
    await mart.consume(OrderPlaced, placed(order))
    await mailsTo(order, 1)
    await mart.consume(OrderClaimed, { order_id: order.order_id, customer_id, claimed_at: now() })
    await mart.consume(OrderCancelled, cancelled({ ...order, customer_id }))
    await mart.consume(PaymentRefunded, payment(order))
    const [message] = (await messagesOf(order)).toReversed()
    await mailsTo(order, 3)
    await mart.http('POST', `/messages/${message.id}/resend`, { as: staff })
    const links = (await mailsTo(order, 4)).map(linksIn)
    assert.deepEqual(links, [guestPageOf(order), pageOf(order), pageOf(order), pageOf(order)])
  })

  it('is shown to staff without what opens a guest’s, and that is kept nowhere: not where it is refused either', async () => {
    const order = aGuests()
    box.refuse = (step) =>
      step === 'data' ? smtpError(554, `spam: ${guestPageOf(order)} and key=3D${secretOf(order)}`) : null
    await mart.consume(OrderPlaced, placed(order))
    await eventually(async () => (await messagesOf(order))[0]?.status === 'failed', 'it is refused')
    box.refuse = () => null
    const [message] = await messagesOf(order)
    assert.match(message.last_error, /spam: .*key=… and key=…/)
    const one = await mart.http('GET', `/messages/${message.id}`, { as: staff })
    const again = await mart.http('POST', `/messages/${message.id}/resend`, { as: staff })
    assert.equal(again.status, 201)
    const [mail] = await mailsTo(order, 1)
    assert.equal(linksIn(mail!), guestPageOf(order))
    await eventually(async () => (await messagesOf(order))[0].status === 'sent', 'it is sent')
    const shown = JSON.stringify([await messagesOf(order), one.body, again.body])
    assert.ok(shown.includes(`${pageOf(order)}?key=…`))
    assert.ok(!shown.includes(secretOf(order)))
    for (const { table_name } of await mart.service.db`
      select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`) {
      const rows = await mart.service.db`select * from ${mart.service.db(table_name)}`
      assert.ok(!JSON.stringify(rows).includes(secretOf(order)), table_name)
    }
  })

  it('is in no line of the log, of a mail that was taken or refused', async () => {
    const lines: string[] = []
    const logger = createLogger('test', 'trace', { write: (line) => lines.push(line) })
    const [work] = works({ ...mart.service, logger })
    const isLogged = async () => {
      // The service's own worker may be first: then there is another mail.
      const order = aGuests()
      await mart.consume(OrderPlaced, placed(order))
      await work?.run(new AbortController().signal)
      return lines.some((line) => line.includes(order.order_id))
    }
    await eventually(isLogged, 'a mail that was taken is logged')
    box.refuse = (step) => (step === 'data' ? smtpError(554, `spam: ${SHOP}/orders/1?key=${'k'.repeat(43)}`) : null)
    await eventually(isLogged, 'a mail that was refused is logged')
    box.refuse = () => null
    assert.match(lines.join(''), /mailed order_received[\s\S]*refused_554/)
    assert.doesNotMatch(lines.join(''), /key=|orders\//)
  })

  it('is in no mail to staff', async () => {
    const order = aGuests()
    await mart.consume(PaymentRefundNeeded, payment(order))
    const about = () => box.to(STAFF).filter(({ text }) => text?.includes(order.order_id))
    await eventually(async () => about().length === 1, 'staff are told')
    assert.doesNotMatch(JSON.stringify(about()), /mart\.example\/orders|Your order in the shop/)
  })

  it('is in none without SHOP_URL, and in no guest’s without GUEST_LINK_SECRET', async () => {
    const settings: Record<string, string>[] = [{ GUEST_LINK_SECRET: linkSecret }, { SHOP_URL: SHOP }]
    const links = await Promise.all(
      settings.map(async (setting) => {
        const other = await startMailBox()
        const service = await startTestService(notification, { SMTP_URL: other.url, ...setting })
        const orders = [anOrder(), aGuests()]
        await service.consume(OrderPlaced, ...orders.map(placed))
        const found = await Promise.all(orders.map(async (order) => linksIn((await mailsTo(order, 1, other))[0]!)))
        await service.stop()
        await other.stop()
        return found.map((link, i) => (link === pageOf(orders[i]!) ? 'plain' : link))
      }),
    )
    assert.deepEqual(links, [
      [null, null],
      ['plain', null],
    ])
  })
})

test('an address that is none, and a short secret, end the start', async () => {
  const around = {
    DATABASE_URL: 'postgres://127.0.0.1:1/none',
    EVENT_LOG_URL: 'postgres://127.0.0.1:1/none',
    JWKS_URL: 'http://127.0.0.1:1/',
  }
  const wrong = { SHOP_URL: 'mart.example', GUEST_LINK_SECRET: 'short' }
  await assert.rejects(startService(notification, { ...around, ...wrong }), (error: Error) => {
    assert.deepEqual(error.message.split('\n  ').slice(1).toSorted(), [
      'GUEST_LINK_SECRET: each must have at least 32 characters',
      'SHOP_URL: must begin with http:// or https://',
    ])
    return true
  })
})
