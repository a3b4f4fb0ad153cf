import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrderConfirmed } from '@mart/contracts/events/order-events'
import { eventually, startTestService } from '@mart/service-kit/testing'
import { failNextWrite, readMetric } from '@mart/service-kit/testing-metrics'
import { notification } from '../src/main.ts'
import { smtpError, startMailBox } from './mail-box.ts'
import { anOrder, confirmed } from './samples.ts'

test('mails are counted by what the mail server said, and the one that is due longest is told', async (t) => {
  const box = await startMailBox()
  t.after(box.stop)
  const mart = await startTestService(notification, { SMTP_URL: box.url, MAIL_RETRY_BASE_MS: '60000' })
  t.after(mart.stop)
  const { db } = mart.service
  const count = (outcome: string) => readMetric(mart, 'mails_total', { outcome })
  const becomes = (outcome: string, wanted: number) =>
    eventually(async () => (await count(outcome)) === wanted, `${wanted} mails were ${outcome}`)
  const queue = async () => {
    const order = anOrder()
    await mart.consume(OrderConfirmed, confirmed(order))
    return order
  }
  assert.deepEqual([await count('sent'), await count('refused'), await count('failed')], [0, 0, 0])
  assert.equal(await readMetric(mart, 'mails_oldest_due_seconds'), 0)

  await queue()
  await becomes('sent', 1)
  box.refuse = (step) => (step === 'recipient' ? smtpError(550, 'no such user') : null)
  await queue()
  await becomes('refused', 1)
  box.refuse = () => smtpError(451, 'later')
  await queue()
  await becomes('failed', 1)

  // Nobody may take it now: it is due, and waits.
  await db`
    update messages set due_at = now() - interval '10 minutes', sending_until = now() + interval '1 hour'
    where status = 'pending'`
  const oldest = await readMetric(mart, 'mails_oldest_due_seconds')
  assert.ok(oldest >= 600 && oldest < 700, `${oldest}`)

  // The mail was handed over, and that could not be written down at first.
  box.refuse = () => null
  const failure = await failNextWrite(db, 'outbox')
  const order = await queue()
  await becomes('sent', 2)
  assert.ok(await failure.hasFailed())
  assert.equal(box.to(order.contact.email).length, 1)
  assert.deepEqual([await count('sent'), await count('refused'), await count('failed')], [2, 1, 1])
})
