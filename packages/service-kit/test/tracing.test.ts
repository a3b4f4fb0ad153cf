import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineEvent, type Topic } from '@mart/contracts/events/define-event'
import { inBatches } from '@mart/service-kit/batches'
import { consumeRecords } from '@mart/service-kit/consumer'
import type { LogRecord } from '@mart/service-kit/event-log'
import { handlerTable, on, onBatch } from '@mart/service-kit/handlers'
import { createApp } from '@mart/service-kit/http-server'
import { createLogger, logContext } from '@mart/service-kit/logger'
import { createMetrics } from '@mart/service-kit/metrics'
import { kitMigrations, migrate } from '@mart/service-kit/migrate'
import { addToOutbox, toOutboxEvent } from '@mart/service-kit/outbox'
import { connectDatabase, type Database, inTransaction } from '@mart/service-kit/postgres'
import { createTestDatabase, eventually, recordOf } from '@mart/service-kit/testing'
import { contextOf, idsOnly, startSpan, traceparentFor } from '@mart/service-kit/tracing'
import { startWorker } from '@mart/service-kit/workers'
import { Type } from 'typebox'

const topic: Topic = { name: 'mart.tests', producer: 'test', retention: 'days' }
const data = Type.Object({ order_id: Type.String() })
const Asked = defineEvent({ type: 'test.asked', version: 1, topic, key: 'order_id', data })
const AskedAlone = defineEvent({ type: 'test.asked_alone', version: 1, topic, key: 'order_id', data })
const Answered = defineEvent({ type: 'test.answered', version: 1, topic, key: 'order_id', data })

interface Line {
  readonly message: string
  readonly trace_id?: string
  readonly span_id?: string
  readonly parent_span_id?: string
  readonly order_id?: string
  readonly [field: string]: unknown
}

const traceOf = (traceparent: string) => traceparent.split('-')[1]
const spanOf = (traceparent: string) => traceparent.split('-')[2]
const someTrace = () => startSpan(idsOnly, { name: 'test' }).traceparent

