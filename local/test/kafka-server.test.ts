import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import { eventually } from '@mart/service-kit/eventually'
import { kafkaDefaults } from '@mart/service-kit/kafka-settings'
import { createLogger } from '@mart/service-kit/logger'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import { startKafka, startThrowAwayKafka } from '../src/kafka-server.ts'
import { startMark } from '../src/processes.ts'

const topic = 'mart.tests'
const soonBack = { 'broker.session.timeout.ms': '2000', 'broker.heartbeat.interval.ms': '500' }

async function connect(t: TestContext, url: string, replication = 1) {
  const logger = createLogger('test', 'silent')
  const log = await connectEventLog(url, {
    clientName: 'test',
    logger,
    kafka: { ...kafkaDefaults, KAFKA_REPLICATION: replication },
  })
  t.after(log.close)
  return {
    prepare: () => log.prepareTopics([{ name: topic, retentionDays: null }]),
    say: (key: string) => log.append(topic, [{ key, value: '{}', headers: '{}' }]),
    count: async () => (await log.lag('nobody', [topic])).reduce((sum, { lag }) => sum + lag, 0),
  }
}

test('what was written is there after a stop and a start, and the files are nobody else’s to read', async (t) => {
  const dataDir = join(temporaryFolder(), 'kafka')
  const first = await startKafka({ dataDir, port: 0 })
  const meta = join(dataDir, 'broker-1/meta.properties')
  const identity = readFileSync(meta, 'utf8')
  const { port, pid } = first.brokers[0]!
  const before = await connect(t, first.url)
  await before.prepare()
  await before.say('tea')
  await first.stop()
  assert.equal(startMark(pid), undefined)

  const second = await startKafka({ dataDir, port })
  t.after(second.stop)
  assert.equal(second.url, `kafka://127.0.0.1:${port}`)
  assert.equal(await (await connect(t, second.url)).count(), 1)
  assert.equal(readFileSync(meta, 'utf8'), identity)
  assert.equal(statSync(dataDir).mode & 0o077, 0)
})

test('a broker that is killed stays dead until it is started again, and has what it had acknowledged', async (t) => {
  const server = await startThrowAwayKafka({ extraProperties: soonBack })
  t.after(server.stop)
  const broker = server.brokers[0]!
  const { prepare, say, count } = await connect(t, server.url)
  await prepare()
  await say('tea')
  const { pid } = broker
  await broker.kill('SIGKILL')
  assert.equal(startMark(pid), undefined)
  await broker.start()
  assert.notEqual(broker.pid, pid)
  await say('rice')
  assert.equal(await count(), 2)
})

test('a broker that dies is started again when somebody wants to hear of it', async (t) => {
  const lines: string[] = []
  const server = await startThrowAwayKafka({ extraProperties: soonBack, report: (line) => lines.push(line) })
  t.after(server.stop)
  process.kill(server.brokers[0]!.pid, 'SIGKILL')
  await eventually(async () => lines.includes('Kafka is up again'), 'Kafka is up again', 60_000)
  assert.deepEqual(lines, ['Kafka died (SIGKILL), starting it again', 'Kafka is up again'])
  await (await connect(t, server.url)).prepare()
})

test('three brokers are one cluster: it takes records without one of them, and that one comes back', async (t) => {
  const server = await startThrowAwayKafka({ brokers: 3, extraProperties: soonBack })
  t.after(server.stop)
  assert.equal(new Set(server.brokers.map(({ pid }) => pid)).size, 3)
  const { prepare, say, count } = await connect(t, server.url, 3)
  await prepare()
  await server.brokers[2]!.kill('SIGKILL')
  await eventually(
    () =>
      say('tea').then(
        () => true,
        () => false,
      ),
    'another broker leads',
  )
  await server.brokers[2]!.start()
  await server.brokers[0]!.stop()
  assert.ok((await count()) >= 1)
})

test('another listener and other properties are taken', async (t) => {
  const server = await startThrowAwayKafka({
    listeners: [{ name: 'SASL', protocol: 'SASL_PLAINTEXT' }],
    extraProperties: {
      'sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.sasl.plain.sasl.jaas.config':
        'org.apache.kafka.common.security.plain.PlainLoginModule required user_mart="secret";',
    },
  })
  t.after(server.stop)
  const login = { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_USERNAME: 'mart' } as const
  const ask = async (password: string) => {
    const log = await connectEventLog(server.listenerUrls['SASL']!, {
      clientName: 'test',
      logger: createLogger('test', 'silent'),
      kafka: { ...kafkaDefaults, ...login, KAFKA_SASL_PASSWORD: password },
    })
    t.after(log.close)
    await log.ping()
  }
  await ask('secret')
  await assert.rejects(ask('guess'))
})

test('a broker does not outlive the process that started it, even if that is killed', async () => {
  const holder = fork(join(import.meta.dirname, 'fixtures/hold-kafka.ts'), [join(temporaryFolder(), 'kafka')])
  const [{ pid }] = (await once(holder, 'message')) as [{ pid: number }]
  holder.kill('SIGKILL')
  for (let waitedMs = 0; startMark(pid) && waitedMs < 10_000; waitedMs += 50) await sleep(50)
  assert.equal(startMark(pid), undefined)
})

test('a taken port, a folder of something else and a wrong property get one clear sentence each', async (t) => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  t.after(() => holder.close())
  const { port } = holder.address() as { port: number }
  const folder = temporaryFolder()
  await assert.rejects(startKafka({ dataDir: join(folder, 'new'), port }), {
    name: 'MartFault',
    message: `Port ${port} (Kafka) is taken: stop what listens there, or set MART_PORT_OFFSET.`,
  })
  assert.equal(existsSync(join(folder, 'new')), false)

  mkdirSync(join(folder, 'photos/broker-1'), { recursive: true })
  await assert.rejects(startKafka({ dataDir: join(folder, 'photos'), port: 0 }), { message: /is no folder of Kafka/ })

  const extraProperties = { 'advertised.listeners': 'NOWHERE://127.0.0.1:1' }
  await assert.rejects(startThrowAwayKafka({ extraProperties }), { name: 'MartFault', message: /NOWHERE/ })
})

test('a throw-away Kafka leaves neither folder nor process', async () => {
  const server = await startThrowAwayKafka()
  const { pid } = server.brokers[0]!
  const properties = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').findLast(Boolean)!
  assert.ok(existsSync(properties))
  await server.stop()
  assert.equal(existsSync(dirname(dirname(properties))), false)
  assert.equal(startMark(pid), undefined)
})
