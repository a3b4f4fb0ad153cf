import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ReceivedLine } from '@mart/contracts/events/order-events'
import fc from 'fast-check'
import type { Order } from '../src/order.ts'
import { refundFor } from '../src/returns/refund.ts'
import {
  approve,
  isUnderWay,
  type Return,
  type Returnable,
  receive,
  refunded,
  refuse,
  requestReturn,
  stillReturnable,
  withdraw,
} from '../src/returns/return.ts'

const now = new Date('2026-11-22T10:00:00Z')
const days = (count: number) => new Date(now.getTime() + count * 86_400_000)

const order = (change: Partial<Order> = {}): Order =>
  ({
    id: 'order',
    currency: 'PKR',
    lines: [
      { sku: 'TEA', name: 'Tea', quantity: 3, unit_price: 20_000 },
      { sku: 'RICE', name: 'Rice', quantity: 1, unit_price: 1_000 },
    ],
    subtotal: 61_000,
    shipping: 25_000,
    tax: 0,
    discount: 0,
    total: 86_000,
    ...change,
  }) as Order

const delivered = (returns: readonly Return[] = [], change: Partial<Order> = {}): Returnable => ({
  order: order(change),
  deliveredAt: now,
  returns,
})

const wish = (quantity: number, sku = 'TEA') => ({ sku, quantity, reason: 'damaged' as const })
const came = (quantity: number, sku = 'TEA', condition: ReceivedLine['condition'] = 'sellable') => ({
  sku,
  quantity,
  condition,
})
let asked = 0
const ask = (returnable: Returnable, ...lines: ReturnType<typeof wish>[]): Return => {
  asked += 1
  return requestReturn(returnable, { lines }, { id: `return ${asked}`, now, days: 14 })
}
const approved = (returnable: Returnable, ...lines: ReturnType<typeof wish>[]) =>
  approve(returnable, ask(returnable, ...lines), now)
/** Asked for, approved and come. */
const back = (returns: readonly Return[], ...lines: ReturnType<typeof came>[]): Return[] => {
  const returnable = delivered(returns)
  const one = approved(returnable, ...lines.map(({ sku, quantity }) => wish(quantity, sku)))
  return [...returns, receive(returnable, one, { lines }, now)]
}
const faultsOf = (act: () => unknown): string[] => {
  try {
    act()
  } catch (error) {
    const { errors } = (error as { details: { errors?: { field: string; code: string }[] } }).details
    return (errors ?? []).map(({ field, code }) => `${field} ${code}`)
  }
  return []
}

describe('asking for a return', () => {
  test('is possible from the delivery on, until its days are over, and where the shop takes anything back', () => {
    const askOn = (deliveredAt: Date | null, at: Date, within: number) => () =>
      requestReturn({ ...delivered(), deliveredAt }, { lines: [wish(1)] }, { id: 'r', now: at, days: within }).status
    assert.equal(askOn(now, now, 14)(), 'requested')
    assert.equal(askOn(now, days(14), 14)(), 'requested')
    assert.throws(askOn(now, new Date(days(14).getTime() + 1), 14), { status: 409, code: 'return_period_over' })
    assert.throws(askOn(null, now, 14), { status: 409, code: 'not_returnable' })
    assert.throws(askOn(now, now, 0), { status: 409, code: 'not_returnable' })
  })

  test('takes SKUs in any case, and of one several lines with a reason each', () => {
    const one = requestReturn(
      delivered(),
      { lines: [wish(1, 'tea'), { ...wish(2, 'Tea'), reason: 'changed_mind' }], note: 'the lid' },
      { id: 'r', now, days: 14 },
    )
    assert.deepEqual(one.lines, [
      { sku: 'TEA', name: 'Tea', quantity: 1, reason: 'damaged' },
      { sku: 'TEA', name: 'Tea', quantity: 2, reason: 'changed_mind' },
    ])
    assert.deepEqual([one.note, one.refund, one.refunded], ['the lid', 60_000, null])
  })

  test('names every faulty line: what was not ordered, or more than was delivered, all lines together', () => {
    assert.deepEqual(
      faultsOf(() => ask(delivered(), wish(1, 'SALT'), wish(1), wish(1, 'OIL'))),
      ['lines[0].sku unknown_sku', 'lines[2].sku unknown_sku'],
    )
    assert.deepEqual(
      faultsOf(() => ask(delivered(), wish(2), wish(2), wish(2, 'RICE'))),
      ['lines[0].quantity maximum', 'lines[2].quantity maximum'],
    )
  })

  test('never for more than was delivered less what other returns hold', () => {
    const first = ask(delivered(), wish(2))
    assert.deepEqual(
      faultsOf(() => ask(delivered([first]), wish(2))),
      ['lines[0].quantity maximum'],
    )
    assert.equal(ask(delivered([first]), wish(1)).status, 'requested')
    const refusedOne = refuse(first, { reason: 'worn', seen: 'requested' }, now)
    assert.equal(ask(delivered([refusedOne]), wish(3)).refund, 60_000)
    // Two of three were approved and one has come: the other may be asked for again.
    const some = approved(delivered(), wish(2))
    const one = receive(delivered([some]), some, { lines: [came(1)] }, now)
    assert.deepEqual(
      stillReturnable(delivered([one])).map(({ sku, quantity }) => [sku, quantity]),
      [
        ['TEA', 2],
        ['RICE', 1],
      ],
    )
  })
})

