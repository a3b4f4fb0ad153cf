import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { newShopper, type Shopper, someAddress } from '@mart/demo/shopper'
import { eventually } from '@mart/service-kit/eventually'
import { type MartUnderTest, startMartUnderTest } from './mart-under-test.ts'
import { type Paying, pay, payingAt, providers } from './paying.ts'

const ORDERS = 60

interface Line {
  readonly service: string
  readonly message: string
  readonly order_id?: string
  readonly trace_id?: string
  readonly span_id?: string
  readonly parent_span_id?: string
}

describe('an order can be followed', () => {
  let under: MartUnderTest
  let paying: Paying
  let tea: string
  const buyers: Shopper[] = []
  before(async () => {
    under = await startMartUnderTest({ env: { LOG_LEVEL: 'info' } })
    tea = await under.stock(500)
    paying = payingAt(under, tea)
  })
  after(async () => {
    await paying.close()
    await under.stop()
  })

  const logs = (): string => {
    const folder = join(under.settings.dataDir, 'logs')
    return readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n')
  }
  const lines = (): Line[] =>
    logs()
      .split('\n')
      .flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line) as Line] : []))
  const said = ({ service, message }: Line) => `${service}: ${message}`
  /** Waits until the log has these steps in the trace of the order's placing, and no step whose cause is missing. */
  const wholeTrace = async (orderId: string, steps: readonly string[]): Promise<Line[]> => {
    let trace: Line[] = []
    const missing = () => steps.filter((step) => !trace.map(said).includes(step))
    await eventually(async () => {
      const all = lines()
      const placing = all.find(({ message, order_id }) => message === 'POST /orders 201' && order_id === orderId)
      trace = all.filter(({ trace_id }) => trace_id !== undefined && trace_id === placing?.trace_id)
      return missing().length === 0
    }, `the trace of ${orderId} is whole`).catch((error) => {
      throw new Error(`missing: ${missing().join(', ')} among ${trace.map(said).join(', ')}`, { cause: error })
    })
    const spans = new Set(trace.map(({ span_id }) => span_id))
    const orphans = trace.filter(({ parent_span_id }) => parent_span_id !== undefined && !spans.has(parent_span_id))
    assert.deepEqual(orphans.map(said), [], 'each step has its cause in the trace')
    const others = trace.filter(({ order_id }) => order_id !== undefined && order_id !== orderId)
    assert.deepEqual(others.map(said), [], 'no other order is in the trace')
    return trace
  }

  test(`of ${ORDERS} orders at once, each has its own whole trace over the services`, async () => {
    while (buyers.length < ORDERS)
      buyers.push(...(await Promise.all(Array.from({ length: 10 }, () => newShopper(under.mart.addresses)))))
    const placed = await Promise.all(
      buyers.map((buyer) =>
        buyer.order({ lines: [{ sku: tea, quantity: 1 }], payment_method: 'cash_on_delivery' }, crypto.randomUUID()),
      ),
    )
    assert.ok(placed.every(({ status }) => status === 201))
    const traces = new Set<string | undefined>()
    for (const { body } of placed) {
      const trace = await wholeTrace(body.id, [
        'order: POST /orders 201',
        'inventory: consumed order.placed',
        'order: consumed stock.reserved',
        'payment: consumed order.confirmed',
        'notification: consumed order.placed',
        'notification: consumed order.confirmed',
        'notification: mailed order_received',
        'notification: mailed order_confirmed',
      ])
      traces.add(trace[0]?.trace_id)
    }
    assert.equal(traces.size, ORDERS)
  })

  for (const method of providers) {
    test(`what ${method} is asked and tells belongs to the order’s trace, and so do the mails`, async () => {
      const bought = await paying.place(method)
      buyers.push(bought.buyer)
      await pay(method, await paying.linkOf(bought))
      await bought.buyer.waitFor(bought.id, ['confirmed'])
      const trace = await wholeTrace(bought.id, [
        'order: POST /orders 201',
        'payment: consumed order.payment_due',
        `payment: ${method}: open was answered opened`,
        'notification: mailed payment_link',
        ...(method === 'stripe' ? [] : ['payment: payfast: poll was answered paid']),
        'order: consumed payment.succeeded',
        'notification: mailed order_confirmed',
      ])
      const told = trace.filter(({ message }) => message.startsWith(`${method} told`))
      assert.ok(told.length > 0, 'the provider’s webhook is in the trace')
    })
  }

  test('a refund, which has a trace of its own, names the order, and its call goes on with the attempt’s trace', async () => {
    const bought = await paying.place('stripe')
    buyers.push(bought.buyer)
    await pay('stripe', await paying.linkOf(bought))
    await bought.buyer.waitFor(bought.id, ['confirmed'])
    assert.equal((await paying.refund(bought.id)).status, 201)
    await wholeTrace(bought.id, ['payment: stripe: refund was answered succeeded', 'order: consumed payment.refunded'])
    const asked = lines().filter(({ message }) => message === 'POST /payments/:id/refunds 201')
    assert.deepEqual(
      asked.map(({ order_id }) => order_id),
      [bought.id],
    )
  })

  test('no line of any log says who the buyers are', () => {
    const text = logs()
    const { name, line1, phone } = someAddress
    const secrets = [name, ...name.split(' '), line1, phone, phone.replaceAll(' ', ''), '300 1234567']
    for (const secret of [...secrets, ...buyers.map(({ email }) => email)]) assert.ok(!text.includes(secret), secret)
  })
})