describe('what belongs together', () => {
  let db: Database
  let drop: () => Promise<void>
  const lines: Line[] = []
  const logger = createLogger('test', 'debug', { write: (line: string) => void lines.push(JSON.parse(line)) })
  let offset = 0

  before(async () => {
    const database = await createTestDatabase()
    drop = database.drop
    db = connectDatabase(database.url, { max: 4, applicationName: 'test' })
    await migrate(db, 'service-kit', kitMigrations)
  })
  beforeEach(async () => {
    lines.length = 0
    await db`truncate outbox, inbox, parked, blocked_keys`
  })
  after(async () => {
    await db.end()
    await drop()
  })

  const answer = (tx: Parameters<typeof addToOutbox>[0], orders: readonly string[]) =>
    addToOutbox(tx, Answered, ...orders.map((order_id) => ({ order_id })))
  const table = handlerTable(
    [
      onBatch(Asked, async (tx, events) => {
        await answer(
          tx,
          events.map(({ data }) => data.order_id),
        )
      }),
      on(AskedAlone, async (tx, event) => {
        if (event.data.order_id === 'poison') throw new Error('poison')
        logger.info('answering')
        await answer(tx, [event.data.order_id])
      }),
    ],
    [Asked, AskedAlone, Answered],
  )
  const record = (event: typeof Asked, order_id: string, traceparent: string): LogRecord => {
    const { key, value, headers } = recordOf(event, { order_id })
    return { topic: topic.name, partition: 0, offset: offset++, key, value, headers: { ...headers, traceparent } }
  }
  const consume = (...records: LogRecord[]) =>
    consumeRecords({ db, table, logger, waitsBeforeParkingMs: [1] }, records, new AbortController().signal)
  const published = async () => {
    const rows = await db<{ key: string; headers: string }[]>`select key, headers from outbox`
    return new Map(rows.map(({ key, headers }) => [key, JSON.parse(headers).traceparent as string]))
  }

  for (const event of [Asked, AskedAlone]) {
    test(`events ${event.type} that come together are consumed and answered each in its own trace`, async () => {
      const traces = new Map(['a', 'b', 'c'].map((order) => [order, someTrace()]))
      await consume(...[...traces].map(([order, traceparent]) => record(event, order, traceparent)))
      const answers = await published()
      for (const [order, traceparent] of traces) {
        const line = lines.find(({ message, order_id }) => message === `consumed ${event.type}` && order_id === order)
        assert.ok(line, `a line says that the event of ${order} was consumed`)
        assert.deepEqual([line.trace_id, line.parent_span_id], [traceOf(traceparent), spanOf(traceparent)])
        assert.deepEqual([line['event_type'], typeof line['event_id']], [event.type, 'string'])
        assert.ok(Number.isInteger(line['ms']) && Number.isInteger(line['waited_ms']))
        assert.deepEqual(
          [traceOf(answers.get(order)!), spanOf(answers.get(order)!)],
          [line.trace_id, line.span_id],
          `the answer to ${order} goes on where its question was consumed`,
        )
      }
    })
  }

  test('lines of events that are handled one by one carry each their own ids', async () => {
    const traces = new Map(['a', 'b'].map((order) => [order, someTrace()]))
    await consume(...[...traces].map(([order, traceparent]) => record(AskedAlone, order, traceparent)))
    const answering = lines.filter(({ message }) => message === 'answering')
    assert.deepEqual(
      answering.map(({ order_id, trace_id }) => [order_id, trace_id]),
      [...traces].map(([order, traceparent]) => [order, traceOf(traceparent)]),
    )
  })

  test('each try that fails, and the parking, is a line in the trace of its event; nothing says that it was consumed', async () => {
    const traceparent = someTrace()
    await consume(record(AskedAlone, 'poison', traceparent))
    const about = lines.filter(({ order_id }) => order_id === 'poison')
    assert.deepEqual(
      about.map(({ message }) => message),
      ['test.asked_alone failed, it is tried again', 'parked test.asked_alone: it keeps failing'],
    )
    for (const { trace_id, parent_span_id } of about)
      assert.deepEqual([trace_id, parent_span_id], [traceOf(traceparent), spanOf(traceparent)])
  })

  test('what is done together for several is in the trace of none of them, for one in its own', async () => {
    const seen: (string | undefined)[][] = []
    const say = inBatches<string, void>({
      run: async (items) => {
        await sleep(5)
        seen.push(items.map((item) => traceOf(traceparentFor(item))))
        logger.info({ items: items.length }, 'done together')
        return items.map(() => undefined)
      },
      mostItems: 10,
      mostAtOnce: 1,
      mostWaiting: 100,
    })
    const spans = Array.from({ length: 4 }, () => startSpan(idsOnly, { name: 'test' }))
    await Promise.all(spans.map((span, n) => logContext.run(contextOf(span), () => say(`item ${n}`))))
    const [alone, together = []] = seen
    assert.deepEqual(alone, [spans[0]!.ids.trace_id])
    assert.equal(together.length, 3)
    assert.ok(together.every((trace) => !spans.some(({ ids }) => ids.trace_id === trace)))
    assert.equal(new Set(together).size, 3)
    assert.deepEqual(
      lines.map(({ trace_id }) => trace_id),
      [spans[0]!.ids.trace_id, undefined],
    )
  })

  test('timed work begins a trace for each key that it publishes of, and a line for each order', async () => {
    let runs = 0
    const work = {
      name: 'test clock',
      everyMs: 60_000,
      run: async () => {
        runs += 1
        await inTransaction(db, (tx) => answer(tx, ['a', 'b']))
      },
    }
    const worker = startWorker(work, logger)
    await eventually(async () => lines.length === 2, 'the work is done')
    await worker.stop()
    const answers = await published()
    assert.deepEqual([runs, new Set([...answers.values()].map(traceOf)).size], [1, 2])
    for (const { message, order_id, trace_id, span_id } of lines) {
      assert.equal(message, 'timed work: test clock')
      assert.equal(answers.get(order_id!), `00-${trace_id}-${span_id}-00`)
    }
  })

  test('a request that changes something is a line of its trace, with the ids that were found on its way', async () => {
    const app = await createApp({
      name: 'test',
      description: 'test',
      logger,
      metrics: createMetrics('test'),
      jwksUrl: 'http://127.0.0.1:1',
      rateLimitPerMinute: null,
    })
    let event = ''
    app.post('/orders', { schema: { response: { 201: Type.Object({}) } } }, async (_, reply) => {
      Object.assign(logContext.getStore()!, { order_id: 'a', order_number: 'M-1' })
      logger.info({ of_this_line: true }, 'placing')
      event = JSON.parse(toOutboxEvent(Answered, { order_id: 'a' }).headers).traceparent
      return reply.code(201).send({})
    })
    app.get('/orders', { schema: { response: { 200: Type.Object({}) } } }, async () => ({}))
    const traceparent = someTrace().replace(/00$/, '01')
    assert.equal((await app.inject({ method: 'POST', url: '/orders?x=1', headers: { traceparent } })).statusCode, 201)
    assert.equal((await app.inject({ method: 'GET', url: '/orders' })).statusCode, 200)
    await app.close()
    const [placing, answered, read] = lines
    assert.deepEqual([answered?.message, answered?.['level']], ['POST /orders 201', 'info'])
    assert.deepEqual([answered?.order_id, answered?.['order_number'], answered?.['url']], ['a', 'M-1', '/orders'])
    assert.deepEqual([answered?.trace_id, answered?.parent_span_id], [traceOf(traceparent), spanOf(traceparent)])
    assert.equal(event, `00-${answered?.trace_id}-${answered?.span_id}-01`)
    assert.equal(placing?.span_id, answered?.span_id)
    assert.equal(answered?.['of_this_line'], undefined, 'a line’s own fields are on no later one')
    assert.deepEqual([read?.message, read?.['level']], ['GET /orders 200', 'debug'])
  })

  test('a path that lets in whoever knows it is in no line, also when it is refused', async () => {
    const app = await createApp({
      name: 'test',
      description: 'test',
      logger,
      metrics: createMetrics('test'),
      jwksUrl: 'http://127.0.0.1:1',
      rateLimitPerMinute: null,
    })
    app.put('/carts/:id', { config: { hasSecretPath: true } }, async () => ({}))
    app.put('/open/:id', async () => ({}))
    for (const path of ['carts', 'open'])
      for (const headers of [{}, { 'content-type': 'text/html' }])
        await app.inject({ method: 'PUT', url: `/${path}/secret?x=1`, headers, payload: 'x' })
    await app.close()
    assert.deepEqual(
      lines.map(({ url }) => url),
      ['/carts/:id', '/carts/:id', '/open/secret', '/open/secret'],
    )
  })

  test('a row that PostgreSQL refuses is repeated in no line', async () => {
    await db`create table if not exists people (email text primary key)`
    await db`insert into people values ('sana@example.com') on conflict do nothing`
    await db`insert into people values ('sana@example.com')`.catch((err) => logger.error({ err }, 'refused'))
    assert.equal(lines.length, 1)
    assert.doesNotMatch(JSON.stringify(lines), /sana@example/)
  })
})
