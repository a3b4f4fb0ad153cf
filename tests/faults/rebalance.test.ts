import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type KafkaServer, startThrowAwayKafka } from '@mart/local/kafka-server'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import type { EventLog, LogRecord } from '@mart/service-kit/event-log'
import { eventually } from '@mart/service-kit/eventually'
import { createLogger } from '@mart/service-kit/logger'

const KEYS = 30
const group = 'hearers'
const topic = 'mart.rebalanced'

let kafka: KafkaServer
before(async () => {
  kafka = await startThrowAwayKafka()
})
after(() => kafka.stop())

const connect = (clientName: string): Promise<EventLog> =>
  connectEventLog(kafka.url, { clientName, logger: createLogger('test', 'silent') })

test('the events of a key keep their order while members join and leave, and none is missing', async (t) => {
  const speaker = await connect('speaker')
  t.after(speaker.close)
  await speaker.prepareTopics([{ name: topic, retentionDays: null }])

  const heard = new Map<string, number[]>()
  let deliveries = 0
  const onRecords = async (records: readonly LogRecord[], signal: AbortSignal) => {
    await sleep(150)
    // As the inbox does: a batch of a member that has lost its partitions leaves nothing behind.
    if (signal.aborted) throw signal.reason
    deliveries += records.length
    for (const { key, value } of records) {
      const seen = heard.get(key!) ?? []
      if (!seen.includes(Number(value))) heard.set(key!, [...seen, Number(value)])
    }
  }
  const join = async (name: string) => {
    const log = await connect(name)
    let batches = 0
    const { stop } = log.consume({
      group,
      topics: [topic],
      onRecords: (records, signal) => {
        batches += 1
        return onRecords(records, signal)
      },
    })
    return { stop, vanish: log.close, hears: () => eventually(async () => batches > 1, `${name} hears`) }
  }

  let rounds = 0
  let isSpeaking = true
  const speaking = (async () => {
    for (; isSpeaking; rounds += 1) {
      const value = String(rounds)
      await speaker.append(
        topic,
        Array.from({ length: KEYS }, (_, key) => ({ key: `order-${key}`, value, headers: '{}' })),
      )
      await sleep(50)
    }
  })()
  const stayer = await join('stayer')
  t.after(stayer.vanish)
  for (let n = 0; n < 5; n += 1) {
    const guest = await join(`guest-${n}`)
    await guest.hears()
    if (n % 2 === 0) await guest.stop()
    await guest.vanish()
  }
  isSpeaking = false
  await speaking
  await eventually(
    async () => (await speaker.lag(group, [topic])).every(({ lag }) => lag === 0),
    'everything is heard',
    60_000,
  )

  const wanted = Array.from({ length: rounds }, (_, n) => n)
  for (let key = 0; key < KEYS; key += 1) assert.deepEqual(heard.get(`order-${key}`), wanted, `order-${key}`)
  t.diagnostic(`said: ${KEYS * rounds}, delivered: ${deliveries}`)
})
