import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  OrderClaimed,
  OrderConfirmed,
  OrderGuestForgotten,
  OrderPlaced,
  ReturnApproved,
} from '@mart/contracts/events/order-events'
import { PaymentRefunded, PaymentRefundNeeded } from '@mart/contracts/events/payment-events'
import { UserErased } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { eventually, startTestService, type TestService } from '@mart/service-kit/testing'
import type { Config } from '../src/config.ts'
import { notification } from '../src/main.ts'
import { type MailBox, smtpError, startMailBox } from './mail-box.ts'
import { anOrder, confirmed, erased, placed, type SampleOrder } from './samples.ts'

describe('what a guest is written', () => {
  let box: MailBox
  let mart: TestService<Config>
  before(async () => {
    box = await startMailBox()
    mart = await startTestService(notification, { SMTP_URL: box.url, STAFF_EMAIL: 'staff@mart.example' })
  })
  after(async () => {
    await mart.stop()
    await box.stop()
  })

  const guests = () => anOrder({ customer_id: null })
  const rowsOf = ({ order_id }: SampleOrder) =>
    mart.service.db`select * from messages where order_id = ${order_id} order by id`
  const isSent = async (order: SampleOrder, many: number) =>
    await eventually(async () => box.to(order.contact.email).length === many, `${many} mails are there`)
  const payment = (order: SampleOrder) => ({
    ...{ order_id: order.order_id, payment_id: newId(), method: 'stripe' as const, amount: order.total },
    ...{
      refund_id: newId(),
      refund_task_id: newId(),
      refunded: order.total,
      refunded_in_all: order.total,
      to_refund: order.total,
    },
  })

  it('is mailed as to anybody whose address is not proven: without names that a stranger typed in', async () => {
    const order = guests()
    await mart.consume(OrderPlaced, placed(order))
    await mart.consume(OrderConfirmed, confirmed(order))
    await isSent(order, 2)
    assert.doesNotMatch(JSON.stringify(box.to(order.contact.email)), /Ayesha|House 5/)
  })

  it('is the account’s once he has claimed his order; what staff were written stays theirs', async () => {
    const order = guests()
    const as = { id: newId() }
    await mart.consume(OrderPlaced, placed(order))
    await mart.consume(PaymentRefundNeeded, { ...payment(order), reason: 'paid_too_late' })
    await isSent(order, 1)
    const listed = async () => (await mart.http('GET', '/notifications', { as })).body.items.length
    assert.equal(await listed(), 0)
    const claimed = { order_id: order.order_id, customer_id: as.id, claimed_at: new Date().toISOString() }
    for (const _ of [1, 2]) await mart.consume(OrderClaimed, claimed)
    assert.equal(await listed(), 1)
    await mart.consume(UserErased, erased(as.id))
    const blank = (await rowsOf(order)).map(({ kind, data }) => [kind, data === null])
    assert.deepEqual(blank, [
      ['order_received', true],
      ['refund_needed', false],
    ])
  })

  it('is blank when a claim of who was erased is heard of', async () => {
    const order = guests()
    const customer_id = newId()
    await mart.consume(OrderPlaced, placed(order))
    await mart.consume(UserErased, erased(customer_id))
    await mart.consume(OrderClaimed, { order_id: order.order_id, customer_id, claimed_at: new Date().toISOString() })
    assert.equal((await rowsOf(order))[0]?.['recipient'], null)
  })

  it('is forgotten with him: old rows are blank, unsent ones cancelled, later ones not mailed', async () => {
    const order = guests()
    await mart.consume(OrderPlaced, placed(order))
    await isSent(order, 1)
    box.refuse = (_, address) => (address === order.contact.email ? smtpError(451, 'later') : null)
    await mart.consume(OrderConfirmed, confirmed(order))
    await eventually(async () => (await rowsOf(order))[1]?.['attempts'] === 1, 'it was tried')
    await mart.consume(OrderGuestForgotten, { order_id: order.order_id, forgotten_at: new Date().toISOString() })
    box.refuse = () => null
    await mart.consume(PaymentRefunded, payment(order))
    // As the order service says it of somebody whom it has forgotten.
    const nobody = { ...order, contact: { ...order.contact, name: '', email: '' } }
    const one = { return_id: newId(), lines: [], refund: order.total, approved_at: new Date().toISOString() }
    await mart.consume(ReturnApproved, { ...nobody, ...one })
    await eventually(async () => (await rowsOf(order)).every(({ status }) => status !== 'pending'), 'nothing waits')
    const rows = await rowsOf(order)
    assert.deepEqual(
      rows.map(({ kind, status, reason }) => [kind, status, reason]),
      [
        ['order_received', 'sent', null],
        ['order_confirmed', 'cancelled', 'person_erased'],
        ['payment_refunded', 'cancelled', 'person_erased'],
        ['return_approved', 'cancelled', 'person_erased'],
      ],
    )
    assert.doesNotMatch(JSON.stringify(rows), /Ayesha|example\.com|Lahore|0300/)
    assert.equal(box.to(order.contact.email).length, 1)
  })
})
