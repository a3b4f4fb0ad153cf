import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { orderStatuses } from '@mart/contracts/http/order-shapes'
import fc from 'fast-check'
import { type Order, paymentShown, type Trigger } from '../src/order.ts'
import { type Moment, move } from '../src/order-moves.ts'

const moment: Moment = { now: new Date('2026-11-22T10:00:00Z'), paymentWindowMs: 1_800_000 }

const order = (change: Partial<Order>): Order => ({
  id: '0191e000-0000-7000-8000-000000000001',
  number: 'M-1',
  customer_id: '0191e000-0000-7000-8000-000000000002',
  status: 'placed',
  currency: 'PKR',
  lines: [{ sku: 'TEA', name: 'Tea', quantity: 1, unit_price: 1000 }],
  subtotal: 1000,
  shipping: 0,
  tax: 0,
  discount: 0,
  total: 1000,
  payment_method: 'stripe',
  payment_status: 'pending',
  payment_url: null,
  attempt: 0,
  payment_due_at: null,
  if_paid: null,
  cancel_reason: null,
  missing: [],
  refunding: false,
  refunded: 0,
  contact: { name: 'A', email: 'a@example.com', phone: null, language: 'en' },
  shipping_address: { name: 'A', line1: '1', city: 'Lahore', country: 'PK', phone: '+923001234567' },
  note: null,
  holds: [],
  carrier: null,
  tracking_number: null,
  collected: null,
  return_open: false,
  history_count: 1,
  forget_asked_at: null,
  placed_at: moment.now,
  updated_at: moment.now,
  ...change,
})

const paymentStatuses = [
  'pending',
  'action_required',
  'processing',
  'succeeded',
  'failed',
  'voided',
  'refunded',
  'partially_refunded',
  'due_on_delivery',
]

const triggers: Trigger[] = [
  { name: 'stock_reserved' },
  { name: 'stock_refused', missing: ['TEA'] },
  { name: 'person_cancels', by: 'customer' },
  { name: 'due' },
  { name: 'way_chosen', method: 'cash_on_delivery' },
  { name: 'way_chosen', method: 'stripe' },
  { name: 'action_required', attempt: 1, url: 'http://pay' },
  { name: 'payment_failed', attempt: 1, final: false, reason: 'no' },
  { name: 'payment_failed', attempt: 1, final: true, reason: 'no' },
  { name: 'payment_succeeded', method: 'stripe' },
  { name: 'cash_agreed' },
  { name: 'payment_voided', refunding: false },
  { name: 'payment_voided', refunding: true },
  { name: 'payment_refunded', inAll: 0 },
  { name: 'payment_refunded', inAll: 400 },
  { name: 'payment_refunded', inAll: 1000 },
  { name: 'refund_needed', reason: 'late' },
  { name: 'payment_disputed', reason: 'fraudulent' },
  { name: 'dispute_closed', won: true },
  { name: 'staff_ships', carrier: 'TCS', trackingNumber: '1' },
  { name: 'staff_delivers', collected: null },
  { name: 'delivery_failed', reason: 'nobody home' },
]

const through = (start: Order, ...happenings: Trigger[]): Order => {
  const now = { ...start }
  for (const trigger of happenings) Object.assign(now, move(now, trigger, moment))
  return now
}
const [reserved, cancels, succeeded]: Trigger[] = [triggers[0]!, triggers[2]!, triggers[9]!]
const shownAfter = (...happenings: Trigger[]) => paymentShown(through(order({}), ...happenings))

describe('the payment as an order shows it', () => {
  for (const status of orderStatuses) {
    for (const payment_status of paymentStatuses) {
      for (const refunding of [false, true]) {
        const shown = paymentShown(order({ status, payment_status, refunding }))
        test(`${status}, ${payment_status}${refunding ? ', refunding' : ''} → ${shown}`, () => {
          if (status === 'cancelled') {
            assert.ok(['voided', 'refunding', 'refunded', 'partially_refunded'].includes(shown))
            if (shown === 'refunding') assert.ok(refunding)
          } else if (status !== 'undelivered') assert.equal(shown, payment_status)
          if (status === 'undelivered') assert.notEqual(shown, 'due_on_delivery')
        })
      }
    }
  }

  test('paid, then cancelled by its buyer: on its way back, then back, however its parts come', () => {
    const refund = (inAll: number): Trigger => ({ name: 'payment_refunded', inAll })
    const voided = (refunding: boolean): Trigger => ({ name: 'payment_voided', refunding })
    const paid = [reserved!, succeeded!, cancels!]
    assert.equal(shownAfter(...paid), 'succeeded')
    assert.equal(shownAfter(...paid, voided(true)), 'refunding')
    assert.equal(shownAfter(...paid, voided(true), refund(1000)), 'refunded')
    assert.equal(shownAfter(...paid, refund(1000), voided(false)), 'refunded')
    assert.equal(shownAfter(...paid, refund(400), voided(true), refund(1000)), 'refunded')
    assert.equal(shownAfter(reserved!, cancels!, voided(false)), 'voided')
    assert.equal(shownAfter(reserved!, cancels!, voided(false), refund(0)), 'voided', 'extra money went back')
  })

  test('whatever happens in whatever order, a cancelled order never says that it is paid', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...triggers), { maxLength: 30 }), fc.boolean(), (happenings, isCash) => {
        let now = order({ payment_method: isCash ? 'cash_on_delivery' : 'stripe' })
        for (const trigger of happenings) {
          now = through(now, trigger)
          if (now.status !== 'cancelled') continue
          assert.ok(['voided', 'refunding', 'refunded', 'partially_refunded'].includes(paymentShown(now)), trigger.name)
          if (trigger.name === 'payment_refunded' && trigger.inAll >= now.total)
            assert.equal(paymentShown(now), 'refunded')
        }
      }),
    )
  })

  test('with nothing to pay there is no payment: reserved goods confirm it, whatever the method', () => {
    for (const payment_method of ['stripe', 'payfast', 'cash_on_delivery'] as const) {
      const free = order({ total: 0, subtotal: 0, payment_method })
      assert.equal(paymentShown(free), 'nothing_due')
      const confirmed = through(free, reserved!)
      assert.deepEqual([confirmed.status, confirmed.attempt, paymentShown(confirmed)], ['confirmed', 0, 'nothing_due'])
      const cancelled = through(confirmed, cancels!, { name: 'payment_voided', refunding: false })
      assert.deepEqual([cancelled.status, paymentShown(cancelled)], ['cancelled', 'nothing_due'])
    }
  })
})