describe('a return', () => {
  const one = ask(delivered(), wish(2))
  const decided = { status: 409 }

  test('is approved or refused, once', () => {
    const yes = approve(delivered([one]), one, now)
    const no = refuse(one, { reason: 'It was opened.', seen: 'requested' }, now)
    assert.deepEqual([yes.status, no.status, no.refusal, no.refund], ['approved', 'refused', 'It was opened.', 0])
    for (const again of [yes, no]) {
      assert.throws(() => approve(delivered([again]), again, now), { ...decided, code: 'not_requested' })
      assert.throws(() => refuse(again, { reason: 'x', seen: 'requested' }, now), { ...decided, code: 'not_requested' })
    }
    const never = refuse(yes, { reason: 'Nothing has come.', seen: 'approved' }, now)
    assert.equal(never.status, 'refused')
    assert.throws(() => refuse(one, { reason: 'x', seen: 'approved' }, now), { ...decided, code: 'not_approved' })
  })

  test('is withdrawn until it has come, once; then all of it can be asked for again', () => {
    for (const from of [one, approve(delivered([one]), one, now)]) {
      const kept = withdraw(from, now)
      assert.ok(kept && !isUnderWay(kept))
      assert.deepEqual([kept.status, kept.refund, kept.lines], ['withdrawn', 0, one.lines])
      assert.equal(withdraw(kept, now), null)
      assert.equal(ask(delivered([kept]), wish(3)).refund, 60_000)
      assert.throws(() => approve(delivered([kept]), kept, now), { ...decided, code: 'not_requested' })
      assert.throws(() => receive(delivered([kept]), kept, { lines: [came(1)] }, now), {
        ...decided,
        code: 'not_approved',
      })
    }
    const yes = approve(delivered([one]), one, now)
    const all = receive(delivered([yes]), yes, { lines: [came(2)] }, now)
    const no = refuse(one, { reason: 'worn', seen: 'requested' }, now)
    for (const over of [all, refunded(all, 40_000, now)!, no])
      assert.throws(() => withdraw(over, now), { ...decided, code: 'not_withdrawable' })
  })

  test('is received once it is approved: what is in it, and no more of it', () => {
    const yes = approve(delivered([one]), one, now)
    const take = (from: Return, ...lines: ReturnType<typeof came>[]) => receive(delivered([from]), from, { lines }, now)
    assert.throws(() => take(one, came(1)), { ...decided, code: 'not_approved' })
    assert.deepEqual(
      faultsOf(() => take(yes, came(1), came(2, 'TEA', 'damaged'))),
      ['lines[0].quantity maximum'],
    )
    assert.deepEqual(
      faultsOf(() => take(yes, came(1, 'RICE'))),
      ['lines[0].sku unknown_sku'],
    )
    const all = take(yes, came(1, 'tea'), came(1, 'TEA', 'damaged'))
    assert.deepEqual([all.status, all.refund], ['received', 40_000])
    assert.deepEqual(all.received, [came(1), came(1, 'TEA', 'damaged')])
    assert.throws(() => take(all, came(1)), { ...decided, code: 'not_approved' })
    assert.equal(take(yes, came(1)).refund, 20_000)
  })

  test('ends with its money, once; what cost nothing ends when it has come', () => {
    const yes = approve(delivered([one]), one, now)
    const all = receive(delivered([yes]), yes, { lines: [came(2)] }, now)
    assert.ok(isUnderWay(all))
    const end = refunded(all, 35_000, now)
    assert.deepEqual([end?.status, end?.refund, end?.refunded], ['refunded', 40_000, 35_000])
    assert.ok(end && !isUnderWay(end) && refunded(end, 40_000, now) === null)
    assert.equal(refunded(yes, 40_000, now), null)
    const free = delivered([], { lines: [{ sku: 'TEA', name: 'Tea', quantity: 3, unit_price: 0 }], subtotal: 0 })
    const gift = approved(free, wish(1))
    const done = receive(free, gift, { lines: [came(1)] }, now)
    assert.deepEqual([done.status, done.refund, done.refunded], ['refunded', 0, 0])
  })
})

