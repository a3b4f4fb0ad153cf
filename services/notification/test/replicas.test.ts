import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrderPlaced } from '@mart/contracts/events/order-events'
import { eventually, startTestService } from '@mart/service-kit/testing'
import { notification } from '../src/main.ts'
import { startMailBox } from './mail-box.ts'
import { anOrder, placed } from './samples.ts'

test('two replicas of the notification service send each mail once', async (t) => {
  const box = await startMailBox()
  const mart = await startTestService(notification, { SMTP_URL: box.url, MAILS_PER_SECOND: '1000' })
  t.after(async () => {
    await mart.stop()
    await box.stop()
  })
  const other = await mart.startReplica()
  const orders = Array.from({ length: 300 }, () => anOrder())
  await mart.consume(OrderPlaced, ...orders.map(placed))
  const waiting = () => mart.service.db`select from messages where status = 'pending'`
  await eventually(async () => (await waiting()).length === 0, 'all mails are sent')
  const counts = orders.map(({ contact }) => box.to(contact.email).length)
  assert.deepEqual([...new Set(counts)], [1])
  const sentBy = async ({ http }: Pick<typeof other, 'http'>) => {
    const { body } = await http('GET', '/metrics')
    return Number(/^mails_total\{[^}]*outcome="sent"[^}]*\} (\d+)$/m.exec(body as string)?.[1])
  }
  const sums = [await sentBy(mart), await sentBy(other)]
  assert.ok(
    sums.every((sum) => sum > 0),
    `both took part: ${sums}`,
  )
  assert.equal(sums[0]! + sums[1]!, 300)
})
