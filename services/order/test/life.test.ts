import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { orderStatuses } from '@mart/contracts/http/order-shapes'
import fc from 'fast-check'
import { isFinal, type Order, type OrderStatus, type Trigger } from '../src/order.ts'
import { eventsOf } from '../src/order-events.ts'
import { type Moment, move } from '../src/order-moves.ts'

const moment: Moment = { now: new Date('2026-11-22T10:00:00Z'), paymentWindowMs: 1_800_000 }

const order = (change: Partial<Order> = {}): Order => ({
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
  attempt: 1,
  payment_due_at: null,
  if_paid: null,
  cancel_reason: null,
  missing: [],
  refunding: false,
  refunded: 0,
  contact: { name: 'A', email: 'a@example.com', phone: null, language: 'en' },
  shipping_address: { name: 'A', line1: '1', city: 'Lahore', country: 'PK', phone: '0300' },
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

const triggers: Trigger[] = [
  { name: 'stock_reserved' },
  { name: 'stock_refused', missing: ['TEA'] },
  { name: 'person_cancels', by: 'customer' },
  { name: 'due' },
  { name: 'way_chosen', method: 'cash_on_delivery' },
  { name: 'action_required', attempt: 1, url: 'http://pay' },
  { name: 'payment_failed', attempt: 1, final: true, reason: 'no' },
  { name: 'payment_succeeded', method: 'stripe' },
  { name: 'cash_agreed' },
  { name: 'payment_voided', refunding: false },
  { name: 'payment_refunded', inAll: 1000 },
  { name: 'refund_needed', reason: 'late' },
  { name: 'payment_disputed', reason: 'fraudulent' },
  { name: 'dispute_closed', won: true },
  { name: 'address_changed', address: { name: 'B', line1: '2', city: 'Multan', country: 'PK', phone: '0300' } },
  { name: 'staff_ships', carrier: 'TCS', trackingNumber: '1' },
  { name: 'staff_delivers', collected: null },
  { name: 'delivery_failed', reason: 'nobody home' },
]

/** The life of an order (ARCHITECTURE.md), written out by hand: from, what happens, to, what is said. */
const legal: [Partial<Order>, Trigger['name'], OrderStatus, string | null][] = [
  [{ status: 'placed' }, 'stock_reserved', 'awaiting_payment', 'order.payment_due'],
  [{ status: 'placed', payment_method: 'cash_on_delivery' }, 'stock_reserved', 'confirmed', 'order.confirmed'],
  [{ status: 'placed' }, 'stock_refused', 'cancelled', 'order.cancelled'],
  [{ status: 'placed' }, 'person_cancels', 'cancelling', 'order.cancel_requested'],
  [{ status: 'awaiting_payment' }, 'person_cancels', 'cancelling', 'order.cancel_requested'],
  [{ status: 'confirmed' }, 'person_cancels', 'cancelling', 'order.cancel_requested'],
  [{ status: 'awaiting_payment' }, 'due', 'cancelling', 'order.cancel_requested'],
  [{ status: 'awaiting_payment' }, 'payment_failed', 'cancelling', 'order.cancel_requested'],
  [{ status: 'cancelling', if_paid: 'keep' }, 'person_cancels', 'cancelling', 'order.cancel_requested'],
  [{ status: 'awaiting_payment' }, 'payment_succeeded', 'confirmed', 'order.confirmed'],
  [{ status: 'cancelling', if_paid: 'keep' }, 'payment_succeeded', 'confirmed', 'order.confirmed'],
  [{ status: 'awaiting_payment' }, 'way_chosen', 'awaiting_payment', 'order.payment_due'],
  [{ status: 'awaiting_payment' }, 'cash_agreed', 'confirmed', 'order.confirmed'],
  [{ status: 'cancelling', if_paid: 'refund' }, 'payment_succeeded', 'cancelling', null],
  [{ status: 'cancelling', if_paid: 'keep' }, 'payment_voided', 'cancelled', 'order.cancelled'],
  [{ status: 'cancelling', if_paid: 'refund' }, 'payment_voided', 'cancelled', 'order.cancelled'],
  [{ status: 'confirmed' }, 'payment_refunded', 'cancelled', 'order.cancelled'],
  [{ status: 'confirmed' }, 'staff_ships', 'shipped', 'order.shipped'],
  [{ status: 'placed' }, 'address_changed', 'placed', 'order.address_changed'],
  [{ status: 'awaiting_payment' }, 'address_changed', 'awaiting_payment', 'order.address_changed'],
  [{ status: 'confirmed' }, 'address_changed', 'confirmed', 'order.address_changed'],
  [{ status: 'shipped' }, 'staff_delivers', 'delivered', 'order.delivered'],
  [{ status: 'shipped' }, 'delivery_failed', 'undelivered', 'order.undelivered'],
]

const starts: Partial<Order>[] = [
  ...orderStatuses.filter((status) => status !== 'cancelling').map((status) => ({ status })),
  { status: 'placed', payment_method: 'cash_on_delivery' },
  { status: 'cancelling', if_paid: 'keep' },
  { status: 'cancelling', if_paid: 'refund' },
]

const after = (before: Order, trigger: Trigger): Order => ({ ...before, ...move(before, trigger, moment) })
const said = (before: Order, trigger: Trigger) =>
  eventsOf(before, after(before, trigger), trigger).map(({ event }) => event.type)

describe('the life of an order', () => {
  for (const start of starts) {
    for (const trigger of triggers) {
      const before = order({ ...start, attempt: start.status === 'placed' ? 0 : 1 })
      const fits = legal.filter(
        ([from, name]) =>
          name === trigger.name &&
          from.status === before.status &&
          (from.payment_method ?? before.payment_method) === before.payment_method &&
          (from.if_paid ?? null) === before.if_paid,
      )
      const rule = fits.find(([from]) => from.payment_method) ?? fits[0]
      const [, , to, event] = rule ?? [null, null, before.status, null]
      test(`${Object.values(start).join(' ')} + ${trigger.name} → ${to}, says ${event ?? 'nothing'}`, () => {
        assert.equal(after(before, trigger).status, to)
        assert.deepEqual(said(before, trigger), event ? [event] : [])
      })
    }
  }

  test('a failed payment that is not final moves nothing, the buyer tries again', () => {
    const before = order({ status: 'awaiting_payment' })
    const failed: Trigger = { name: 'payment_failed', attempt: 1, final: false, reason: 'declined' }
    assert.equal(after(before, failed).status, 'awaiting_payment')
    assert.equal(after(before, failed).payment_status, 'failed')
  })

  test('what is heard of an older attempt than the present one changes nothing', () => {
    const before = order({ status: 'awaiting_payment', attempt: 2 })
    assert.equal(move(before, { name: 'payment_failed', attempt: 1, final: true, reason: 'x' }, moment), null)
    assert.equal(move(before, { name: 'action_required', attempt: 1, url: 'x' }, moment), null)
  })

  test('money that came by an older way makes that the way the order was paid', () => {
    const choseCash = order({ status: 'awaiting_payment', attempt: 2, payment_method: 'cash_on_delivery' })
    assert.equal(after(choseCash, { name: 'payment_succeeded', method: 'stripe' }).payment_method, 'stripe')
  })

  test('a partial refund does not cancel a confirmed order', () => {
    const partly = after(order({ status: 'confirmed' }), { name: 'payment_refunded', inAll: 999 })
    assert.deepEqual([partly.status, partly.payment_status, partly.refunded], ['confirmed', 'partially_refunded', 999])
    const extra = after(order({ status: 'shipped', payment_status: 'succeeded' }), {
      name: 'payment_refunded',
      inAll: 0,
    })
    assert.deepEqual([extra.payment_status, extra.refunded], ['succeeded', 0])
  })

  test('an order with a hold cannot be shipped', () => {
    const held = after(order({ status: 'confirmed' }), { name: 'payment_disputed', reason: 'fraudulent' })
    assert.deepEqual(held.holds, ['payment_disputed'])
    assert.equal(move(held, { name: 'staff_ships', carrier: 'TCS', trackingNumber: '1' }, moment), null)
  })

  test('a dispute that is won lets the order go, one that is lost does not', () => {
    const held = after(order({ status: 'confirmed' }), { name: 'payment_disputed', reason: 'fraudulent' })
    assert.deepEqual(after(held, { name: 'dispute_closed', won: true }).holds, [])
    assert.deepEqual(after(held, { name: 'dispute_closed', won: false }).holds, ['payment_disputed'])
  })

  test('whatever happens in whatever order: a final order stays final, and goods leave only once confirmed', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...triggers), { maxLength: 30 }), (happenings) => {
        let now = order({ attempt: 0 })
        const path: OrderStatus[] = [now.status]
        for (const trigger of happenings) {
          const next = after(now, trigger)
          if (isFinal(now.status)) assert.equal(next.status, now.status)
          if (next.status !== now.status) path.push(next.status)
          now = next
        }
        if (path.includes('shipped')) assert.equal(path[path.indexOf('shipped') - 1], 'confirmed')
        if (path.includes('confirmed')) assert.notEqual(path[1], 'cancelled')
      }),
    )
  })
})
