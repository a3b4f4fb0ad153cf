import assert from 'node:assert/strict'
import { after, before, describe, it, test } from 'node:test'
import { type Availability, StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import { OrderPlaced } from '@mart/contracts/events/order-events'
import { ProductChanged, ProductPublished, ProductRetired } from '@mart/contracts/events/product-events'
import { UserErased, UserProfileChanged } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import type { Transaction } from '@mart/service-kit/postgres'
import { eventually, startTestService, type TestPerson, type TestService } from '@mart/service-kit/testing'
import type { Config } from '../src/config.ts'
import { notification } from '../src/main.ts'
import { claimMessages } from '../src/use-cases/claim-messages.ts'
import { works } from '../src/worker.ts'
import { type MailBox, smtpError, startMailBox } from './mail-box.ts'
import { anOrder, erased, placed, proven } from './samples.ts'

type Mart = TestService<Config>

const product = (sku: string, change: object = {}) => ({
  ...{ product_id: newId(), version: 1, slug: `tea-${sku.toLowerCase()}`, name: 'Tapal Danedar' },
  ...{ category_slugs: [], image_urls: [], variants: [{ sku, name: '450 g', prices: [] }] },
  ...change,
})
const stock = (sku: string, availability: Availability) => ({
  ...{ sku, availability, available: availability === 'out' ? 0 : 5 },
})
const freshSku = () => `Tea-${newId().slice(-12)}`
const freshEmail = () => `${newId()}@example.com`

/** A SKU that is sold, and sold out. */
async function soldOut(mart: Mart): Promise<string> {
  const sku = freshSku()
  await mart.consume(ProductPublished, product(sku))
  await mart.consume(StockAvailabilityChanged, stock(sku, 'out'))
  return sku
}
const back = (mart: Mart, sku: string) => mart.consume(StockAvailabilityChanged, stock(sku, 'in_stock'))

async function ask(mart: Mart, sku: string, email: string, as?: TestPerson): Promise<void> {
  const { status, body } = await mart.http('POST', '/stock-alerts', { as, body: { sku, email } })
  assert.equal(status, 204, JSON.stringify(body))
}

/** Nothing is to be told, and no mail waits. */
const quiet = ({ service: { db } }: Mart) =>
  eventually(async () => {
    const waiting = await db`
      select from messages where status = 'pending' union all select from sku_stock where to_tell`
    return waiting.length === 0
  }, 'nothing waits')

describe('who waits for what is sold out', () => {
  let box: MailBox
  let mart: Mart
  before(async () => {
    box = await startMailBox()
    mart = await startTestService(notification, { SMTP_URL: box.url, SHOP_URL: 'https://mart.example/' })
  })
  after(async () => {
    await mart.stop()
    await box.stop()
  })
  const alertsOf = (email: string) =>
    mart.service.db`select * from stock_alerts where email = ${email} order by asked_at`
  const messagesTo = (email: string) => mart.service.db`select * from messages where recipient = ${email} order by id`
  const workNamed = (name: string) => works(mart.service).find((work) => work.name === name)!
  const run = (name: string) => workNamed(name).run(new AbortController().signal)

  it('lists what he waits for: what he asked for, and what is waited for at the address that he has proven', async () => {
    const [mine, atMine, theirs] = [await soldOut(mart), await soldOut(mart), await soldOut(mart)]
    const as = { id: newId() }
    const email = freshEmail()
    await mart.consume(UserProfileChanged, proven(as.id, email))
    await ask(mart, mine, freshEmail(), as)
    await ask(mart, atMine, email.toUpperCase())
    await ask(mart, theirs, freshEmail())
    const list = async (query = '') => (await mart.http('GET', `/stock-alerts?${query}`, { as })).body
    const first = await list('limit=1')
    const rest = await list(`limit=1&cursor=${first.next_cursor}`)
    assert.deepEqual([first.items[0].sku, rest.items[0].sku, rest.next_cursor], [atMine, mine, null])
    const { id, asked_at, ...alert } = first.items[0]
    assert.deepEqual(alert, {
      sku: atMine,
      name: 'Tapal Danedar, 450 g',
      email: email.toUpperCase(),
      language: 'en',
    })
    assert.deepEqual((await mart.http('GET', '/stock-alerts', { as: { id: newId() } })).body.items, [])
    assert.equal((await mart.http('GET', '/stock-alerts')).status, 401)
    await mart.consume(UserErased, erased(as.id))
    assert.deepEqual((await mart.service.db`select from stock_alerts where person_id = ${as.id}`).length, 0)
  })

  it('is mailed once when it is back, with its page, however often he asked and stock says it', async () => {
    const sku = await soldOut(mart)
    const email = freshEmail()
    await ask(mart, sku, email)
    await ask(mart, sku.toUpperCase(), email.replace('@', '+shop@'))
    await ask(mart, sku, email.toUpperCase())
    for (const _ of [1, 2]) await back(mart, sku)
    await quiet(mart)
    await mart.consume(StockAvailabilityChanged, stock(sku, 'out'))
    await back(mart, sku)
    await quiet(mart)
    const [mail, ...more] = box.to(email)
    assert.deepEqual([mail?.subject, more], ['Back in stock: Tapal Danedar, 450 g', []])
    for (const text of [mail?.text, mail?.html]) {
      assert.ok(String(text).includes(`https://mart.example/p/tea-${sku.toLowerCase()}?sku=${sku}`), String(text))
      assert.match(String(text), /only one about it/)
    }
    assert.equal(box.to(email.replace('@', '+shop@')).length, 0)
  })

  it('reads its name in Urdu when he reads Urdu and it has one, as it is called by now', async () => {
    const [productId, sku] = [newId(), freshSku()]
    const [email, other, third] = [freshEmail(), freshEmail(), freshEmail()]
    const told = (version: number, ur: string) => ({
      ...product(sku, { product_id: productId, version, translations: { ur: { name: ur } } }),
      variants: [{ sku, name: '450 g', translations: { ur: { name: '450 گرام' } }, prices: [] }],
    })
    await mart.consume(ProductPublished, told(1, 'چائے'))
    await mart.consume(StockAvailabilityChanged, stock(sku, 'out'))
    // One says so, the other's account does.
    const signedIn = { id: newId(), language: 'ur' }
    await mart.http('POST', '/stock-alerts', { body: { sku, email, language: 'ur' } })
    await ask(mart, sku, third, signedIn)
    await ask(mart, sku, other)
    await mart.consume(ProductChanged, told(2, 'دانے دار چائے'))
    await back(mart, sku)
    await quiet(mart)
    for (const to of [email, third]) assert.equal(box.to(to)[0]?.subject, 'دوبارہ دستیاب: دانے دار چائے، 450 گرام')
    assert.equal(box.to(other)[0]?.subject, 'Back in stock: Tapal Danedar, 450 g')
  })

  it('is told when it can be bought already, and mailed nothing', async () => {
    const sku = await soldOut(mart)
    await back(mart, sku)
    await quiet(mart)
    const email = freshEmail()
    for (const _ of [1, 2]) {
      const { status, body } = await mart.http('POST', '/stock-alerts', { body: { sku, email } })
      assert.deepEqual([status, body.code], [409, 'available_now'])
    }
    assert.deepEqual([(await alertsOf(email)).length, (await messagesTo(email)).length], [0, 0])
    // Nor is he when it goes and comes again: he was told.
    await mart.consume(StockAvailabilityChanged, stock(sku, 'out'))
    await back(mart, sku)
    await quiet(mart)
    assert.equal(box.to(email).length, 0)
  })

  it('is mailed once when it comes back at the moment of asking, or told that it is there', async () => {
    const rounds = await Promise.all(
      Array.from({ length: 10 }, async () => ({ sku: await soldOut(mart), email: freshEmail() })),
    )
    const asked = await Promise.all(
      rounds.map(async ({ sku, email }) => {
        const [{ status }] = await Promise.all([
          mart.http('POST', '/stock-alerts', { body: { sku, email } }),
          back(mart, sku),
        ])
        return { email, status }
      }),
    )
    await quiet(mart)
    for (const { email, status } of asked) assert.equal(box.to(email).length, status === 204 ? 1 : 0)
  })

  it('is mailed once though it comes back while his asking is under way', async () => {
    const sku = await soldOut(mart)
    const email = freshEmail()
    const { db } = mart.service
    const waits = async (part: string) => {
      const waiting = await db`
        select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like ${`%${part}%`}`
      return waiting.length > 0
    }
    const [isHeld, isDone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const held = db.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended(${`alerts of ${email}`}, 0))`
      isHeld.resolve()
      await isDone.promise
    })
    await isHeld.promise
    const asking = ask(mart, sku, email)
    await eventually(() => waits('hashtextextended'), 'the asking is under way')
    const coming = back(mart, sku)
    await Promise.race([coming, eventually(() => waits('into sku_stock'), 'stock waits for it')])
    await run('stock alerts')
    isDone.resolve()
    await Promise.all([held, asking, coming])
    await quiet(mart)
    assert.equal(box.to(email).length, 1)
  })

  it('asks for something that is sold, and says where he reads mails', async () => {
    const sku = await soldOut(mart)
    const faults = async (change: object) => {
      const body = { sku, email: freshEmail(), ...change }
      const answer = await mart.http('POST', '/stock-alerts', { body })
      assert.equal(answer.status, 422)
      return answer.body.errors.map(({ field, code }: { field: string; code: string }) => `${field} ${code}`)
    }
    assert.deepEqual(await faults({ sku: 'NOT-THERE' }), ['sku unknown_sku'])
    assert.deepEqual(await faults({ sku: '\u0000' }), ['sku pattern'])
    for (const email of [
      '',
      'me',
      'sänä@example.com',
      'a@example.com\nbcc: b@example.com',
      'a@example.com, b@example.com',
    ])
      assert.deepEqual(await faults({ email }), ['email email'], email)
    assert.deepEqual(await faults({ email: `${'a'.repeat(300)}@example.com` }), ['email maxLength'])
    assert.deepEqual(await faults({ language: 'fr', name: 'x' }), ['name unknown_field', 'language enum'])
  })

  it('reads mails at a domain in any letters, which is one mailbox however it is written', async () => {
    const sku = await soldOut(mart)
    const name = newId()
    for (const domain of ['exämple.com', 'xn--exmple-cua.com', 'EXÄMPLE.com']) await ask(mart, sku, `${name}@${domain}`)
    await back(mart, sku)
    await quiet(mart)
    // The server of this test reads the ASCII form back.
    assert.equal(box.to(`${name}@exämple.com`).length, 1)
    assert.equal((await messagesTo(`${name}@xn--exmple-cua.com`)).length, 1)
  })

  it('waits for twenty at most: the oldest gives way', async () => {
    const email = freshEmail()
    const skus: string[] = []
    for (let n = 0; n < 22; n += 1) skus.push(await soldOut(mart))
    for (const sku of skus) await ask(mart, sku, email)
    const kept = (await alertsOf(email)).map((row) => row['sku_key'])
    assert.deepEqual(
      kept,
      skus.slice(2).map((sku) => sku.toUpperCase()),
    )
  })

  it('is not mailed what is sold out again before, but when it is back for longer', async () => {
    const sku = await soldOut(mart)
    const email = freshEmail()
    await ask(mart, sku, email)
    box.refuse = (_, address) => (address === email ? smtpError(451, 'later') : null)
    await back(mart, sku)
    await eventually(async () => (await messagesTo(email))[0]?.['attempts'] === 1, 'it was tried')
    await mart.consume(StockAvailabilityChanged, stock(sku, 'out'))
    box.refuse = () => null
    await mart.service.db`update messages set due_at = now() where recipient = ${email}`
    await quiet(mart)
    const [row] = await messagesTo(email)
    assert.deepEqual(
      [row?.['status'], row?.['reason'], (await alertsOf(email)).length],
      ['skipped', 'sold_out_again', 1],
    )
    assert.equal(box.to(email).length, 0)
    await back(mart, sku)
    await quiet(mart)
    assert.equal(box.to(email).length, 1)
  })

  it('is not told of what is not for sale any more, until it is again', async () => {
    const sku = await soldOut(mart)
    const email = freshEmail()
    await ask(mart, sku, email)
    const [{ product_id }] = (await mart.service.db`
      select product_id from known_skus where sku_key = ${sku.toUpperCase()}`) as unknown as [{ product_id: string }]
    await mart.consume(ProductRetired, product(sku, { product_id, version: 2 }))
    await back(mart, sku)
    await quiet(mart)
    assert.equal(box.to(email).length, 0)
    await mart.consume(ProductChanged, product(sku, { product_id, version: 1 }))
    await quiet(mart)
    assert.equal(box.to(email).length, 0)
    await mart.consume(ProductPublished, product(sku, { product_id, version: 3 }))
    await eventually(async () => box.to(email).length === 1, 'the mail is there')
  })

  it('is forgotten with the person: what he asked for, and what anybody did for his proven address', async () => {
    const [sku, other] = [await soldOut(mart), await soldOut(mart)]
    const [person, email, else_] = [newId(), freshEmail(), freshEmail()]
    await mart.consume(UserProfileChanged, proven(person, email))
    await ask(mart, other, email)
    await back(mart, other)
    await quiet(mart)
    assert.ok(box.to(email).some(({ subject }) => /Back in stock/.test(String(subject))))
    await ask(mart, sku, email)
    await ask(mart, sku, else_, { id: person })
    const stranger = freshEmail()
    await ask(mart, sku, stranger)
    await mart.consume(UserErased, erased(person))
    assert.deepEqual([(await alertsOf(email)).length, (await alertsOf(else_)).length], [0, 0])
    assert.equal((await messagesTo(email)).length, 0)
    await back(mart, sku)
    await quiet(mart)
    assert.deepEqual([box.to(else_).length, box.to(stranger).length], [0, 1])
  })

  it('waits for half a year, and is named by what was mailed for a month', async () => {
    const [sku, other] = [await soldOut(mart), await soldOut(mart)]
    const [old, young] = [freshEmail(), freshEmail()]
    for (const email of [old, young]) {
      await ask(mart, other, email)
      await ask(mart, sku, email)
    }
    await back(mart, other)
    await quiet(mart)
    const { db } = mart.service
    const ages = [
      [old, 181, 31],
      [young, 179, 29],
    ] as const
    for (const [email, asked, mailed] of ages) {
      await db`update stock_alerts set asked_at = now() - ${asked} * interval '1 day' where email = ${email}`
      await db`update messages set queued_at = now() - ${mailed} * interval '1 day' where recipient = ${email}`
    }
    await run('old stock alerts')
    assert.deepEqual([(await alertsOf(old)).length, (await alertsOf(young)).length], [0, 1])
    assert.deepEqual([(await messagesTo(old)).length, (await messagesTo(young)).length], [0, 1])
  })
})

describe('what a stranger asks for in somebody’s name', () => {
  let box: MailBox
  let mart: Mart
  before(async () => {
    box = await startMailBox()
    mart = await startTestService(notification, { SMTP_URL: box.url })
  })
  after(async () => {
    await mart.stop()
    await box.stop()
  })
  const comesBackFor = async (email: string, times: number) => {
    const skus: string[] = []
    for (let n = 0; n < times; n += 1) skus.push(await soldOut(mart))
    for (const sku of skus) await ask(mart, sku, email)
    for (const sku of skus) await back(mart, sku)
    await quiet(mart)
  }
  const became = async (email: string) =>
    (
      await mart.service.db`
        select kind || ' ' || coalesce(reason, status) as what, count(*)::int as n from messages
        where recipient = ${email} group by 1 order by 1`
    ).map(({ what, n }) => `${what} ${n}`)
  const orderFor = (email: string) => {
    const order = anOrder({ customer_id: null })
    return { ...order, contact: { ...order.contact, email } }
  }

  it('is at most five mails a day, and takes nothing from the mails of his orders', async () => {
    const email = freshEmail()
    await comesBackFor(email, 7)
    await mart.consume(OrderPlaced, ...Array.from({ length: 7 }, () => placed(orderFor(email))))
    await quiet(mart)
    assert.deepEqual(await became(email), [
      'back_in_stock sent 5',
      'back_in_stock unproven_limit 2',
      'order_received sent 7',
    ])
  })

  it('is mailed though the mails of his orders have used up theirs', async () => {
    const email = freshEmail()
    await mart.consume(OrderPlaced, ...Array.from({ length: 8 }, () => placed(orderFor(email))))
    await comesBackFor(email, 1)
    assert.deepEqual(await became(email), [
      'back_in_stock sent 1',
      'order_received sent 7',
      'order_received unproven_limit 1',
    ])
  })

  it('waits until the mails of orders have gone', async () => {
    const order = orderFor(freshEmail())
    const undone = new Error('undone')
    const taken: string[][] = []
    const taking = mart.service.db.begin(async (begun) => {
      const tx = begun as Transaction
      await tx`select pg_advisory_xact_lock(hashtext('take messages'))`
      await tx`
        insert into messages (cause_id, kind, recipient, language, data, status, due_at)
        select gen_random_uuid(), kind, ${order.contact.email}, 'en', '{"sku_key": "NONE"}', 'pending', now() - age
        from (values ('back_in_stock', interval '2 hours'), ('back_in_stock', interval '1 hour'),
          ('order_received', interval '1 minute')) as due(kind, age)`
      for (const atMost of [1, 5]) {
        const { mails } = await claimMessages(tx, { atMost, leaseMs: 60_000 })
        taken.push(mails.map(({ kind }) => kind))
      }
      throw undone
    })
    await assert.rejects(taking, undone)
    assert.deepEqual(taken, [['order_received'], ['back_in_stock', 'back_in_stock']])
  })
})

test('two replicas mail each who waits once, though there are many and stock says it again', async (t) => {
  const box = await startMailBox()
  const mart = await startTestService(notification, { SMTP_URL: box.url, MAILS_PER_SECOND: '1000' })
  t.after(async () => {
    await mart.stop()
    await box.stop()
  })
  await mart.startReplica()
  const sku = await soldOut(mart)
  const emails = Array.from({ length: 450 }, freshEmail)
  await mart.service.db`
    insert into stock_alerts (sku_key, mailbox, email, language)
    select ${sku.toUpperCase()}, email, email, 'en' from unnest(${emails}::text[]) email`
  for (const _ of [1, 2, 3]) await back(mart, sku)
  await quiet(mart)
  const counts = emails.map((email) => box.to(email).length)
  assert.deepEqual([...new Set(counts)], [1])
})

test('of one client address only so many are taken in a minute, whatever it asks for', async (t) => {
  const mart = await startTestService(notification, { MART_RATE_LIMITS: 'on', TRUSTED_PROXIES: '127.0.0.1' })
  t.after(() => mart.stop())
  const sku = await soldOut(mart)
  const from = async (address: string) => {
    const headers = { 'x-forwarded-for': address }
    return (await mart.http('POST', '/stock-alerts', { headers, body: { sku, email: freshEmail() } })).status
  }
  const answers: number[] = []
  // A minute may end in between.
  for (let n = 0; n < 21; n += 1) answers.push(await from('203.0.113.7'))
  assert.equal(answers[0], 204)
  assert.ok(answers.includes(429))
  assert.equal(await from('203.0.113.8'), 204)
})
