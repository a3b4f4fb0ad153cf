import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { collectCash, expectCash, handInCash, owedBy } from '../src/cash/cash.ts'
import { emptyRecord, minutes, moments, TOTAL } from './telling.ts'

describe('cash', () => {
  const moment = moments()()
  const expected = () => expectCash(emptyRecord('cash_on_delivery'), moment)
  const taken = (amount: number) =>
    collectCash(expected(), { collected: { ...TOTAL, amount }, carrier: 'TCS', deliveredAt: minutes(5) }, moment)

  test('is due once its order is confirmed, and nobody is told what order has told', () => {
    const { payment, events, postings, calls } = expected()
    assert.equal(payment.status, 'due_on_delivery')
    assert.deepEqual([events, postings, calls], [[], [], []])
  })

  test('of an order that is over is never due', () => {
    const order_void = { if_paid: 'refund', answered: true } as const
    const { payment, events } = expectCash({ ...emptyRecord('cash_on_delivery'), order_void }, moment)
    assert.equal(payment.status, 'voided')
    assert.deepEqual(events, [])
  })

  test('that was taken is owed until it is handed in, all of it at once', () => {
    const records = [taken(150_000), taken(0), handInCash(taken(150_000), 'staff', moment)]
    assert.deepEqual(owedBy(records, TOTAL), [records[0]])
    assert.throws(() => owedBy(records, { ...TOTAL, amount: 1 }), { code: 'cash_differs', status: 409 })
    assert.throws(() => owedBy(records.slice(1), TOTAL), { code: 'nothing_owed', status: 409 })
  })
})
