import assert from 'node:assert/strict'
import { Agent, get, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { handlerTable } from '@mart/service-kit/handlers'
import { defineService } from '@mart/service-kit/start-service'
import { startTestService } from '@mart/service-kit/testing'
import { topic } from './outbox-fixture.ts'

const definition = defineService({
  name: 'test',
  description: '',
  topic,
  settings: {},
  migrations: new URL('./', import.meta.url), // none
  addRoutes(app) {
    app.get('/thing', async () => ({}))
  },
  consumes: () => handlerTable([], []),
})

test('a service that is to end drains: it is not ready, answers, and sends each connection elsewhere', async (t) => {
  const { service, stop } = await startTestService(definition, { DRAIN_SECONDS: '2' })
  const agent = new Agent({ keepAlive: true })
  t.after(async () => {
    agent.destroy()
    await stop()
  })
  const ask = (path: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      get(service.url + path, { agent }, (answer) => resolve(answer.resume())).on('error', reject)
    })
  assert.equal((await ask('/thing')).headers.connection, 'keep-alive')

  const stopped = stop()
  const [thing, ready, nothing] = await Promise.all(['/thing', '/health/ready', '/nothing'].map(ask))
  assert.deepEqual(
    [thing, ready, nothing].map((answer) => answer?.statusCode),
    [200, 503, 404],
  )
  for (const answer of [thing, ready, nothing]) assert.equal(answer?.headers.connection, 'close')
  await stopped
  await assert.rejects(ask('/thing'), { code: 'ECONNREFUSED' })
})
