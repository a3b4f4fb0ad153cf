import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { readConfig } from '@mart/service-kit/config'
import { createApp } from '@mart/service-kit/http-server'
import { createLogger } from '@mart/service-kit/logger'
import { createMetrics } from '@mart/service-kit/metrics'
import { eventually } from '@mart/service-kit/testing'
import { exportTraces } from '@mart/service-kit/trace-export'
import { traceProblems, traceSettings, tracesUrl } from '@mart/service-kit/trace-settings'
import { Type } from 'typebox'

const readTraceSettings = (env: Record<string, string>) => readConfig(Type.Object(traceSettings), env, [traceProblems])

interface Taken {
  readonly path: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** A collector, by what it does with a request once it has read it. */
async function startCollector(answer: (response: ServerResponse) => void) {
  const taken: Taken[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    taken.push({ path: request.url, headers: request.headers, body: Buffer.concat(chunks) })
    answer(response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    spans: (name: string) => taken.reduce((sum, { body }) => sum + body.toString('latin1').split(name).length - 1, 0),
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A door whose spans go to `url`. */
async function startDoor(env: Record<string, string>) {
  const lines: { message: string; level: string; trace_id: string }[] = []
  const logger = createLogger('tea', 'info', { write: (line: string) => void lines.push(JSON.parse(line)) })
  const settings = readTraceSettings({ OTEL_BSP_SCHEDULE_DELAY: '20', ...env })
  const counted: Record<string, number> = {}
  const count = (outcome: string, spans: number) => {
    counted[outcome] = (counted[outcome] ?? 0) + spans
  }
  const { tracer, stop } = exportTraces(tracesUrl(settings)!, { name: 'tea', settings, logger, count })
  const app = await createApp({
    name: 'tea',
    description: 'test',
    logger,
    metrics: createMetrics('tea'),
    tracer,
    jwksUrl: 'http://127.0.0.1:1',
    rateLimitPerMinute: null,
  })
  app.post('/cups', { schema: { response: { 201: Type.Object({}) } } }, async (_, reply) => reply.code(201).send({}))
  app.get('/cups', { schema: { response: { 200: Type.Object({}) } } }, async () => ({}))
  return {
    lines,
    counted,
    pour: async (traceparent?: string) =>
      (await app.inject({ method: 'POST', url: '/cups', headers: traceparent ? { traceparent } : {} })).statusCode,
    look: async () => (await app.inject({ method: 'GET', url: '/cups' })).statusCode,
    async stop() {
      await app.close()
      await stop()
    },
  }
}

describe('traces that are sent', () => {
  const endings: (() => Promise<void>)[] = []
  const added: string[] = []
  const setForSdk = (name: string, value: string) => {
    process.env[name] = value
    added.push(name)
  }
  afterEach(async () => {
    for (const end of endings.splice(0)) await end()
    for (const name of added.splice(0)) delete process.env[name]
  })
  const start = async (answer: (response: ServerResponse) => void, env: Record<string, string> = {}) => {
    const collector = await startCollector(answer)
    const door = await startDoor({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env })
    endings.push(door.stop, collector.stop)
    return { collector, door }
  }
  const takes = (response: ServerResponse) => response.end()

  test('go by OTLP, under the service’s name, with the headers that OTEL_* say and the trace of the log line', async () => {
    setForSdk('OTEL_EXPORTER_OTLP_HEADERS', 'x-tenant=mart')
    setForSdk('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=kitchen')
    const { collector, door } = await start(takes)
    assert.deepEqual([await door.look(), await door.pour()], [200, 201])
    await eventually(async () => collector.taken.length > 0, 'the collector has it')
    const [{ path, headers, body }] = collector.taken as [Taken]
    assert.deepEqual(
      [path, headers['content-type'], headers['x-tenant']],
      ['/v1/traces', 'application/x-protobuf', 'mart'],
    )
    for (const text of ['tea', 'kitchen', 'POST /cups', 'http.route']) assert.ok(body.includes(text), text)
    assert.ok(!body.includes('GET /cups'), 'a request that only reads has no span')
    const poured = door.lines.find(({ message }) => message === 'POST /cups 201')
    assert.ok(body.includes(Buffer.from(poured!.trace_id, 'hex')))
  })

  test('go under the name that OTEL_SERVICE_NAME says', async () => {
    setForSdk('OTEL_SERVICE_NAME', 'coffee')
    const { collector, door } = await start(takes)
    await door.pour()
    await eventually(async () => collector.taken.length > 0, 'the collector has it')
    assert.ok(collector.taken[0]!.body.includes('coffee'))
  })

  test('are those that the sampler chooses: of a caller’s trace the caller has chosen', async () => {
    const { collector, door } = await start(takes, {
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
    })
    const ids = '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331'
    for (const traceparent of [undefined, `00-${ids}-00`, `00-${ids}-01`]) await door.pour(traceparent)
    await eventually(async () => collector.taken.length > 0, 'the collector has one')
    await door.stop()
    assert.equal(collector.spans('POST /cups'), 1)
  })

  test('to a collector that is away cost nothing but themselves, and a line', async () => {
    setForSdk('OTEL_EXPORTER_OTLP_TIMEOUT', '100')
    const { url, stop } = await startCollector(takes)
    await stop()
    const away = await startDoor({ OTEL_EXPORTER_OTLP_ENDPOINT: url })
    endings.push(away.stop)
    for (let n = 0; n < 50; n++) assert.equal(await away.pour(), 201)
    const warnings = () => away.lines.filter(({ level }) => level === 'warn' || level === 'error')
    await eventually(async () => warnings().length > 0, 'a line says so')
    for (let n = 0; n < 50; n++) assert.equal(await away.pour(), 201)
    assert.deepEqual(
      warnings().map(({ message }) => message),
      ['spans were not taken'],
    )
    await eventually(async () => away.counted['not_taken'] === 100, 'each of them is counted')
  })

  test('to a collector that hangs wait in a queue that has an end, hold up no request, and not the end of the service', async () => {
    const held: ServerResponse[] = []
    let isHanging = true
    const { collector, door } = await start((response) => (isHanging ? held.push(response) : response.end()), {
      OTEL_BSP_MAX_QUEUE_SIZE: '40',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '20',
    })
    await door.pour()
    await eventually(async () => held.length > 0, 'the collector hangs')
    const answers = await Promise.all(Array.from({ length: 500 }, () => door.pour()))
    assert.ok(answers.every((status) => status === 201))
    isHanging = false
    for (const response of held) response.end()
    await door.stop()
    const sent = collector.spans('POST /cups')
    assert.ok(sent >= 41 && sent <= 61, `${sent} of 501 spans: one under way, and as many as the queue holds`)
    assert.deepEqual(door.counted, { sent, dropped: 501 - sent })

    const stuck = await start(() => undefined)
    await stuck.door.pour()
    await stuck.door.stop()
  })
})

describe('the settings of traces', () => {
  test('are refused with every fault at once', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4317',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_SAMPLER: 'sometimes',
      OTEL_TRACES_SAMPLER_ARG: '1.5',
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '200',
    }
    assert.throws(
      () => readTraceSettings(env),
      ({ message }: Error) => {
        const names = Object.keys(env).filter((name) => name !== 'OTEL_BSP_MAX_QUEUE_SIZE')
        assert.deepEqual(
          names.filter((name) => !message.includes(`${name}: `)),
          [],
        )
        assert.match(message, /PROTOCOL: must be http\/protobuf, .* neither grpc nor http\/json/)
        assert.match(message, /OTEL_TRACES_SAMPLER: must be always_on or .* or parentbased_traceidratio$/m)
        return true
      },
    )
  })

  test('send nothing where OTEL_* say so, or name no collector', () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }
    const own = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:4318/mine' }
    assert.equal(tracesUrl(readTraceSettings({})), null)
    assert.equal(tracesUrl(readTraceSettings(endpoint)), 'http://collector:4318/v1/traces')
    assert.equal(tracesUrl(readTraceSettings({ ...endpoint, ...own })), 'http://traces:4318/mine')
    assert.equal(tracesUrl(readTraceSettings({ ...endpoint, OTEL_SDK_DISABLED: 'true' })), null)
    assert.equal(tracesUrl(readTraceSettings({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' })), null)
  })

  test('that name no collector load nothing of the SDK', () => {
    const loads = (module: string) => {
      const script = `
        import { registerHooks } from 'node:module'
        let isLoaded = false
        registerHooks({ resolve(name, context, next) {
          isLoaded ||= name.includes('@opentelemetry/sdk-trace')
          return next(name, context)
        } })
        await import('@mart/service-kit/${module}')
        console.log(isLoaded)`
      const args = ['--input-type=module', '-e', script]
      const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })
      assert.equal(stderr, '')
      return stdout.trim()
    }
    assert.deepEqual([loads('start-service'), loads('trace-export')], ['false', 'true'])
  })
})
