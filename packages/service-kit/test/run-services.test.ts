import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase, createTestLog, eventually } from '@mart/service-kit/testing'

const names = ['tea', 'rice'] as const
type Name = (typeof names)[number]

describe('services in one process', () => {
  let databases: Awaited<ReturnType<typeof createTestDatabase>>[]
  let eventLog: Awaited<ReturnType<typeof createTestLog>>
  before(async () => {
    databases = await Promise.all(names.map(() => createTestDatabase()))
    eventLog = await createTestLog()
  })
  after(async () => {
    await eventLog.drop()
    for (const { drop } of databases) await drop()
  })

  async function run(t: TestContext, wrong: Partial<Record<Name, NodeJS.ProcessEnv>> = {}) {
    const environments = names.map((name, at) => [
      name,
      { PORT: '0', DATABASE_URL: databases[at]!.url, EVENT_LOG_URL: eventLog.url, LOG_LEVEL: 'info', ...wrong[name] },
    ])
    const child = fork(new URL('./fixtures/two-services.ts', import.meta.url), {
      env: { ...process.env, SERVICES: JSON.stringify(Object.fromEntries(environments)) },
      execArgv: [], // those of the test run catch errors themselves
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>
    t.after(async () => {
      child.kill('SIGKILL')
      await ended
    })
    let said = ''
    child.stdout!.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
    })
    const lines = () =>
      said
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    const complaint = text(child.stderr!)
    const urlOf = (name: Name) =>
      lines().find(({ service, message }) => service === name && message === 'ready')?.['url']
    return {
      child,
      ended,
      lines,
      complaint,
      urlOf,
      ready: () => eventually(async () => names.every(urlOf), 'both are ready'),
    }
  }

  for (const [path, message] of [
    ['/fail', 'rice has a fault'],
    ['/reject', 'rice promised too much'],
  ] as const) {
    test(`an error that one did not catch (${path}) is told in its name, and all end in order`, async (t) => {
      const { ended, lines, urlOf, ready } = await run(t)
      await ready()
      const underWay = fetch(`${urlOf('tea')}/slow`)
      await sleep(200)
      await fetch(`${urlOf('rice')}${path}`, { method: 'POST' }).catch(() => undefined)
      assert.deepEqual(await (await underWay).json(), { from: 'tea' })
      assert.deepEqual(await ended, [1, null])
      const told = lines().filter(({ level }) => level === 'fatal')
      assert.deepEqual(
        told.map(({ service, err }) => [service, (err as Error).message]),
        [['rice', message]],
      )
      const stopped = lines().filter((line) => line['message'] === 'stopped')
      assert.deepEqual(stopped.map(({ service }) => service).sort(), ['rice', 'tea'])
    })
  }

  test('what is wrong with the settings of each is told at once', async (t) => {
    const { ended, complaint } = await run(t, { tea: { PORT: 'harbour' }, rice: { DATABASE_URL: '', HOST: '' } })
    assert.deepEqual(await ended, [1, null])
    const said = await complaint
    assert.match(said, /^tea: Bad configuration:\n {2}PORT: must be integer$/m)
    assert.match(said, /^rice: Bad configuration:\n {2}DATABASE_URL: is not set$/m)
  })

  test('all stop in order when the process that started them is gone', async (t) => {
    const { child, ended, lines, ready } = await run(t)
    await ready()
    child.disconnect()
    assert.deepEqual(await ended, [0, null])
    assert.equal(lines().filter(({ message }) => message === 'stopped').length, 2)
  })
})
