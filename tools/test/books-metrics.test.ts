import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { MartFault } from '@mart/service-kit/fault'
import { booksMetrics, pushMetrics } from '../src/books/books-metrics.ts'

const sold = '1 never oversold'
const books = {
  hold: false,
  moving: [],
  orders: 7,
  findings: [
    { promise: sold, says: 'what is reserved is on the shelf', faults: ['TEA: 3 of 2'] },
    { promise: sold, says: 'what is on the shelf has come there', faults: ['TEA: 2', 'RICE: 1'] },
    { promise: '3 never lost', says: 'nothing is left in an outbox', faults: [] },
  ],
}

test('books that do not hold are a metric: what speaks against each promise, added up', async () => {
  const lines = (await booksMetrics(books)).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  assert.deepEqual(lines, [
    'books_hold 0',
    'books_orders 7',
    'books_faults{promise="1 never oversold"} 3',
    'books_faults{promise="3 never lost"} 0',
  ])
  assert.match(await booksMetrics({ ...books, hold: true }), /^books_hold 1$/m)
})

test('a store that accepts them and never answers, or begins to and does not go on, is waited for and given up', {
  timeout: 20_000,
}, async (t) => {
  const store = createServer((request, response) => {
    if (request.url === '/begins') response.writeHead(503).write('a word')
  }).listen(0, '127.0.0.1')
  await once(store, 'listening')
  t.after(() => {
    store.closeAllConnections()
    store.close()
  })
  const url = `http://127.0.0.1:${(store.address() as AddressInfo).port}`
  for (const path of ['/silent', '/begins'])
    await assert.rejects(pushMetrics(url + path, '', 500), { name: MartFault.name, message: /does not answer: .+/ })
})

test('they are handed over as they are, and a store that does not take them is named with the reason', async (t) => {
  const taken: string[] = []
  let status = 204
  const store = createServer(async (request, response) => {
    taken.push(`${request.method} ${request.url} ${await text(request)}`)
    response.writeHead(status).end(status === 204 ? '' : 'no such line')
  }).listen(0, '127.0.0.1')
  await once(store, 'listening')
  t.after(() => store.close())
  const url = `http://127.0.0.1:${(store.address() as AddressInfo).port}/import`
  await pushMetrics(url, 'books_hold 1\n')
  assert.deepEqual(taken, ['POST /import books_hold 1\n'])
  status = 400
  await assert.rejects(pushMetrics(url, ''), { name: MartFault.name, message: /answers 400: no such line/ })
  status = 503
  await assert.rejects(pushMetrics(url, ''), { name: MartFault.name, message: /answers 503/ })
  await assert.rejects(pushMetrics('http://127.0.0.1:1/import', ''), /does not answer: .+/)
})
