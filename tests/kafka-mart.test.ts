import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startMart } from '@mart/local/mart'
import { findRunningMart } from '@mart/local/mart-file'
import { startMark } from '@mart/local/processes'
import { readSettings } from '@mart/local/settings'
import { readStartArguments } from '@mart/local/start-arguments'
import type { MartEvent } from '@mart/local/steps'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import { checkBooks } from '@mart/tools/books/check-books'

test('a mart with --kafka speaks over its own broker, which outlives the services, comes back, and is found by the books', async (t) => {
  const dataDir = `${temporaryFolder()}/data`
  const settings = readSettings({
    ...readStartArguments(['--kafka']).settings,
    MART_DATA_DIR: dataDir,
    MART_PORT_OFFSET: String(21_000 + (process.pid % 50) * 40),
    MART_CATALOGUE: 'empty',
  })
  const events: MartEvent[] = []
  const mart = await startMart({ settings, report: (event) => events.push(event) })
  t.after(mart.stop)
  const broker = mart.kafka!.brokers[0]!
  assert.equal(mart.eventLogUrl, `kafka://127.0.0.1:${9_092 + settings.portOffset}`)
  assert.equal(findRunningMart(dataDir)?.eventLogUrl, mart.eventLogUrl)

  await broker.kill('SIGKILL')
  const isBack = () => events.some((event) => event.kind === 'line' && event.text === 'Kafka is up again')
  for (let waitedMs = 0; !isBack() && waitedMs < 30_000; waitedMs += 50) await sleep(50)
  assert.ok(isBack())
  const books = await checkBooks(mart)
  assert.deepEqual([books.hold, books.moving], [true, []])

  const { pid } = broker
  await mart.stop()
  assert.equal(startMark(pid), undefined)
  const stopped = events.flatMap((event) => (event.kind === 'stopped' ? [event.step] : []))
  assert.ok(stopped.indexOf('Kafka') > Math.max(...['order', 'payment', 'user'].map((name) => stopped.indexOf(name))))
})
