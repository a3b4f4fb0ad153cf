import assert from 'node:assert/strict'
import { get, type IncomingMessage } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { StockRefused, StockReserved } from '@mart/contracts/events/inventory-events'
import { UserErased, UserPasswordChanged, UserRoleChanged } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { eventually, type TestPerson } from '@mart/service-kit/testing'
import { latestStream } from '../src/http/latest-stream.ts'
import { createOrderWatch, type OrderSnapshot } from '../src/order-watch.ts'
import { streamPlaces } from '../src/stream-places.ts'
import { basket, type OrderShop, startOrderShop } from './order-fixture.ts'

describe('streams of orders', () => {
  let shop: OrderShop
  const open = new Set<IncomingMessage>()
  before(async () => {
    shop = await startOrderShop()
  })
  after(async () => {
    for (const one of open) one.destroy()
    await shop.stop()
  })

  const as = async (person: TestPerson) => ({ authorization: `Bearer ${await shop.tokenFor(person)}` })
  const placed = async (person: TestPerson) => {
    const { status, body } = await shop.http('POST', '/orders', { headers: await as(person), body: basket() })
    assert.equal(status, 201)
    return body.id as string
  }
  /** Opens a stream and gives its answer once its head is there. */
  const stream = async (id: string, person: TestPerson) => {
    const headers = await as(person)
    return await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${shop.service.url}/orders/${id}/events`, { headers, agent: false }, (answer) => {
        open.add(answer)
        answer.on('error', () => open.delete(answer))
        resolve(answer)
      }).on('error', reject)
    })
  }
  const statuses = async (id: string, person: TestPerson, count: number) =>
    (await Promise.all(Array.from({ length: count }, () => stream(id, person)))).map(({ statusCode }) => statusCode)

  test('five of one person, the sixth is told when to come again; others are not kept out', async () => {
    const buyer = { id: newId() }
    const id = await placed(buyer)
    const many = await statuses(id, buyer, 40)
    assert.equal(many.filter((status) => status === 200).length, 5)
    assert.equal(many.filter((status) => status === 429).length, 35)
    const sixth = await stream(id, buyer)
    assert.equal(sixth.headers['retry-after'], '5')
    assert.equal((await stream(id, { id: newId(), role: 'staff' })).statusCode, 200)
  })

  test('a place is free again when the connection is gone, cut off in the middle or before an answer', async () => {
    const buyer = { id: newId() }
    const id = await placed(buyer)
    const headers = await as(buyer)
    for (let round = 0; round < 3; round += 1) {
      const five = await Promise.all(Array.from({ length: 5 }, () => stream(id, buyer)))
      assert.ok(five.every(({ statusCode }) => statusCode === 200))
      for (const one of five) one.socket.destroy()
      for (let n = 0; n < 20; n += 1) {
        const cut = get(`${shop.service.url}/orders/${id}/events`, { headers, agent: false })
        cut.on('error', () => undefined)
        cut.once('socket', (socket) => socket.once('connect', () => setTimeout(() => socket.destroy(), n % 5)))
      }
      await eventually(async () => (await stream(id, buyer)).statusCode === 200, 'a place is free')
      for (const one of open) one.socket.destroy()
    }
    await eventually(async () => {
      const again = await statuses(id, buyer, 5)
      for (const one of open) one.socket.destroy()
      return again.every((status) => status === 200)
    }, 'all five places are free')
  })

  test("what is refused holds no place: somebody else's order, and one that was told to its end", async () => {
    const buyer = { id: newId() }
    const id = await placed(buyer)
    await shop.consume(StockRefused, { order_id: id, missing: [] })
    for (let n = 0; n < 12; n += 1) {
      assert.equal((await stream(id, { id: newId() })).statusCode, 404)
      const answer = await shop.http('GET', `/orders/${id}/events`, {
        headers: { ...(await as(buyer)), 'last-event-id': '9' },
      })
      assert.equal(answer.status, 204)
    }
  })

  const ends = [
    ['is erased', (id: string, at: string) => shop.consume(UserErased, { user_id: id, erased_at: at })],
    [
      'changes the password',
      (id: string, at: string) => shop.consume(UserPasswordChanged, { user_id: id, changed_at: at }),
    ],
    [
      'gets another role',
      (id: string, at: string) =>
        shop.consume(UserRoleChanged, { user_id: id, was: 'staff', role: 'customer', changed_at: at }),
    ],
  ] as const
  for (const [what, happens] of ends) {
    test(`who ${what} is cut off from the streams that are open, and nobody else`, async () => {
      const issuedAt = Date.now() / 1000
      const buyer = { id: newId() }
      const staff = { id: newId(), role: 'staff' as const, issuedAt }
      const id = await placed(buyer)
      const mine = what === 'gets another role' ? staff : { ...buyer, issuedAt }
      const [theirs, other] = [await stream(id, mine), await stream(id, { id: newId(), role: 'admin' })]
      let seen = ''
      theirs.on('data', (chunk) => (seen += chunk))
      other.resume()
      await happens(mine.id, new Date(Date.now() + 1).toISOString())
      await eventually(async () => theirs.readableEnded, 'the stream is cut')
      await shop.consume(StockReserved, { order_id: id })
      assert.doesNotMatch(seen, /"status":"confirmed"/)
      assert.equal(other.readableEnded, false)
      assert.equal((await stream(id, mine)).statusCode, 401)
    })
  }

  test('an order is read once for each of its moves, however many look on', async () => {
    const id = await placed({ id: newId() })
    const { db } = shop.service
    const watch = createOrderWatch(db)
    const seen: OrderSnapshot[] = []
    const ends = Array.from({ length: 300 }, () => watch.watch(id, 1, (snapshot) => seen.push(snapshot)))
    await shop.consume(StockReserved, { order_id: id })
    await eventually(async () => seen.length === 300, 'all have seen it')
    assert.equal(new Set(seen).size, 1, 'they share one reading and one text')
    const late: OrderSnapshot[] = []
    ends.push(
      watch.watch(id, 1, (snapshot) => late.push(snapshot)),
      watch.watch(id, 2, (snapshot) => late.push(snapshot)),
    )
    assert.deepEqual(late, [seen[0]], 'who comes late with an older one is told at once')
    for (const end of ends) end()
  })
})

test('places of a service as a whole are bounded, and given back once', () => {
  const { take } = streamPlaces(7)
  const mine = [1, 2, 3, 4, 5].map(() => take('me'))
  assert.throws(() => take('me'), { status: 429, code: 'too_many_streams' })
  const others = ['a', 'b'].map(take)
  assert.throws(() => take('c'), { status: 503, code: 'streams_full' })
  for (const giveBack of [...mine, ...others, ...mine, ...others]) giveBack()
  for (const person of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) take(person)
  assert.throws(() => take('h'), { status: 503 })
})

test('a reader who is slow gets the newest, and nothing is kept for him but that', async () => {
  const { stream, send, end, isStuck } = latestStream()
  send('first')
  for (let n = 0; n < 10_000; n += 1) send(`text ${n}`)
  assert.ok(isStuck())
  assert.equal(stream.readableLength, 'first'.length)
  end()
  send('too late')
  const got: string[] = []
  for await (const text of stream) got.push(String(text))
  assert.equal(got.join(''), 'firsttext 9999')
})
