import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '@mart/service-kit/eventually'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import { boundLogOf } from '../src/log-files.ts'
import { openServiceLog } from '../src/service-log.ts'

const FILE_BYTES = 10_000
const LINES = 5_000

describe('logs of a mart that runs for weeks', () => {
  let folder: string
  beforeEach(() => {
    folder = temporaryFolder()
  })

  /** A process that writes numbered lines, a few at a time, as two services do. */
  const writer = (): ChildProcess => {
    const script = `
      let n = 0
      const some = () => {
        for (let i = 0; i < 50 && n < ${LINES}; i++, n++)
          console.log(JSON.stringify({ level: 'info', service: n % 2 ? 'order' : 'payment', n }))
        if (n < ${LINES}) setImmediate(some)
      }
      some()`
    return spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  }
  const numbersIn = (file: string) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).n as number)

  test('are renamed while they are written, and only so many are kept; what is kept is whole and in order', async () => {
    const child = writer()
    const files = { order: join(folder, 'order.log'), payment: join(folder, 'payment.log') }
    const size = { fileBytes: FILE_BYTES, olderFiles: 3 }
    const log = openServiceLog({ name: 'the mart', file: join(folder, 'mart.log'), files, size }, assert.fail)
    log.listen(child)
    await once(child, 'close')
    log.close()
    const kept = (service: string) => ['.3', '.2', '.1', ''].map((end) => `${service}.log${end}`)
    const written = (service: string) =>
      kept(service)
        .filter((file) => existsSync(join(folder, file)))
        .flatMap(numbersIn)
    const isThrough = () => {
      try {
        return written('order').at(-1) === LINES - 1 && written('payment').at(-1) === LINES - 2
      } catch {
        return false // a file was renamed between the look and the reading, or its last line is half written
      }
    }
    // A file that is full may still be renamed after its last line is there.
    const isAtRest = async () => {
      const before = isThrough() && readdirSync(folder).join()
      await sleep(200)
      return before !== false && isThrough() && before === readdirSync(folder).join()
    }
    await eventually(isAtRest, 'everything is written, and no file is renamed any more')
    for (const service of ['payment', 'order']) {
      const files = readdirSync(folder).filter((name) => name.startsWith(service))
      assert.deepEqual(files.toSorted(), kept(service).toSorted())
      const numbers = written(service)
      const first = numbers[0]!
      assert.ok(first > 0, 'the oldest lines were dropped')
      assert.deepEqual(
        numbers,
        Array.from({ length: Math.ceil((LINES - first) / 2) }, (_, nth) => first + nth * 2),
        `no line of ${service} is lost or doubled where a file ends`,
      )
    }
  })

  test('that were large when the mart started make room at once', async () => {
    const file = join(folder, 'order.log')
    writeFileSync(file, 'x'.repeat(FILE_BYTES + 1))
    const log = openServiceLog({ name: 'order', file, size: { fileBytes: FILE_BYTES } }, assert.fail)
    await eventually(async () => readdirSync(folder).includes('order.log.1'), 'the old one is put aside')
    log.close()
    assert.equal(statSync(`${file}.1`).size, FILE_BYTES + 1)
  })

  test('that PostgreSQL and Kafka hold open are emptied while they append to them', async () => {
    const file = join(folder, 'postgres.log')
    const stop = boundLogOf(file, { fileBytes: FILE_BYTES, everyMs: 5 })
    try {
      for (let n = 0; n < 3; n++) {
        appendFileSync(file, 'x'.repeat(FILE_BYTES + 1))
        await eventually(async () => statSync(file).size === 0, 'it is empty again')
      }
      assert.equal(statSync(`${file}.1`).size, FILE_BYTES + 1)
    } finally {
      stop()
    }
  })
})
