import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { eventually } from '@mart/service-kit/eventually'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import {
  lineOf,
  NUMBER,
  orderId,
  paymentId,
  placingTrace,
  story,
  strangers,
  writeLogs,
} from './fixtures/order-story.ts'

const script = join(import.meta.dirname, '../src/follow.ts')

function follow(dataDir: string, ...args: string[]) {
  const env = { PATH: process.env['PATH'], MART_DATA_DIR: dataDir }
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, ...args], { env, encoding: 'utf8' })
  return { status, stderr, lines: stdout.split('\n') }
}

/** As a person reads them: without the clock. */
const told = (lines: readonly string[]) =>
  lines.slice(3, -1).map((line) => line.replace(/^.*? (\+[\d.]+ \w+) {2}/, '$1 '))

const wholeStory = [
  '+0 ms order        POST /orders 201  (20 ms)',
  '+24 ms   inventory    consumed order.placed  (6 ms, waited 9 ms)',
  '+45 ms     order        consumed stock.reserved  (5 ms, waited 8 ms)',
  '+63 ms       payment      consumed order.payment_due  (7 ms, waited 9 ms)',
  '+80 ms         payment      ! stripe: open failed  (50 ms, socket hang up)',
  '+140 ms           payment      ! events wait: the database does not answer as it should  (deadlock detected, again in 50 ms)',
  '+1.1 s         payment      stripe: open was answered opened  (90 ms)',
  '+3 min         payment      stripe told checkout.session.completed  (12 ms)',
  '+3 min           order        consumed payment.succeeded  (8 ms, waited 11 ms)',
  '+3 min             notification mailed order_confirmed  (40 ms)',
  '+2.0 days payment      POST /payments/:id/refunds 201  (9 ms)',
]

describe('npm run follow', () => {
  const dataDir = join(temporaryFolder(), 'data')
  writeLogs(dataDir, [...story, ...strangers(2_000)])
  // A file that was put aside in the midst of the story, and one that a crash cut off.
  renameSync(join(dataDir, 'logs/order.log'), join(dataDir, 'logs/order.log.1'))
  appendFileSync(join(dataDir, 'logs/order.log'), `{"level":"info","service":"order","order_id":"${orderId}","mess`)
  appendFileSync(join(dataDir, 'logs/postgres.log'), `LOG: nothing about "${orderId}"\n`)

  for (const id of [NUMBER, NUMBER.toLowerCase(), orderId, paymentId, placingTrace]) {
    test(`tells the story of the order that ${id} belongs to, each step below its cause`, () => {
      const { lines, stderr, status } = follow(dataDir, id)
      assert.equal(stderr, '')
      assert.equal(lines[0], `Order ${NUMBER} ${orderId}`)
      assert.match(lines[1]!, /^from 2026-11-29T10:00:00.000Z, 2.0 days: 4 services, 11 lines, 2 traces$/)
      assert.deepEqual(told(lines), wholeStory)
      assert.equal(status, 0)
    })
  }

  test('says what it cannot find, and what is no id', () => {
    assert.deepEqual(follow(dataDir, 'M-999').stderr, 'No line of any log names M-999.\n')
    for (const args of [['tea'], [], ['M-1', 'M-2'], ['--tail', 'M-1']]) {
      const { status, stderr } = follow(dataDir, ...args)
      assert.equal(status, 1)
      assert.match(stderr, /npm run follow -- M-100023/)
    }
  })

  test('--live goes on with what is written, in whichever order the files tell it, through the renaming of a file', async (t) => {
    const dataDir = join(temporaryFolder(), 'live')
    const [reserve, place, ...rest] = story.slice(0, 10)
    writeLogs(dataDir, strangers(8))
    const env = { PATH: process.env['PATH'], MART_DATA_DIR: dataDir }
    const child = spawn(process.execPath, [script, NUMBER, '--live'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => child.kill('SIGKILL'))
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
    })
    const shows = (message: string) => eventually(async () => text.includes(message), message)
    const until = lineOf('order', 'watching', {
      at: '2026-11-29T10:00:00.000Z',
      span: 'watching',
      order_number: NUMBER,
    })
    await eventually(async () => {
      writeLogs(dataDir, [until])
      return text.includes('watching')
    }, 'it watches')
    writeLogs(dataDir, [reserve!])
    writeLogs(dataDir, [place!])
    await shows('POST /orders 201')
    await shows('consumed order.placed')
    for (const { file, line } of rest) {
      const path = join(dataDir, 'logs', file)
      appendFileSync(path, `${line}\n`)
      renameSync(path, `${path}.1`)
      writeLogs(dataDir, [
        lineOf('order', 'another', {
          at: '2026-11-29T10:00:00.000Z',
          span: 'other',
          order_id: 'none',
          trace: 'f'.repeat(32),
        }),
      ])
      appendFileSync(path, '')
      await shows(JSON.parse(line).message)
    }
    child.kill('SIGINT')
    await eventually(async () => child.exitCode === 0, 'Ctrl+C ends it')
    const messages = text.split('\n').map((line) => line.split(/ {2,}/).at(-2))
    for (const { line } of story.slice(0, 10)) {
      const { message } = JSON.parse(line)
      assert.equal(text.split(message).length - 1, 1, `${message} once among ${messages}`)
    }
  })
})
