import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { handlerTable } from '@mart/service-kit/handlers'
import { newId } from '@mart/service-kit/ids'
import { connectDatabase } from '@mart/service-kit/postgres'
import { defineService, startService } from '@mart/service-kit/start-service'
import { createTestDatabase, eventually } from '@mart/service-kit/testing'
import { Admin } from '@platformatic/kafka'

const kafkaUrl = process.env['TEST_KAFKA_URL']
if (!kafkaUrl) throw new Error('TEST_KAFKA_URL is not set: run the tests by `npm test`, which starts a broker')
const brokers = kafkaUrl.replace('kafka://', '').split(',')

const newService = () =>
  defineService({
    name: 'test',
    description: '',
    topic: { name: `test.${newId()}`, producer: 'test', retention: 'days' },
    settings: {},
    migrations: new URL('./', import.meta.url), // none
    addRoutes() {},
    consumes: () => handlerTable([], []),
  })

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Begins to start a service, without waiting for it; the test must see it come up. */
async function beginToStart(t: TestContext, env: Record<string, string>, definition = newService()) {
  const port = await freePort()
  const starting = startService(definition, {
    EVENT_LOG_URL: kafkaUrl!,
    LOG_LEVEL: 'fatal',
    ...env,
    PORT: String(port),
  })
  const stopped = starting.then((service) => t.after(() => service.stop()))
  stopped.catch(() => undefined) // told to whoever waits for it
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined)
    return { status: answer?.status, body: (await answer?.json()) as { status?: string; detail?: string } | undefined }
  }
  return {
    /** It lives, is not ready, and says why. */
    async waitsFor(reason: RegExp) {
      let said: string | undefined
      const isSaid = async () => {
        said = (await ask('/health/ready')).body?.detail
        return reason.test(said ?? '')
      }
      await eventually(isSaid, `the service waits for ${reason}`).catch((error: Error) =>
        assert.fail(`${error.message}; it says ${said}`),
      )
      assert.equal((await ask('/health/ready')).status, 503)
      assert.equal((await ask('/health/live')).status, 200)
    },
    async comesUp() {
      await stopped
      const { status, body } = await ask('/health/ready')
      assert.deepEqual([status, body?.status], [200, 'ready'])
    },
  }
}

async function testDatabase(t: TestContext): Promise<string> {
  const { url, drop } = await createTestDatabase()
  t.after(drop)
  return url
}

test('a broker that cannot be reached is named and waited for, and the service comes up by itself', async (t) => {
  const port = await freePort()
  const url = `kafka://127.0.0.1:${port}`
  const service = await beginToStart(t, { DATABASE_URL: await testDatabase(t), EVENT_LOG_URL: url })
  await service.waitsFor(new RegExp(`EVENT_LOG_URL: ${url} does not answer`))
  const [host, brokerPort] = brokers[0]!.split(':')
  const door = createServer((socket) => {
    const through = connect(Number(brokerPort), host)
    socket.pipe(through).pipe(socket)
    socket.on('error', () => through.destroy())
    through.on('error', () => socket.destroy())
  }).listen(port, '127.0.0.1')
  t.after(() => door.close())
  await service.comesUp()
})

test('a database and a login that are not there yet are named and waited for', async (t) => {
  const right = await testDatabase(t)
  const server = connectDatabase(process.env['TEST_POSTGRES_URL']!, { max: 1, applicationName: 'test' })
  const name = `test_${newId().replaceAll('-', '')}`
  const missing = new URL(right)
  missing.pathname = `/${name}`
  const service = await beginToStart(t, { DATABASE_URL: missing.href })
  await service.waitsFor(new RegExp(`DATABASE_URL .*${name}.*does not exist`))
  await server.unsafe(`create database ${name}`)
  await service.comesUp()

  const stranger = new URL(right)
  stranger.username = name
  stranger.password = 'guess'
  const withoutLogin = await beginToStart(t, { DATABASE_URL: stranger.href })
  await withoutLogin.waitsFor(new RegExp(`DATABASE_URL ${name}@`))
  await server.unsafe(`create role ${name} superuser login password 'guess'`)
  await withoutLogin.comesUp()
  t.after(async () => {
    await server.unsafe(`drop database ${name} with (force)`)
    await server.unsafe(`drop role ${name}`)
    await server.end()
  })
})

test('a topic with too few partitions is named and waited for', async (t) => {
  const definition = newService()
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: brokers })
  t.after(() => admin.close())
  await admin.createTopics({ topics: [{ topic: definition.topic.name, partitions: 3, replicas: 1 }] })
  const service = await beginToStart(t, { DATABASE_URL: await testDatabase(t) }, definition)
  await service.waitsFor(new RegExp(`topic ${definition.topic.name} has 3 partitions and needs 12`))
  await admin.createPartitions({ topics: [{ name: definition.topic.name, count: 12 }] })
  await service.comesUp()
})

test('settings that can never work stop the start, all of them listed', async () => {
  const starting = startService(newService(), {
    PORT: '0',
    DATABASE_URL: 'mysql://somewhere/else',
    EVENT_LOG_URL: 'kafka://nonsense',
    KAFKA_SASL_USERNAME: 'mart',
    KAFKA_REPLICATION: '0',
    KAFKA_TLS_CA: 'a certificate',
  })
  await assert.rejects(starting, (error: Error) => {
    assert.equal(error.name, 'ConfigError')
    for (const setting of [
      'DATABASE_URL',
      'EVENT_LOG_URL: must be like kafka://host:9092',
      'KAFKA_SASL_MECHANISM: is not set',
      'KAFKA_SASL_PASSWORD: is not set',
      'KAFKA_REPLICATION',
      'KAFKA_TLS_CA: is used only with KAFKA_TLS=on',
    ])
      assert.match(error.message, new RegExp(`^ {2}${setting}`, 'm'))
    return true
  })
})
