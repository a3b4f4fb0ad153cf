import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { StockLow } from '@mart/contracts/events/inventory-events'
import {
  OrderAddressChanged,
  OrderCancelled,
  OrderConfirmed,
  OrderDelivered,
  OrderPlaced,
  OrderShipped,
  OrderUndelivered,
  ordersTopic,
  ReturnApproved,
  ReturnReceived,
  ReturnRefused,
  ReturnRequested,
  ReturnWithdrawn,
} from '@mart/contracts/events/order-events'
import {
  PaymentActionRequired,
  PaymentDisputeClosed,
  PaymentDisputed,
  PaymentRefunded,
  PaymentRefundNeeded,
} from '@mart/contracts/events/payment-events'
import { UserErased, UserProfileChanged, UserRegistered } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { eventually, recordOf, startTestService, type TestService } from '@mart/service-kit/testing'
import type { Config } from '../src/config.ts'
import { notification } from '../src/main.ts'
import { works } from '../src/worker.ts'
import { type MailBox, smtpError, startMailBox } from './mail-box.ts'
import { anOrder, confirmed, erased, linkFor, placed, proven, registered, shipped } from './samples.ts'

const STAFF = 'staff@mart.example'

describe('what is heard', () => {
  let box: MailBox
  let mart: TestService<Config>

  before(async () => {
    box = await startMailBox()
    mart = await startTestService(notification, { SMTP_URL: box.url, STAFF_EMAIL: STAFF })
  })
  after(async () => {
    await mart.stop()
    await box.stop()
  })

  const rowsOf = (orderId: string) => mart.service.db`select * from messages where order_id = ${orderId} order by id`
  const rowsTo = (personId: string) => mart.service.db`select * from messages where person_id = ${personId} order by id`
  const settled = () =>
    eventually(
      async () => (await mart.service.db`select from messages where status = 'pending'`).length === 0,
      'nothing is pending',
    )

  it('becomes a mail to the buyer for each step of an order', async () => {
    const order = anOrder()
    await mart.consume(OrderPlaced, placed(order))
    await mart.consume(OrderConfirmed, confirmed(order))
    await mart.consume(OrderShipped, shipped(order))
    await mart.consume(OrderUndelivered, {
      ...order,
      reason: 'nobody at home',
      undelivered_at: new Date().toISOString(),
    })
    await mart.consume(OrderDelivered, { ...order, collected: order.total, delivered_at: new Date().toISOString() })
    await mart.consume(OrderCancelled, {
      ...order,
      reason: 'out_of_stock',
      missing: [{ sku: 'M', name: 'Milk' }],
      refunding: false,
      cancelled_at: new Date().toISOString(),
    })
    await settled()
    const subjects = box.to(order.contact.email).map((mail) => mail.subject)
    assert.deepEqual(subjects.toSorted(), [
      'We received your order M-100023',
      'Your order M-100023 could not be delivered',
      'Your order M-100023 is confirmed',
      'Your order M-100023 is on its way',
      'Your order M-100023 was cancelled',
      'Your order M-100023 was delivered',
    ])
  })

  it('tells that an order goes to another address, and keeps nothing of where', async () => {
    const order = anOrder()
    const { shipping_address } = placed(order)
    const changed = { ...order, shipping_address, changed_at: new Date().toISOString() }
    await mart.consume(UserProfileChanged, proven(String(order.customer_id), order.contact.email))
    await mart.consume(OrderAddressChanged, changed)
    await settled()
    const [mail] = box.to(order.contact.email).filter(({ subject }) => /another address/.test(String(subject)))
    assert.match(String(mail?.text), /M-100023 was changed/)
    assert.doesNotMatch(JSON.stringify([mail?.text, mail?.html, await rowsOf(order.order_id)]), /House 5|Lahore|0300/)
  })

  it('is written down once and mailed once, however often and however it arrives', async () => {
    const order = anOrder()
    const event = recordOf(OrderConfirmed, confirmed(order))
    await mart.consumeRecords(ordersTopic, [event, event])
    await mart.consumeRecords(ordersTopic, [event])
    await mart.service.db`delete from inbox`
    await mart.consumeRecords(ordersTopic, [event])
    await settled()
    assert.equal((await rowsOf(order.order_id)).length, 1)
    assert.equal(box.to(order.contact.email).length, 1)
  })

  it('is recorded but not mailed when it is older than 72 hours', async () => {
    const [old, young] = [anOrder(), anOrder()]
    const saidHoursAgo = (order: typeof old, hours: number) => {
      const record = recordOf(OrderConfirmed, confirmed(order))
      const ce_time = new Date(Date.now() - hours * 3_600_000).toISOString()
      return { ...record, headers: { ...record.headers, ce_time } }
    }
    await mart.consumeRecords(ordersTopic, [saidHoursAgo(old, 73), saidHoursAgo(young, 71)])
    await settled()
    const [row] = await rowsOf(old.order_id)
    assert.deepEqual([row?.['status'], row?.['reason']], ['skipped', 'too_old'])
    assert.equal(box.to(old.contact.email).length, 0)
    assert.equal(box.to(young.contact.email).length, 1)
  })

  it('tells a hundred and twenty orders that came together, each by its own mail', async () => {
    const orders = Array.from({ length: 120 }, () => anOrder())
    await mart.consume(OrderPlaced, ...orders.map(placed))
    await settled()
    for (const order of orders) assert.equal(box.to(order.contact.email).length, 1)
  })

  it('takes a name with anything in it, and neither a header nor a link comes of it', async () => {
    const order = anOrder()
    order.contact.name = 'Eve\r\nBcc: all@example.com\u0000 \ud800 <b>"'
    await mart.consume(UserProfileChanged, proven(String(order.customer_id), order.contact.email))
    await mart.consume(OrderConfirmed, confirmed(order))
    await settled()
    const mail = box.to(order.contact.email).find(({ subject }) => /confirmed/.test(String(subject)))
    assert.deepEqual(mail?.envelopeTo, [order.contact.email])
    assert.equal(mail?.bcc, undefined)
    assert.match(String(mail?.html), /Hello Eve Bcc: &lt;b&gt;&quot;,/)
    assert.equal([mail?.to].flat()[0]?.text, `"Eve Bcc: <b>\\"" <${order.contact.email}>`)
  })

  it('names nobody to an address that he has not proven, though it is the one he signed up with', async () => {
    const order = anOrder()
    order.contact.name = 'Win at evil.example'
    const [person, other] = [String(order.customer_id), newId()]
    await mart.consume(UserRegistered, registered(person, order.contact.email))
    // That somebody else has proven it, or that he has proven another one, changes nothing.
    await mart.consume(
      UserProfileChanged,
      proven(other, order.contact.email),
      proven(person, `${person}@other.example`),
    )
    await mart.consume(OrderPlaced, placed(order))
    await settled()
    const [mail] = box.to(order.contact.email).filter(({ subject }) => /received/.test(String(subject)))
    assert.match(String(mail?.text), /^Thank you for your order\n\nHello,/)
    for (const part of [mail?.text, mail?.html, JSON.stringify(mail?.to)])
      assert.doesNotMatch(String(part), /evil|Win|Lahore/)
  })

  it('mails one link to pay for each attempt, to whoever placed the order', async () => {
    const order = anOrder()
    await mart.consume(OrderPlaced, placed(order))
    const [first, second] = [linkFor(order), linkFor(order)]
    await mart.consume(PaymentActionRequired, first)
    await mart.consume(PaymentActionRequired, first, second)
    await settled()
    const links = box.to(order.contact.email).filter((mail) => /pay/.test(String(mail.subject)))
    assert.equal(links.length, 2)
    assert.ok(links.some((mail) => String(mail.text).includes(first.url)))
    assert.match(String(links[0]?.subject), /M-100023/)
    const rows = await rowsTo(String(order.customer_id))
    assert.equal(rows.filter((row) => row['kind'] === 'payment_link').length, 2)
  })

  it('keeps a link to pay until the order is heard of, when the payment was faster', async () => {
    const order = anOrder()
    await mart.consume(PaymentActionRequired, linkFor(order))
    await eventually(
      async () => (await rowsOf(order.order_id))[0]?.['attempts'] === 1,
      'it was tried without a recipient',
    )
    await mart.consume(OrderPlaced, placed(order))
    await settled()
    assert.equal(box.to(order.contact.email).length, 2)
  })

  it('tells the buyer of money that goes back', async () => {
    const order = anOrder()
    await mart.consume(OrderPlaced, placed(order))
    const { order_id, payment_id, method, amount } = linkFor(order)
    const refunded = { amount: 5_000, currency: 'PKR' }
    await mart.consume(PaymentRefunded, {
      ...{ order_id, payment_id, method, amount, refund_id: newId() },
      ...{ refunded, refunded_in_all: refunded },
    })
    await settled()
    assert.ok(box.to(order.contact.email).some((mail) => /We sent back Rs\s50/.test(String(mail.text))))
  })

  it('tells staff of low stock, of refunds to make by hand and of disputes', async () => {
    const { order_id, payment_id, amount } = linkFor(anOrder())
    const dispute = { order_id, payment_id, method: 'payfast' as const, amount, disputed: amount }
    const payment = { order_id, payment_id, method: 'payfast' as const, amount, reason: 'late money' }
    await mart.consume(StockLow, { sku: 'TEA-TD-450', available: 2, low_stock_at: 5 })
    await mart.consume(PaymentRefundNeeded, { ...payment, refund_task_id: newId(), to_refund: amount })
    await mart.consume(PaymentDisputed, { ...payment, disputed: amount })
    await mart.consume(PaymentDisputeClosed, { ...dispute, won: true })
    await settled()
    const subjects = box.to(STAFF).map((mail) => mail.subject)
    assert.equal(subjects.length, 4)
    assert.ok(subjects.includes('Stock is low: TEA-TD-450'))
  })

  it('becomes a mail for each step of a return, and two to staff, in which nobody is named', async () => {
    const order = anOrder()
    const at = new Date().toISOString()
    const line = { sku: 'TEA', name: 'Tea', quantity: 1 }
    const lines = [{ ...line, reason: 'damaged' as const }]
    const one = { ...order, return_id: newId(), lines, refund: { amount: 100, currency: 'PKR' } }
    const received = [{ sku: 'TEA', quantity: 1, condition: 'sellable' as const }]
    await mart.consume(OrderPlaced, placed(order))
    await mart.consume(ReturnRequested, { ...one, requested_at: at })
    await mart.consume(ReturnApproved, { ...one, approved_at: at })
    await mart.consume(ReturnReceived, { ...one, received, received_at: at })
    await mart.consume(PaymentRefunded, {
      order_id: order.order_id,
      payment_id: newId(),
      refund_id: newId(),
      method: 'stripe',
      amount: order.total,
      refunded: one.refund,
      refunded_in_all: one.refund,
      return_id: one.return_id,
    })
    await mart.consume(ReturnRefused, { ...one, reason: 'It was opened.', refused_at: at })
    await mart.consume(ReturnWithdrawn, { ...one, withdrawn_at: at })
    await settled()
    assert.deepEqual(
      box
        .to(order.contact.email)
        .map((mail) => mail.subject)
        .toSorted(),
      [
        'It has come back: order M-100023',
        'Please send it back: order M-100023',
        'We cannot take this back: order M-100023',
        'We received your order M-100023',
        'You keep it: order M-100023',
        'You want to send something back of order M-100023',
        'Your money for order M-100023 is on its way back',
      ],
    )
    for (const kind of ['return_to_decide', 'return_called_off']) {
      const [toStaff, ...more] = await mart.service.db`
        select recipient, data from messages where order_id = ${order.order_id} and kind = ${kind}`
      assert.deepEqual([toStaff?.['recipient'], more], [STAFF, []], kind)
      assert.doesNotMatch(JSON.stringify(toStaff?.['data']), /Ayesha|example|customer/)
    }
  })

  it('welcomes a person once, when his address is proven and not before', async () => {
    const userId = newId()
    const email = `Ayesha.${userId}@example.com`
    await mart.consume(UserRegistered, registered(userId, email))
    await settled()
    assert.equal((await rowsTo(userId)).length, 0)
    await mart.consume(UserProfileChanged, proven(userId, email), proven(userId, email))
    await mart.consume(UserProfileChanged, { ...proven(userId, email), email_verified: false }, proven(userId, email))
    await settled()
    assert.deepEqual(
      box.to(email).map(({ subject, text }) => [subject, /Hello Ayesha Khan/.test(String(text))]),
      [['Welcome to AI Mart', true]],
    )
  })

  it('welcomes in the language of the account', async () => {
    const userId = newId()
    const email = `${userId}@example.com`
    await mart.consume(UserProfileChanged, { ...proven(userId, email), language: 'ur' as const })
    await settled()
    assert.deepEqual(
      box.to(email).map(({ subject }) => subject),
      ['خوش آمدید، AI Mart میں'],
    )
  })

  it('is not mailed to who wants no news of parcels, what an order needs is', async () => {
    const order = anOrder()
    const person = { id: String(order.customer_id) }
    await mart.http('PUT', '/preferences', { as: person, body: { order_updates: false, marketing: false } })
    await mart.consume(OrderConfirmed, confirmed(order))
    await mart.consume(OrderShipped, shipped(order))
    await mart.consume(UserProfileChanged, proven(person.id, order.contact.email))
    await settled()
    assert.deepEqual(
      (await rowsTo(person.id)).map((row) => [row['kind'], row['status'], row['reason']]),
      [
        ['order_confirmed', 'sent', null],
        ['order_shipped', 'skipped', 'not_wanted'],
        ['welcome', 'skipped', 'not_wanted'],
      ],
    )
    assert.equal(box.to(order.contact.email).length, 1)
  })

  it('forgets a person that is erased: old rows are blank, unsent ones cancelled, later events not mailed', async () => {
    const order = anOrder()
    const personId = String(order.customer_id)
    await mart.consume(OrderPlaced, placed(order))
    await settled()
    box.refuse = (_, address) => (address === order.contact.email ? smtpError(451, 'later') : null)
    await mart.consume(OrderConfirmed, confirmed(order))
    await eventually(async () => (await rowsOf(order.order_id))[1]?.['attempts'] === 1, 'it was tried')

    await mart.consume(UserErased, erased(personId))
    box.refuse = () => null
    await mart.consume(OrderShipped, shipped(order))
    await mart.consume(PaymentActionRequired, linkFor(order))
    await settled()

    const rows = await rowsOf(order.order_id)
    assert.deepEqual(
      rows.map((row) => [row['kind'], row['status'], row['reason']]),
      [
        ['order_received', 'sent', null],
        ['order_confirmed', 'cancelled', 'person_erased'],
        ['order_shipped', 'cancelled', 'person_erased'],
        ['payment_link', 'cancelled', 'person_erased'],
      ],
    )
    assert.doesNotMatch(JSON.stringify(rows), /Ayesha|example\.com|Lahore|0300/)
    assert.equal(box.to(order.contact.email).length, 1)
    const saved = await mart.http('PUT', '/preferences', {
      as: { id: personId },
      body: { order_updates: true, marketing: true },
    })
    assert.deepEqual([saved.status, saved.body.code], [403, 'account_erased'])
  })

  it('blanks what was written down while its person was being erased, and never sends it', async () => {
    const order = anOrder()
    const { db } = mart.service
    box.refuse = () => smtpError(451, 'later')
    await mart.consume(OrderConfirmed, confirmed(order))
    await eventually(async () => (await rowsOf(order.order_id))[0]?.['attempts'] === 1, 'it was tried')
    box.refuse = () => null
    await db`insert into erased_people (person_id) values (${order.customer_id})`
    await db`update messages set due_at = now() where order_id = ${order.order_id}`
    const [sendMails, blankLate] = works(mart.service)
    await sendMails?.run(new AbortController().signal)
    assert.equal(box.to(order.contact.email).length, 0)
    await blankLate?.run(new AbortController().signal)
    const [row] = await rowsOf(order.order_id)
    assert.deepEqual([row?.['status'], row?.['recipient'], row?.['data']], ['cancelled', null, null])
  })
})
