import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { eventually } from '@mart/service-kit/eventually'
import { type MartUnderTest, startMartUnderTest } from '../journeys/mart-under-test.ts'
import { withShop } from './browser.ts'
import { type Client, clientOf } from './client.ts'
import { firstPassword, freshEmail, linkMailed } from './members.ts'
import { cash, orderBy } from './ordering.ts'

describe('what the shop does not do, it says, and why', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let shop: string
  before(async () => {
    mart = await startMartUnderTest({ env: { ...withShop, MART_RATE_LIMITS: 'on' } })
    shop = mart.mart.addresses.shop!
  })
  after(() => mart?.stop())

  const shelved = async (quantity = 100, price?: number) => {
    const sku = await mart.stock(quantity, price)
    const page = `/p/tea-${sku.slice(4)}`
    await eventually(async () => (await clientOf(shop).get(page)).text.includes('Add to cart'), 'the shop has it')
    return sku
  }
  const customer = async (email = freshEmail()) => {
    const client = clientOf(shop)
    const answer = await client.post('/sign-up', { name: 'Ayesha', email, password: firstPassword })
    assert.equal(answer.status, 303, answer.text)
    return client
  }
  const becomes = (client: Client, path: string, words: RegExp) =>
    eventually(async () => words.test((await client.get(path)).text), `the page says ${words}`)
  const deliver = async (path: string) => {
    await mart.admin.waitFor(path.split('/').at(-1)!, ['confirmed'])
    for (const [what, body] of [
      ['shipments', { carrier: 'TCS', tracking_number: 'PK-1' }],
      ['deliveries', {}],
    ] as const)
      assert.equal((await mart.admin.api('order', 'POST', `${path}/${what}`, { body })).status, 200)
  }
  /** What it tells in notices that are wrong, as a screen reader reads them out. */
  const alertsIn = (text: string) => [...text.matchAll(/role="alert">([^<]*)</g)].map(([, words]) => words!.trim())
  const phones = () => `0300 ${Math.floor(Math.random() * 9_000_000) + 1_000_000}`

  test('a wrong link of a guest says so, and takes no working one away', async () => {
    const guest = clientOf(shop)
    const path = await orderBy(guest, { sku: await shelved(), email: freshEmail(), phone: phones() })
    const secret = guest.cookieOf('guest')
    const changed = `${secret.startsWith('A') ? 'B' : 'A'}${secret.slice(1)}`
    for (const key of ['', 'x', secret.slice(0, 20), `${secret}x`, `${secret.slice(1)}.`, 'A'.repeat(8_000), changed]) {
      const stranger = clientOf(shop)
      for (const client of [guest, stranger]) {
        const { status, text } = await client.get(`${path}?key=${encodeURIComponent(key)}`)
        assert.equal(status, 404, key)
        assert.match(text, /This link does not open the order/)
      }
      assert.deepEqual([guest.cookieOf('guest'), stranger.cookieOf('guest')], [secret, ''], key)
    }
    assert.equal(await guest.statusOf(path), 200)
    assert.match((await clientOf(shop, { language: 'ur' }).get(`${path}?key=x`)).text, /یہ لنک آرڈر نہیں کھولتا/)
    const signIn = (await clientOf(shop).get(path)).location
    assert.match((await clientOf(shop).get(signIn)).text, /Ordered without an account\? Then no sign-in is needed/)
  })

  test('an order that was kept twice at once: both see it, and the old link leads there by a sign-in', async () => {
    const [guest, email] = [clientOf(shop), freshEmail()]
    const path = await orderBy(guest, { sku: await shelved(), email, phone: phones() })
    const secret = guest.cookieOf('guest')
    const old = clientOf(shop)
    assert.equal((await old.get(`${path}?key=${secret}`)).location, path)
    const keep = () => guest.post(`${path}/keep`, { password: firstPassword })
    for (const { status, location } of await Promise.all([keep(), keep()]))
      assert.deepEqual([status, location], [303, path])
    await fetch(await linkMailed(mart, email, /Is this your e-mail/))
    await becomes(old, path, /This order is in your account/)
    const { status, text } = await clientOf(shop).get(`${path}?key=${secret}`)
    assert.equal(status, 404)
    assert.match(text, /This order is in your account/)
    const next = `/sign-in?next=${encodeURIComponent(path)}`
    assert.ok(text.includes(`href="${next}"`))
    assert.equal((await old.post('/sign-in', { email, password: firstPassword, next: path })).location, path)
    assert.equal(await old.statusOf(`${path}?key=${secret}`), 303)
    assert.equal(await old.statusOf(path), 200)
  })

  test('a sign-up that is pressed twice opens the account for both, and for nobody who does not know its password', async () => {
    const [client, email] = [clientOf(shop), freshEmail()]
    await client.get('/sign-up')
    const signUp = (who: Client, password = firstPassword) =>
      who.post('/sign-up', { name: 'Ayesha', email, password, next: '/search?q=tea' })
    for (const { status, location } of await Promise.all([signUp(client), signUp(client)]))
      assert.deepEqual([status, location], [303, '/search?q=tea'])
    assert.equal(await client.statusOf('/account'), 200)
    const other = await signUp(clientOf(shop), 'of somebody else')
    assert.equal(other.status, 422)
    assert.deepEqual(alertsIn(other.text), ['There is an account with this e-mail address already. Please sign in.'])
  })

  test('another way to pay: each refusal has its own reason', async () => {
    const [guest, contact] = [clientOf(shop), { email: freshEmail(), phone: phones() }]
    const sku = await shelved()
    await becomes(guest, await orderBy(guest, { sku, ...contact }), /Confirmed/)
    const second = await orderBy(guest, { sku, ...contact, payment_method: 'stripe' })
    await becomes(guest, second, /value="cash_on_delivery"/)
    const large = await orderBy(guest, { sku, quantity: '20', ...contact, payment_method: 'stripe' })
    await becomes(guest, large, /value="cash_on_delivery"/)
    const dear = await orderBy(guest, {
      ...{ sku: await shelved(100, 300_000), quantity: '40' },
      ...contact,
      payment_method: 'stripe',
    })
    await becomes(guest, dear, /Pay in another way|Pay Rs/)
    assert.doesNotMatch((await guest.get(dear)).text, /value="cash_on_delivery"/)
    for (const [path, method, status, words] of [
      [second, 'cash_on_delivery', 429, /You have an order to pay in cash already/],
      [second, 'free', 422, /There is no such way to pay/],
      [second, '', 422, /There is no such way to pay/],
      [large, 'cash_on_delivery', 422, /This is more than can be paid in cash/],
      [dear, 'cash_on_delivery', 422, /This sum cannot be paid in this way/],
    ] as const) {
      const answer = await guest.post(`${path}/payment`, { payment_method: method })
      assert.equal(answer.status, status, method)
      assert.match(alertsIn(answer.text).join(), words)
      assert.equal(guest.hiddenIn(answer.text)['next'], path, 'another language leads back to the order')
    }
    assert.equal((await guest.post(`${second}/cancel`, {})).status, 303)
    const late = await guest.post(`${second}/payment`, { payment_method: 'cash_on_delivery' })
    assert.equal(late.status, 409)
    assert.match(alertsIn(late.text).join(), /the order has moved on/)
  })

  test('a second order in cash by the same phone: a guest is told what he can do, at the checkout too', async () => {
    const [sku, phone] = [await shelved(), phones()]
    await orderBy(clientOf(shop), { sku, email: freshEmail(), phone })
    const guest = clientOf(shop)
    for (const [quantity, status, words] of [
      [
        '1',
        429,
        /There is an order to pay in cash with this phone number or e-mail address already.*Nothing was ordered/,
      ],
      ['19', 422, /This is more than can be paid in cash.*Nothing was ordered/],
    ] as const) {
      await guest.post('/cart/add', { sku, quantity })
      const { text: page } = await guest.get('/checkout')
      const sent = { ...guest.hiddenIn(page), ...cash, email: freshEmail(), phone }
      const answer = await guest.post('/checkout', sent)
      assert.equal(answer.status, status)
      assert.match(alertsIn(answer.text)[0]!, words)
    }
  })

  test('a return that is not taken says why, and what was written is not lost', async () => {
    const client = await customer()
    const sku = await shelved()
    const path = await orderBy(client, { sku, phone: phones() })
    await becomes(client, path, /To be delivered to/)
    const wanted = { [`quantity:${sku}`]: '1', [`reason:${sku}`]: 'damaged', note: 'the lid is off' }
    const early = await client.post(`${path}/returns`, wanted)
    assert.equal(early.status, 409)
    assert.match(alertsIn(early.text).join(), /an order that has been delivered/)
    assert.match(early.text, /What you wrote to us was not sent:.*the lid is off/)

    await deliver(path)
    await becomes(client, path, /Delivered to/)
    const strange = await client.post(`${path}/returns`, { 'quantity:NOPE': '1', 'reason:NOPE': 'other', note: 'kept' })
    assert.equal(strange.status, 422)
    assert.match(alertsIn(strange.text).join(), /is not of this order/)
    assert.match(strange.text, /name="note"[^>]*value="kept"|value="kept"[^>]*name="note"/)

    const { key = '' } = client.hiddenIn((await client.get(path)).text)
    assert.equal((await client.post(`${path}/returns`, { key, ...wanted })).status, 303)
    const inOtherTab = { ...wanted, [`reason:${sku}`]: 'other', note: 'and it leaks' }
    for (const [sent, words] of [
      [{ key, ...inOtherTab }, /You have asked to send something of this order back meanwhile/],
      [{ key: randomUUID(), ...inOtherTab }, /it is on its way back/],
    ] as const) {
      const again = await client.post(`${path}/returns`, sent)
      assert.equal(again.status, 422)
      assert.match(alertsIn(again.text).join(), words)
      assert.match(again.text, /What you wrote to us was not sent:.*and it leaks/)
    }
  })

  test('a return that is sent once its session has ended is kept for whoever typed it, and is asked for after all', async () => {
    const [email, sku] = [freshEmail(), await shelved()]
    const client = await customer(email)
    const path = await orderBy(client, { sku, phone: phones() })
    await deliver(path)
    await becomes(client, path, /Send something back/)
    const hidden = client.hiddenIn((await client.get(path)).text)
    const wanted = { ...hidden, [`quantity:${sku}`]: '1', [`reason:${sku}`]: 'damaged', note: 'the lid is off' }
    const ended = clientOf(shop)
    const { location } = await ended.post(`${path}/returns`, wanted)
    assert.equal(location, `/sign-in?next=${encodeURIComponent(path)}&ended=typed`)
    const signIn = (await ended.get(location)).text
    assert.match(signIn, /You were signed out meanwhile.*what you typed is kept/)
    assert.doesNotMatch(signIn, /Ordered without an account|Go on as a guest/)
    assert.equal((await ended.post('/sign-in', { email, password: firstPassword, next: path })).location, path)
    const { text } = await ended.get(path)
    assert.match(text, /<details class="panel more" open/)
    assert.match(text, /value="the lid is off"/)
    assert.match(text, /<option value="damaged" selected/)
    assert.equal((await ended.post(`${path}/returns`, wanted)).status, 303)
    assert.equal(ended.cookieOf('typed'), '')

    const other = await customer()
    const taken = await other.post(`${path}/returns`, wanted)
    assert.equal(taken.location, `/sign-in?next=${encodeURIComponent(path)}&ended=other`)
    assert.match((await other.get(taken.location)).text, /In this browser Ayesha is signed in by now/)
    const pressed = await clientOf(shop).post(`${path}/cancel`, {})
    assert.match((await clientOf(shop).get(pressed.location)).text, /not signed in any more, so nothing was changed/)
  })

  test('what a form is sent that its page does not show is told above it', async () => {
    const client = await customer()
    const sku = await shelved()
    for (const [path, fields] of [
      [`/p/tea-${sku.slice(4)}/alert`, { sku, email: 'nobody' }],
      ['/account/second-factor', { do: 'nothing' }],
      ['/account/second-factor', { do: 'verify', code: '000000', uri: 'javascript:alert(1)' }],
      ['/account/second-factor', { do: 'off', currentPassword: 'a guess' }],
    ] as const) {
      const { status, text } = await client.post(path, fields)
      assert.ok(status >= 400, `${path}: ${status}`)
      assert.equal(alertsIn(text).length, 1, `${path} ${JSON.stringify(fields)}`)
    }
    const { status, text } = await client.post('/account/details', { name: 'Ayesha', language: 'zz' })
    assert.equal(status, 422)
    assert.match(text, /<\/select><small class="fault" id="language-fault">Please look at this again/)
    const form = { email: freshEmail(), password: firstPassword }
    for (const name of ['a\u0000b', '\u202e']) {
      const refused = await clientOf(shop).post('/sign-up', { name, ...form })
      assert.ok(refused.status >= 400)
      assert.match(refused.text, /id="name-fault">Please look at this again/)
      assert.deepEqual(alertsIn(refused.text), [])
    }
  })

  test('what is not there is named; an address that cannot be read is a page as well', async () => {
    const client = await customer()
    const id = randomUUID()
    for (const [path, words] of [
      [`/orders/${id}`, /This order is not here/],
      [`/account/addresses/${id}`, /This address is not in your address book/],
      ['/p/nothing', /This product is not here/],
      ['/c/nothing', /This category is not here/],
      ['/nothing', /This page is not here/],
      ...['/%', '/%ff', '/p/%ff', '/orders/%c0/receipt', `/p/${'a'.repeat(400)}`].map(
        (path) => [path, /<h1>This page is not here/] as const,
      ),
    ] as const) {
      const { status, text, headers } = await client.get(path)
      assert.equal(status, 404, path)
      assert.match(headers.get('content-type') ?? '', /text\/html/, path)
      assert.match(text, words, path)
    }
    // Left in the address bar by a form that was refused.
    for (const [path, page] of [
      [`/orders/${id}/cancel`, `/orders/${id}`],
      [`/orders/${id}/returns/${id}/withdraw`, `/orders/${id}`],
      ['/cart/add?sku=1', '/cart'],
      ['/p/nothing/alert', '/p/nothing'],
      ['/sign-out', '/'],
    ] as const) {
      const { status, location } = await client.get(path)
      assert.deepEqual([status, location], [303, page])
    }
    const gone = await client.post('/account/addresses', { id, do: 'default' })
    assert.equal(gone.status, 404)
    assert.match(gone.text, /This address is not in your address book/)
    assert.match((await clientOf(shop, { language: 'ur' }).get('/%')).text, /یہ صفحہ یہاں نہیں ہے/)
    const forPrograms = await fetch(`${shop}/%`, { headers: { accept: 'application/json' } })
    assert.deepEqual(
      [forPrograms.status, ((await forPrograms.json()) as { code: string }).code],
      [404, 'no_such_route'],
    )
    assert.equal(
      (await fetch(`${shop}/api/%ff`, { headers: { accept: 'text/html' } })).headers.get('content-type')?.split(';')[0],
      'application/problem+json',
    )
  })

  test('a browser that keeps no cookies: what would not last is not silent', async () => {
    const sku = await shelved()
    const email = freshEmail()
    await customer(email)
    for (const [path, fields] of [
      ['/cart/add', { sku, next: '/search?q=tea' }],
      ['/sign-in', { email, password: firstPassword, next: '/search?q=tea' }],
      ['/preferences', { language: 'ur', next: '/search?q=tea' }],
    ] as const) {
      const client = clientOf(shop)
      const { location } = await client.post(path, fields)
      assert.equal((await client.get(location)).location, '/search?q=tea', path)
      const { status, text } = await clientOf(shop).get(location)
      assert.deepEqual([status, /<h1>Your browser keeps no cookies/.test(text)], [400, true], path)
    }
  })

  test('a page of a list that is none is the first one, which says so', async () => {
    const client = await customer()
    for (const path of ['/account', '/account/notifications', '/search'])
      for (const cursor of ['junk', 'x'.repeat(3_000), '%00']) {
        const { status, text } = await client.get(`${path}?cursor=${cursor}`)
        assert.equal(status, 200, path)
        assert.match(text, /That page of the list is gone: here is the first one/, path)
      }
  })

  test('what was sold out is said first, with the rest for the cart; what is cancelled is delivered nowhere', async () => {
    const [sku, rest] = [await shelved(3), await shelved()]
    const { name, line1, city, country, payment_method } = cash
    const body = {
      lines: [
        { sku, quantity: 5 },
        { sku: rest, quantity: 2 },
      ],
      currency: 'PKR',
      payment_method,
      shipping_address: { name, line1, city, country, phone: phones() },
      contact: { name, email: freshEmail(), phone: phones() },
    }
    const placed = await fetch(`${shop}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify(body),
    })
    const order = (await placed.json()) as { id: string; guest_token: string }
    assert.equal(placed.status, 201, JSON.stringify(order))
    const guest = clientOf(shop, { guest: order.guest_token })
    await becomes(guest, `/orders/${order.id}`, /Something was sold out/)
    const { text } = await guest.get(`/orders/${order.id}`)
    assert.match(text, new RegExp(`Something was sold out<span class="soft"> · <bdi>Tea ${sku.slice(4)}`))
    const named = `<p class="status">Sold out meanwhile, or too few left: <span><bdi>Tea ${sku.slice(4)}`
    assert.match(text, new RegExp(`${named}[^<]*</bdi></span></p><p>[^<]*nothing was charged`))
    assert.ok(!text.includes(sku), 'no SKU')
    assert.doesNotMatch(text, /delivered to|Keep this order/i)
    assert.match(text, /Delivery address/)
    for (let presses = 0; presses < 2; presses += 1) {
      const { location } = await guest.post(`/orders/${order.id}/again`, { rest: 'yes' })
      const cart = (await guest.get(location)).text
      assert.match(cart, new RegExp(`name="sku" value="${rest}".*?type="number".*? value="2"`, 's'))
      assert.doesNotMatch(cart, new RegExp(`"${sku}"|not in your cart`))
    }
    const ofNobody = await clientOf(shop).post(`/orders/${order.id}/again`, { rest: 'yes' })
    assert.match(ofNobody.location, /^\/sign-in/)
  })
})
