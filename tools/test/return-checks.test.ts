import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditedReturn, AuditRecords } from '../src/books/audit-records.ts'
import { returnChecks } from '../src/books/return-checks.ts'

const order = {
  ...{ id: 'order', status: 'delivered', payment_method: 'stripe', subtotal: 300, shipping: 50, total: 350 },
  ...{ currency: 'PKR', refunding: false, was_reserved: true, lines: [{ sku: 'TEA', quantity: 3, unit_price: 100 }] },
}
const payment = {
  ...{ order_id: 'order', method: 'stripe', status: 'succeeded', amount: 350, currency: 'PKR', refunded: 200 },
  ...{ collected: null, successes: 1, to_refund: 200 },
}
const came = (quantity: number, condition = 'sellable') => ({ sku: 'TEA', quantity, condition })
const aReturn = (change: Partial<AuditedReturn> = {}): AuditedReturn => ({
  ...{ id: 'r1', order_id: 'order', status: 'refunded', received: [came(1), came(1, 'damaged')] },
  ...{ refund: 200, refunded: 200, ...change },
})

const withdrawn = aReturn({ status: 'withdrawn', received: [], refund: 0, refunded: null })

interface Change {
  readonly returns?: AuditedReturn[]
  readonly status?: string
  readonly refunds?: [string, number][]
  readonly stock?: number
  readonly toRefund?: number
  readonly requested?: number
  readonly withdrawn?: number
}

/** How many faults each check finds in books that hold but for this change. */
async function faultsOf(change: Change): Promise<number[]> {
  const { returns = [aReturn()], status = 'delivered', refunds = [['r1', 200]], stock = 1, toRefund = 200 } = change
  const records: AuditRecords = {
    orders: new Map([['order', { ...order, status }]]),
    reservations: new Map(),
    payments: new Map([['order', { ...payment, to_refund: toRefund }]]),
    returns: new Map([['order', returns]]),
    refundsOfReturns: new Map(refunds),
    takenBack: new Map([['r1 TEA', stock]]),
    messages: new Map([
      ['order return_requested', change.requested ?? returns.length],
      ['order return_received', returns.length],
      ['order return_withdrawn', change.withdrawn ?? returns.length],
    ]),
  }
  return await Promise.all(returnChecks.map(async ({ check }) => (await check({} as never, records)).length))
}

const books: [string, Change, number[]][] = [
  ['hold', {}, [0, 0, 0, 0]],
  ['hold while the refund is under way', { returns: [aReturn({ status: 'received', refunded: null })] }, [0, 0, 0, 0]],
  [
    'do not hold when more came back than was delivered',
    { returns: [aReturn({ received: [came(4)], refund: 350, refunded: 350 })], refunds: [['r1', 350]], stock: 4 },
    [1, 0, 0, 0],
  ],
  ['do not hold when something of an order that is no more delivered came back', { status: 'shipped' }, [1, 0, 0, 0]],
  ['do not hold when damaged goods are sold again', { stock: 2 }, [0, 1, 0, 0]],
  ['do not hold when stock never heard of it', { stock: 0 }, [0, 1, 0, 0]],
  [
    'do not hold when another sum is owed than what came cost',
    { returns: [aReturn({ refund: 250, refunded: 250 })], refunds: [['r1', 250]] },
    [0, 0, 1, 0],
  ],
  ['do not hold when more is refunded than is owed', { refunds: [['r1', 201]] }, [0, 0, 1, 0]],
  [
    'do not hold when less is refunded',
    { returns: [aReturn({ refunded: 199 })], refunds: [['r1', 199]] },
    [0, 0, 1, 0],
  ],
  [
    'hold when less is refunded since nothing more was left',
    { returns: [aReturn({ refunded: 150 })], refunds: [['r1', 150]], toRefund: 350 },
    [0, 0, 0, 0],
  ],
  ['do not hold when the order says another sum than payment', { returns: [aReturn({ refunded: 100 })] }, [0, 0, 1, 0]],
  ['hold when one is withdrawn', { returns: [withdrawn], refunds: [], stock: 0, toRefund: 0 }, [0, 0, 0, 0]],
  [
    'do not hold when nobody was told that one is withdrawn',
    { returns: [withdrawn], refunds: [], stock: 0, toRefund: 0, withdrawn: 0 },
    [0, 0, 0, 1],
  ],
  ['do not hold when a return was told to nobody', { requested: 0 }, [0, 0, 0, 1]],
]

for (const [what, change, faults] of books)
  test(`the books of returns ${what}`, async () => assert.deepEqual(await faultsOf(change), faults))
