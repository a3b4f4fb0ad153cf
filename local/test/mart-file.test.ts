import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import { holdFolder } from '../src/mart-file.ts'

const STARTS = 6
const folders = temporaryFolder()
const newFolder = () => mkdtempSync(join(folders, 'mart-'))
const starts = Array.from({ length: STARTS }, () =>
  fork(join(import.meta.dirname, 'fixtures/hold-folder.ts'), { execArgv: [] }),
)

// The first round also waits until all of them run.
before(() => race(newFolder()))
after(() => {
  for (const start of starts) start.kill()
})

async function race(folder: string): Promise<string[]> {
  const answers = Promise.all(starts.map(async (start) => String((await once(start, 'message'))[0])))
  for (const start of starts) start.send({ folder, at: Date.now() + 20 })
  return await answers
}

test('of several starts on the folder of a killed mart one gets it, and the others are told who', async () => {
  for (let round = 0; round < 100; round += 1) {
    const folder = newFolder()
    writeFileSync(join(folder, 'mart.json'), JSON.stringify({ pid: 999_999_999, startMark: '1' }))
    const answers = await race(folder)
    assert.deepEqual(
      answers.filter((answer) => answer === 'held'),
      ['held'],
      `round ${round}`,
    )
    for (const answer of answers)
      assert.match(answer, /^(held|A mart runs on this data folder already \(process \d+\): stop it first\.)$/)
  }
})

test('a folder that can’t be made is one sentence', () => {
  const file = join(folders, 'a file')
  writeFileSync(file, '')
  const impossible = ['/proc/nope/data', '/sys/nope', join(file, 'data'), join(folders, 'x'.repeat(300))]
  for (const folder of impossible)
    assert.throws(() => holdFolder(folder), { name: 'MartFault', message: /^[^\n]*MART_DATA_DIR to another folder\.$/ })
})

test('so does one on a folder whose file a killed start has left unreadable, or half cleared away', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'mart.json'), '{"pid"')
  writeFileSync(join(folder, 'mart.json.after-unreadable'), JSON.stringify({ pid: 999_999_999, startMark: '1' }))
  assert.equal((await race(folder)).filter((answer) => answer === 'held').length, 1)
})