describe('what goes back', () => {
  test('is what the pieces cost; with the last piece the delivery charge as well', () => {
    const first = back([], came(2), came(1, 'RICE'))
    assert.equal(first[0]?.refund, 41_000)
    assert.equal(back(first, came(1)).at(-1)?.refund, 20_000 + 25_000)
    assert.equal(back([], came(3), came(1, 'RICE'))[0]?.refund, 86_000)
  })

  test('has tax and discount in it, in proportion', () => {
    const dear = order({ tax: 6_100, total: 92_100 })
    assert.equal(refundFor(dear, [], [came(1)]), 22_000)
    const cheap = order({ discount: 30_500, total: 55_500 })
    assert.equal(refundFor(cheap, [], [came(1)]), 10_000)
    assert.equal(refundFor(cheap, [], [came(3), came(1, 'RICE')]), 55_500)
    const beyond = order({ discount: 80_000, total: 6_000 })
    assert.equal(refundFor(beyond, [], [came(3)]), 0)
    assert.equal(refundFor(beyond, [{ received: [came(3)] }], [came(1, 'RICE')]), 6_000)
  })

  test('in whatever parts, with whatever sums: never less than nothing, and all together exactly the total', () => {
    const amount = fc.integer({ min: 0, max: 1_000_000_000 })
    const line = fc.record({ quantity: fc.integer({ min: 1, max: 6 }), unit_price: amount })
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 4 }),
        amount,
        amount,
        amount,
        fc.infiniteStream(fc.nat(5)),
        (given, shipping, tax, off, dice) => {
          const lines = given.map((one, index) => ({ ...one, sku: `SKU-${index}`, name: 'x' }))
          const subtotal = lines.reduce((sum, { quantity, unit_price }) => sum + quantity * unit_price, 0)
          const discount = Math.min(off, subtotal + shipping + tax)
          const one = order({ lines, subtotal, shipping, tax, discount, total: subtotal + shipping + tax - discount })
          const left = lines.flatMap(({ sku, quantity }) => Array.from({ length: quantity }, () => sku))
          const returns: { received: { sku: string; quantity: number }[] }[] = []
          let sum = 0
          while (left.length > 0) {
            const taken = left.splice(0, 1 + (dice.next().value ?? 0)).map((sku) => ({ sku, quantity: 1 }))
            const refund = refundFor(one, returns, taken)
            assert.ok(Number.isSafeInteger(refund) && refund >= 0)
            returns.push({ received: taken })
            sum += refund
            if (left.length > 0) assert.ok(sum <= Math.max(0, one.total - shipping))
          }
          assert.equal(sum, one.total)
        },
      ),
    )
  })
})
