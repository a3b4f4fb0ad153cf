import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { OrderConfirmed, OrderPlaced } from '@mart/contracts/events/order-events'
import { UserErased } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { eventually, startTestService, type TestService } from '@mart/service-kit/testing'
import type { Config } from '../src/config.ts'
import { notification } from '../src/main.ts'
import { type MailBox, smtpError, startMailBox } from './mail-box.ts'
import { anOrder, confirmed, erased, placed, type SampleOrder } from './samples.ts'

const staff = { id: newId(), role: 'staff' as const }

describe('the door', () => {
  let box: MailBox
  let mart: TestService<Config>

  before(async () => {
    box = await startMailBox()
    mart = await startTestService(notification, { SMTP_URL: box.url })
  })
  after(async () => {
    await mart.stop()
    await box.stop()
  })

  const buyerOf = (order: SampleOrder) => ({ id: String(order.customer_id) })
  const messagesOf = async (order: SampleOrder) =>
    (await mart.http('GET', `/messages?order_id=${order.order_id}`, { as: staff })).body.items
  const settled = () =>
    eventually(
      async () => (await mart.service.db`select from messages where status = 'pending'`).length === 0,
      'nothing is pending',
    )
  async function bought(): Promise<SampleOrder> {
    const order = anOrder()
    await mart.consume(OrderPlaced, placed(order))
    await mart.consume(OrderConfirmed, confirmed(order))
    await settled()
    return order
  }

  it('shows a person what was written to him, newest first, and nobody else', async () => {
    const order = await bought()
    await bought()
    const { status, body } = await mart.http('GET', '/notifications', { as: buyerOf(order) })
    assert.equal(status, 200)
    assert.deepEqual(
      body.items.map((item: Record<string, unknown>) => [
        item['kind'],
        item['subject'],
        item['order_id'],
        item['status'],
      ]),
      [
        ['order_confirmed', 'Your order M-100023 is confirmed', order.order_id, 'sent'],
        ['order_received', 'We received your order M-100023', order.order_id, 'sent'],
      ],
    )
    assert.equal(body.next_cursor, null)
    assert.deepEqual((await mart.http('GET', '/notifications', { as: { id: newId() } })).body.items, [])
  })

  it('hands out notifications page by page, each once', async () => {
    const order = await bought()
    const first = await mart.http('GET', '/notifications?limit=1', { as: buyerOf(order) })
    assert.ok(first.body.next_cursor)
    const second = await mart.http('GET', `/notifications?limit=1&cursor=${first.body.next_cursor}`, {
      as: buyerOf(order),
    })
    assert.deepEqual([first.body.items[0].kind, second.body.items[0].kind], ['order_confirmed', 'order_received'])
    assert.equal(second.body.next_cursor, null)
  })

  it('shows staff the messages of an order as they read, and how sending them went', async () => {
    const order = await bought()
    const [message, older] = await messagesOf(order)
    assert.equal(older.kind, 'order_received')
    assert.equal(message.recipient, order.contact.email)
    assert.equal(message.attempts, 1)
    assert.ok(message.sent_at)
    assert.match(message.text, /M-100023/)
    assert.match(message.html, /<h1/)
    const one = await mart.http('GET', `/messages/${message.id}`, { as: staff })
    assert.deepEqual(one.body, message)
  })

  it('shows staff what failed', async () => {
    const order = anOrder()
    box.refuse = (step) => (step === 'data' ? smtpError(554, 'spam') : null)
    await mart.consume(OrderConfirmed, confirmed(order))
    await settled()
    box.refuse = () => null
    const { body } = await mart.http('GET', '/messages?status=failed', { as: staff })
    assert.equal(body.items[0].order_id, order.order_id)
    assert.equal(body.items[0].reason, 'refused_554')
    assert.match(body.items[0].last_error, /spam/)
  })

  it('sends a message again as a new one, once for each Idempotency-Key', async () => {
    const order = await bought()
    const [message] = await messagesOf(order)
    const call = { as: staff, headers: { 'idempotency-key': newId() } }
    const first = await mart.http('POST', `/messages/${message.id}/resend`, call)
    const again = await mart.http('POST', `/messages/${message.id}/resend`, call)
    assert.deepEqual([first.status, first.body.status], [201, 'pending'])
    assert.deepEqual(again.body, first.body)
    await settled()
    const confirmations = box.to(order.contact.email).filter((mail) => /confirmed/.test(String(mail.subject)))
    assert.equal(confirmations.length, 2)
    assert.equal(new Set(confirmations.map((mail) => mail.messageId)).size, 2)
    assert.equal((await messagesOf(order)).length, 3)
  })

  it('does not send again what is on its way, or what its person had erased', async () => {
    const order = await bought()
    const [message] = await messagesOf(order)
    await mart.service
      .db`update messages set status = 'pending', due_at = now() + interval '1 hour' where id = ${message.id}`
    const pending = await mart.http('POST', `/messages/${message.id}/resend`, { as: staff })
    assert.deepEqual([pending.status, pending.body.code], [409, 'still_pending'])
    await mart.consume(UserErased, erased(String(order.customer_id)))
    for (const { id } of await messagesOf(order)) {
      const { status, body } = await mart.http('POST', `/messages/${id}/resend`, { as: staff })
      assert.deepEqual([status, body.code], [409, 'person_erased'])
    }
    const [blank] = await messagesOf(order)
    assert.deepEqual([blank.subject, blank.text, blank.html, blank.recipient], [null, null, null, null])
    const unknown = await mart.http('POST', `/messages/${newId()}/resend`, { as: staff })
    assert.equal(unknown.status, 404)
  })

  it('keeps what each person wants to hear of', async () => {
    const person = { id: newId() }
    const before = await mart.http('GET', '/preferences', { as: person })
    assert.deepEqual(before.body, { order_updates: true, marketing: false })
    const wanted = { order_updates: false, marketing: true }
    assert.deepEqual((await mart.http('PUT', '/preferences', { as: person, body: wanted })).body, wanted)
    assert.deepEqual((await mart.http('GET', '/preferences', { as: person })).body, wanted)
    assert.deepEqual((await mart.http('GET', '/preferences', { as: { id: newId() } })).body, before.body)
  })

  it('turns away who may not look', async () => {
    const customer = { id: newId() }
    for (const [method, path] of [
      ['GET', '/notifications'],
      ['GET', '/preferences'],
      ['PUT', '/preferences'],
      ['GET', '/messages'],
      ['GET', `/messages/${newId()}`],
      ['POST', `/messages/${newId()}/resend`],
    ] as const) {
      assert.equal((await mart.http(method, path)).status, 401, path)
      if (path.startsWith('/messages'))
        assert.equal((await mart.http(method, path, { as: customer })).status, 403, path)
    }
  })

  it('names every faulty field of bad input, and changes nothing', async () => {
    const person = { id: newId() }
    const { status, body } = await mart.http('PUT', '/preferences', {
      as: person,
      body: { order_updates: 'no', newsletter: true },
    })
    assert.deepEqual([status, body.code], [422, 'invalid_input'])
    const faults = body.errors.map((error: { field: string; code: string }) => `${error.field} ${error.code}`)
    assert.deepEqual(faults.toSorted(), ['marketing required', 'newsletter unknown_field', 'order_updates type'])
    assert.equal((await mart.http('GET', '/preferences', { as: person })).body.order_updates, true)

    for (const query of ['status=lost', 'order_id=1', 'limit=0', 'limit=101', 'cursor=none', "status=sent'--"]) {
      const answer = await mart.http('GET', `/messages?${query}`, { as: staff })
      assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_input'], query)
    }
    const malformed = await mart.http('PUT', '/preferences', { as: person, body: '{"order_updates"' })
    assert.deepEqual([malformed.status, malformed.body.code], [400, 'malformed_json'])
    const large = await mart.http('PUT', '/preferences', { as: person, body: { order_updates: 'x'.repeat(2_000_000) } })
    assert.equal(large.status, 413)
    assert.equal((await mart.http('GET', '/messages/1', { as: staff })).status, 404)
  })
})
