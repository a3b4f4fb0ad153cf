import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '@mart/service-kit/eventually'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import { freePort } from '../src/ports.ts'
import { startMark } from '../src/processes.ts'
import { type Supervision, supervise } from '../src/supervisor.ts'

const script = join(import.meta.dirname, 'fixtures/fake-service.ts')

async function run(t: TestContext, behaviour = '', more: Partial<Supervision> = {}) {
  const port = await freePort()
  const lines: string[] = []
  const logFile = join(temporaryFolder(), 'logs/order.log')
  const service = supervise({
    name: 'order',
    script,
    environment: { PORT: String(port), FAKE_BEHAVIOUR: behaviour },
    readyUrls: [`http://127.0.0.1:${port}/health/ready`],
    logFile,
    report: (line) => lines.push(line),
    ...more,
  })
  t.after(service.stop)
  return { service, lines, logFile }
}

test('a service that dies is started again, later each time, and a line says so', async (t) => {
  const { service, lines } = await run(t)
  await service.ready
  for (let died = 1; died <= 3; died++) {
    service.kill('SIGKILL')
    await eventually(
      async () => lines.filter((line) => line === 'order is up again').length >= died,
      `it is up again after its death number ${died}`,
    )
    assert.equal(service.restartCount, died)
  }
  assert.deepEqual(
    lines.filter((line) => line.includes('died')),
    [0.2, 0.4, 0.8].map((seconds) => `order died (SIGKILL), starting it again in ${seconds} s`),
  )
})

test('what a service says is in its log, and its problems are shown as well', async (t) => {
  const { service, lines, logFile } = await run(t)
  await service.ready
  await eventually(async () => lines.length > 0, 'a line about its problem')
  assert.deepEqual(lines, ['order: a relay failed: no route'])
  assert.match(readFileSync(logFile, 'utf8'), /"message":"ready"/)
})

test('of several services in a process each has a log, and a problem is told in its name', async (t) => {
  const folder = temporaryFolder()
  const logFiles = { tea: join(folder, 'tea.log'), rice: join(folder, 'rice.log') }
  const { service, lines, logFile } = await run(t, 'two services', { name: 'services', logFiles })
  await service.ready
  await eventually(async () => lines.length > 1, 'lines about their problems')
  assert.deepEqual(lines, ['rice: rice ✓', 'services: a relay failed: no route'])
  const said = (file: string) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).message)
  assert.deepEqual([logFiles.tea, logFiles.rice, logFile].map(said), [
    ['tea ✓', 'tea ✓'],
    ['rice ✓'],
    ['ready', 'a relay failed'],
  ])
})

test('a process is ready when all its services are', async (t) => {
  const other = await freePort()
  const { service } = await run(t, '', { readyUrls: [`http://127.0.0.1:${other}/`] })
  const early = await Promise.race([service.ready.then(() => 'ready'), sleep(500).then(() => 'not yet')])
  assert.equal(early, 'not yet')
  const late = createServer((_request, response) => response.end()).listen(other, '127.0.0.1')
  t.after(() => late.close().closeAllConnections())
  await service.ready
})

test('a service that can’t start says why, and is not started again', async (t) => {
  const bad = await run(t, 'bad settings')
  await assert.rejects(bad.service.ready, {
    name: 'MartFault',
    message: 'order did not start: Bad configuration:\n  STRIPE_WEBHOOK_SECRET: is not set',
  })
  const crash = await run(t, 'crash')
  await assert.rejects(crash.service.ready, { message: 'order did not start: Error: no such table' })
  await sleep(300)
  assert.equal(crash.service.restartCount + bad.service.restartCount, 0)
})

test('a service that does not stop by itself is ended', async (t) => {
  const { service, lines } = await run(t, 'deaf', { stopMs: 200 })
  await service.ready
  const pid = service.pid!
  await service.stop()
  assert.equal(startMark(pid), undefined)
  assert.equal(lines.at(-1), 'order did not stop in time, ending it')
})

test('stopping while a restart is due leaves nothing running', async (t) => {
  const { service, lines } = await run(t)
  await service.ready
  service.kill('SIGKILL')
  await eventually(async () => lines.some((line) => line.includes('died')), 'a line about its death')
  await service.stop()
  await sleep(400)
  assert.deepEqual([service.pid, service.restartCount], [undefined, 0])
})

test('when the supervisor is killed its service stops by itself', async () => {
  const logFile = join(temporaryFolder(), 'order.log')
  const holder = fork(join(import.meta.dirname, 'fixtures/hold-service.ts'), [
    script,
    String(await freePort()),
    logFile,
  ])
  const [{ pid }] = (await once(holder, 'message')) as [{ pid: number }]
  holder.kill('SIGKILL')
  for (let waitedMs = 0; startMark(pid) && waitedMs < 5_000; waitedMs += 20) await sleep(20)
  assert.equal(startMark(pid), undefined)
})
