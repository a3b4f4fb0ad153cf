import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { currencyCodes } from '@mart/contracts/currencies'
import { readCsv } from '../src/http/csv-reading.ts'
import { openShop, someSku, staff } from './shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
before(async () => {
  shop = await openShop()
})
after(() => shop.stop())

const bytes = (text: string) => Buffer.from(text)

describe('no file stops the service', () => {
  /** The most processor time, in ms, that `work` took in one turn of the event loop: a busy machine does not add to it. */
  async function longestTurn(work: () => Promise<unknown>): Promise<number> {
    let longest = 0
    let going = true
    let last = process.threadCpuUsage()
    const turn = () => {
      const now = process.threadCpuUsage()
      longest = Math.max(longest, (now.user + now.system - last.user - last.system) / 1000)
      last = now
      if (going) setImmediate(turn)
    }
    turn()
    await work()
    going = false
    return longest
  }
  const sends = (what: string, file: string, status: number, code: string) =>
    test(what, async () => {
      const body = bytes(file)
      let done = false
      let answered = 0
      const longest = await longestTurn(async () => {
        const importing = shop.send(body).then((answer) => {
          done = true
          return answer
        })
        while (!done && (await shop.http('GET', '/products?limit=1')).status === 200) answered += 1
        const answer = await importing
        assert.deepEqual([answer.status, answer.body.code], [status, code])
        assert.ok(JSON.stringify(answer.body).length < 50_000)
        assert.ok((answer.body.errors?.length ?? 0) <= 100)
      })
      assert.ok(answered > 0)
      assert.ok(longest < 300, `${longest} ms in one piece`)
    })

  sends('10,000 rows that say nothing but one SKU', `sku\n${'A\n'.repeat(10_000)}`, 422, 'invalid_csv')
  sends('30,000 columns', `${Array.from({ length: 30_000 }, (_, n) => `c${n}`).join(',')}\n`, 413, 'csv_too_large')
  sends('a row of 190,000 cells', `sku\n${','.repeat(190_000)}1\n`, 422, 'invalid_csv')
  sends('a quote that is wrong in every row', `sku,name\n${'a"b,c\n'.repeat(100_000)}`, 422, 'invalid_csv')
  sends('a quote that never ends', `sku,name\n"${'x\n'.repeat(500_000)}`, 422, 'invalid_csv')
  sends('200,000 faulty rows', `sku\n${'?\n'.repeat(200_000)}`, 422, 'invalid_csv')
  sends(
    'one product of 5,000 variants',
    `name,slug,sku,variant_name,price_PKR\n${Array.from({ length: 5_000 }, (_, n) => `n,one-slug,O-${n},v,1\n`).join('')}`,
    422,
    'invalid_csv',
  )

  const priced = (rows: number, columns: number) => {
    const names = Array.from({ length: columns }, (_, n) => `price_${currencyCodes[n % currencyCodes.length]}`)
    return `sku,name,variant_name,${names.join(',')}\n${Array.from({ length: rows }, (_, n) => `P-${n},n${n},v${',1'.repeat(columns)}\n`).join('')}`
  }

  test('more rows, columns or cells than a file may have are 413, naming the limits', async () => {
    const ignore = { charset: undefined, onRows: async () => {} }
    const many = (rows: number) => bytes(`sku\n${Array.from({ length: rows }, (_, n) => `R-${n}\n`).join('')}`)
    for (const file of [many(100_001), bytes(priced(1, 198)), bytes(priced(13_200, 150))])
      await assert.rejects(readCsv(file, ignore), (refusal: { status: number; message: string }) => {
        assert.equal(refusal.status, 413)
        assert.match(refusal.message, /20 MB, 200 columns, 100,000 rows .* 2,000,000 cells/)
        return true
      })
  })

  test('memory does not grow with the rows', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const file = bytes(`sku,name\n${Array.from({ length: 100_000 }, (_, n) => `R-${n},Name ${n}\n`).join('')}`)
    const heap: number[] = []
    let batches = 0
    let rows = 0
    const longest = await longestTurn(() =>
      readCsv(file, {
        charset: undefined,
        onRows: async (some) => {
          rows += some.length
          batches += 1
          if (batches % 40 !== 10) return
          collect()
          heap.push(process.memoryUsage().heapUsed)
        },
      }),
    )
    assert.equal(rows, 100_000)
    assert.ok(Math.max(...heap) - heap[0]! < 10_000_000, `the heap grew: ${heap.join(', ')}`)
    assert.ok(longest < 500, `${longest} ms in one piece`)
  })

  test('at most four files are read at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => shop.send(bytes(`sku\n${someSku()}\n`), { query: '?dry_run=true' })),
    )
    for (const { status } of answers) assert.ok([422, 429].includes(status), String(status))
    const { status } = await shop.http('POST', '/products/import?dry_run=true', {
      as: staff,
      body: `sku\n${someSku()}\n`,
      headers: { 'content-type': 'text/csv' },
    })
    assert.equal(status, 422)
  })
})
