import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { get, request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { eventually } from '@mart/service-kit/eventually'
import { type MartUnderTest, startMartUnderTest } from '../journeys/mart-under-test.ts'
import { withShop } from './browser.ts'
import { type Client, clientOf } from './client.ts'
import { cash, orderBy as place } from './ordering.ts'

describe('what the shop does not let happen', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let shop: string
  let sku: string
  let category: { id: string }
  before(async () => {
    mart = await startMartUnderTest({ env: { ...withShop, MART_RATE_LIMITS: 'on' } })
    shop = mart.mart.addresses.shop!
    // Before anybody looks: the shop asks for its categories every half minute.
    category = (await mart.admin.api('product', 'POST', '/categories', { body: { name: 'Leaves' } })).body
    sku = await mart.stock(1_000)
    const seen = async () => (await clientOf(shop).get('/search')).text.includes('Add to cart')
    await eventually(seen, 'the shop has something')
  })
  after(() => mart?.stop())

  const orderBy = (client: Client, more: Record<string, string> = {}) => place(client, { sku, ...more })
  const customer = async () => {
    const client = clientOf(shop)
    const email = `${randomUUID()}@example.com`
    const answer = await client.post('/sign-up', { name: 'Ayesha', email, password: 'purple kettle mango' })
    assert.equal(answer.status, 303, answer.text)
    return client
  }

  test('another site changes nothing', async () => {
    const client = await customer()
    const add = (headers: Record<string, string>) => client.post('/cart/add', { sku }, headers)
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: shop, 'sec-fetch-site': 'cross-site' },
      { origin: shop, 'sec-fetch-site': 'same-site' },
      { origin: '' },
    ])
      assert.equal((await add(headers)).status, 403, JSON.stringify(headers))
    assert.match((await client.get('/cart')).text, /Your cart is empty/)
    assert.equal((await add({ 'sec-fetch-site': 'same-origin' })).status, 303)
    const api = await fetch(`${shop}/api/carts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: client.cookies(), origin: 'http://evil.example' },
      body: '{"currency":"PKR"}',
    })
    assert.equal(api.status, 403)
  })

  test('whoever opened the shop by another name can use it, another site by no name', async () => {
    const { port } = new URL(shop)
    const add = async (headers: Record<string, string>) => {
      const sent = request(`${shop}/cart/add`, { method: 'POST', headers: { ...form, cookie: 'a=b', ...headers } })
      sent.end(String(new URLSearchParams({ sku, quantity: '1' })))
      const [answer] = await once(sent, 'response')
      answer.resume()
      return answer.statusCode
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const host = `192.168.1.5:${port}`
    const site = { 'sec-fetch-site': 'same-origin' }
    assert.equal(await add({ host, origin: `http://${host}`, ...site }), 303)
    assert.equal(await add({ host, origin: `http://${host}` }), 403)
    assert.equal(await add({ host, origin: 'http://evil.example', ...site }), 403)
    assert.equal(await add({ host, origin: `http://${host}`, 'sec-fetch-site': 'same-site' }), 403)
  })

  test('who is refused for that reads why, and is led to the same page at the shop’s own address', async () => {
    const client = await customer()
    const { host } = new URL(shop)
    const send = (headers: Record<string, string>) =>
      client.post('/cart/add', { sku, quantity: '1' }, { origin: 'http://evil.example', ...headers })
    const cases: [referer: string, leadsTo: string][] = [
      [`${shop}/search?q=tea&sort=name`, '/search?q=tea&amp;sort=name'],
      [`http://${host}//evil.example/<b>`, '/'],
      ['http://evil.example/search?q=tea', '/'],
      ['no address', '/'],
    ]
    for (const [referer, leadsTo] of cases) {
      const { status, text } = await send({ referer })
      assert.equal(status, 403)
      assert.match(text, /Please open the shop at its own address/)
      assert.ok(text.includes(`<a class="button" href="${shop}${leadsTo}">`), `${referer}: ${text}`)
    }
    const elsewhere = { origin: 'http://evil.example' }
    const inUrdu = await clientOf(shop, { language: 'ur' }).post('/cart/add', { sku }, elsewhere)
    assert.match(inUrdu.text, /lang="ur".*براہِ کرم دکان کو اس کے اپنے پتے پر کھولیں/s)
    const problem = await send({ accept: 'application/json' })
    assert.equal(JSON.parse(problem.text).code, 'other_origin')
    assert.match((await client.get('/cart')).text, /Your cart is empty/)
  })

  test('by another name of the network it is the same page that he is led to', async () => {
    const { port } = new URL(shop)
    const host = `192.168.1.5:${port}`
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      ...{
        cookie: 'a=b',
        host,
        origin: `http://${host}`,
        referer: `http://${host}/c/tea-and-coffee`,
        accept: 'text/html',
      },
    }
    const sent = request(`${shop}/cart/add`, { method: 'POST', headers })
    sent.end(String(new URLSearchParams({ sku, quantity: '1' })))
    const [answer] = await once(sent, 'response')
    const text = (await answer.setEncoding('utf8').toArray()).join('')
    assert.equal(answer.statusCode, 403)
    assert.ok(text.includes(`href="${shop}/c/tea-and-coffee"`), text)
  })

  test('another name of this machine leads to the shop’s own, where cookies and forms belong', async () => {
    const { port } = new URL(shop)
    const opened = async (host: string, path: string, mode = 'navigate') => {
      const [answer] = await once(get(shop + path, { headers: { host, 'sec-fetch-mode': mode } }), 'response')
      answer.resume()
      return [answer.statusCode, answer.headers.location]
    }
    const path = '/search?q=tea&next=//evil.example'
    for (const name of ['localhost', '[::1]'])
      assert.deepEqual(await opened(`${name}:${port}`, path), [307, shop + path], name)
    for (const host of [`127.0.0.1:${port}`, 'localhost:1', 'evil.example', `localhost.evil.example:${port}`])
      assert.deepEqual(await opened(host, path), [200, undefined], host)
    assert.deepEqual(await opened(`localhost:${port}`, '/api/products', 'cors'), [200, undefined])
  })

  test('no address leads out of the shop', async () => {
    const client = clientOf(shop)
    await client.get('/')
    const outside = [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      '/.//evil.example',
      '/x/..//evil.example',
      '/%2e//evil.example',
      '/%2e%2E//evil.example',
      '//shop.invalid//evil.example',
      'javascript:alert(1)',
      '/%0d%0aset-cookie:a=b\r\n',
      '',
    ]
    for (const next of outside)
      assert.equal(
        (await client.post('/preferences', { currency: 'USD', next })).location.replace('/%0d%0aset-cookie:a=b', '/'),
        '/',
        next,
      )
    assert.equal(
      (await client.post('/preferences', { currency: 'PKR', next: '/search?q=tea' })).location,
      '/search?q=tea',
    )
    const email = `${randomUUID()}@example.com`
    const password = 'purple kettle mango'
    const member = clientOf(shop)
    await member.get('/sign-up')
    assert.equal(
      (await member.post('/sign-up', { name: 'Ayesha', email, password, next: '/.//evil.example' })).location,
      '/',
    )
    for (const next of ['/.//evil.example', '/x/..//evil.example', '//evil.example']) {
      const at = `?next=${encodeURIComponent(next)}`
      assert.equal((await member.get(`/sign-in${at}`)).location, '/account', next)
      assert.equal((await member.post('/cart/add', { sku, next })).location, '/', next)
      const stranger = clientOf(shop)
      await stranger.get(`/sign-in${at}`)
      assert.equal((await stranger.post('/sign-in', { email, password, next })).location, '/', next)
      assert.equal((await clientOf(shop, { any: 'cookie' }).get(`/cookies${at}`)).location, '/', next)
      const shown = await clientOf(shop).get(`/sign-in${at}`)
      assert.doesNotMatch(shown.text, /\/\/evil/, 'no form takes it along')
      const { location } = await client.get(`/api/auth/verify-email${at.replace('next', 'token=x&callbackURL')}`)
      assert.equal(new URL(location || '/', shop).origin, shop, location)
    }
  })

  test('every page has the headers that keep it one', async () => {
    const client = clientOf(shop)
    for (const path of ['/', '/search', `/p/tea-${sku.slice(4)}`, '/cart', '/sign-in', '/nowhere']) {
      const { headers } = await client.get(path)
      const policy = headers.get('content-security-policy') ?? ''
      assert.match(policy, /default-src 'self'.*frame-ancestors 'none'.*form-action 'self'/, path)
      assert.doesNotMatch(policy, /unsafe/)
      assert.equal(headers.get('x-frame-options'), 'DENY')
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.equal(headers.get('referrer-policy'), 'strict-origin-when-cross-origin')
      assert.equal(headers.get('cache-control'), 'no-store', path)
    }
    assert.equal((await client.get('/account')).headers.get('cache-control'), 'no-store', 'where it leads')
    // Going back to it without it a browser would ask whether to send the form again.
    assert.equal((await client.post('/sign-in', {})).headers.get('cache-control'), 'private, no-cache')
    const signedOut = await (await customer()).post('/sign-out', {})
    assert.equal(signedOut.headers.get('clear-site-data'), '"cache"')
  })

  test('no header of a visitor says who he is: services count him by his own address', async () => {
    const left = async (forged: string) => {
      const headers = {
        'x-forwarded-for': forged,
        forwarded: `for=${forged}`,
        'x-real-ip': forged,
        'x-client-address': forged,
      }
      const { headers: told } = await fetch(`${shop}/api/categories`, { headers })
      return Number(told.get('ratelimit-remaining'))
    }
    const [first, second] = [await left('203.0.113.1'), await left('203.0.113.2')]
    assert.ok(second < first, `${second} after ${first}`)
  })

  test('each page and form, by who comes: a stranger signs in first, another customer finds nothing', async () => {
    const [owner, other, stranger, guest] = [await customer(), await customer(), clientOf(shop), clientOf(shop)]
    const ofOwner = await orderBy(owner)
    const ofGuest = await orderBy(guest, { email: 'guest@example.com' })
    for (const [client, path] of [
      [owner, ofOwner],
      [guest, ofGuest],
    ] as const)
      await eventually(async () => /Confirmed/.test((await client.get(path)).text), 'it is confirmed')
    const table: [path: string, owner: number, other: number, stranger: number, guest: number][] = [
      ['/account', 200, 200, 303, 303],
      [ofOwner, 200, 404, 303, 303],
      [`${ofOwner}/address`, 200, 404, 303, 303],
      [`${ofOwner}/receipt`, 200, 404, 303, 303],
      [`${ofOwner}/events`, 200, 404, 401, 401],
      [`/api${ofOwner}`, 200, 404, 401, 401],
      [`/api${ofOwner}/returns`, 200, 404, 401, 401],
      [ofGuest, 404, 404, 303, 200],
      [`${ofGuest}/address`, 404, 404, 303, 200],
      [`${ofGuest}/receipt`, 404, 404, 303, 200],
      [`${ofGuest}/events`, 404, 404, 401, 200],
      ['/api/users', 403, 403, 401, 401],
      ['/api/stock?below_low=true', 403, 403, 401, 401],
      ['/api/returns', 200, 200, 401, 401],
      ['/api/stock-alerts', 200, 200, 401, 401],
      ['/api/users/me/sessions', 200, 200, 401, 401],
      ['/api/order/parked', 403, 403, 401, 401],
    ]
    for (const [path, ...expected] of table) {
      const seen: number[] = []
      for (const client of [owner, other, stranger, guest]) seen.push(await client.statusOf(path))
      assert.deepEqual(seen, expected, path)
    }
    for (const path of [
      `${ofOwner}/cancel`,
      `${ofOwner}/payment`,
      `${ofOwner}/address`,
      `${ofOwner}/returns`,
      `${ofOwner}/returns/${randomUUID()}/withdraw`,
    ]) {
      const fields = { ...cash, payment_method: 'stripe', [`quantity:${sku}`]: '1', [`reason:${sku}`]: 'damaged' }
      assert.equal((await other.post(path, fields)).status, 404)
      assert.match((await stranger.post(path, {})).location, /^\/sign-in\?next=/)
    }
    assert.equal((await guest.post(`${ofGuest}/cancel`, {})).status, 303)
  })

  test('a guest’s link: it opens the order and leaves the address; with one letter changed it opens nothing', async () => {
    const guest = clientOf(shop)
    const path = await orderBy(guest, { email: 'link@example.com' })
    const secret = guest.cookieOf('guest')
    const link = await clientOf(shop).get(`${path}?key=${secret}`)
    assert.equal(link.location, path)
    const wrong = clientOf(shop)
    assert.equal(await wrong.statusOf(`${path}?key=${secret.startsWith('A') ? 'B' : 'A'}${secret.slice(1)}`), 404)
    assert.equal(await wrong.statusOf(path), 303)
  })

  test('quantities, prices and texts that are none', async () => {
    const client = await customer()
    for (const quantity of ['-1', '0', '1.5', '1000000000', '9999', 'NaN', '']) {
      const { status, text } = await client.post('/cart/add', { sku, quantity })
      assert.equal(status, 422, quantity)
      assert.match(text, /This many cannot be put into the cart/)
    }
    assert.match((await client.post('/cart/add', { sku: 'NOT-THERE' })).text, /This is not sold here/)
    assert.match((await client.get('/cart')).text, /Your cart is empty/)
    // A price that somebody writes into the form is no field of ours.
    const path = await orderBy(client, { price: '1', 'unit_price.amount': '1', total: '1' })
    assert.match((await client.get(path)).text, /Rs\s1,149/)
    const evil = '<script>alert(1)</script>'
    const { text } = await client.get(
      await orderBy(client, { name: evil, line1: evil, note: evil, payment_method: 'stripe' }),
    )
    assert.ok(!text.includes(evil) && text.includes('&lt;script'), 'it is escaped')
    await client.post('/cart/add', { sku })
    const checkout = client.hiddenIn((await client.get('/checkout')).text)
    const { status, text: page } = await client.post('/checkout', { ...checkout, ...cash, phone: '12', line1: 'kept' })
    assert.equal(status, 422)
    assert.match(page, /This is no phone number/)
    assert.match(page, /value="kept"/)
    const long = await clientOf(shop).post('/sign-in', { email: `${'a'.repeat(300)}@example.com`, password: 'x' })
    assert.equal(long.status, 400)
    assert.match(long.text, /This is (no e-mail address|too long)/)
  })

  test('a product’s name that looks like a script ends none: search engines are told of it, escaped', async () => {
    const name = 'Tea </script><script>alert(1)</script>'
    const variants = [{ sku: 'TEA-SCRIPT', name: '450 g', prices: [{ amount: 100, currency: 'PKR' }] }]
    const body = { name, slug: 'tea-script', description: name, status: 'published', variants }
    assert.equal((await mart.admin.api('product', 'POST', '/products', { body })).status, 201)
    const { text } = await clientOf(shop).get('/p/tea-script')
    assert.ok(!text.includes('<script>alert'))
    const [, linked = ''] = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(text) ?? []
    assert.equal(JSON.parse(linked).name, name)
  })

  test('search engines are told what a product is, costs and has in stock, where it stands, and how to search', async () => {
    const price = (amount: number, currency: string) => ({ amount, currency })
    const variants = [
      { sku: 'LEAF-1', name: '250 g', prices: [price(45_050, 'PKR'), price(199, 'USD')] },
      { sku: 'LEAF/2', name: '500 g', prices: [price(90_000, 'PKR')] },
    ]
    const about = { name: 'Green leaf', slug: 'green-leaf', description: 'From Mansehra.' }
    const body = { ...about, status: 'published', category_ids: [category.id], variants }
    assert.equal((await mart.admin.api('product', 'POST', '/products', { body })).status, 201)
    const adjustment = { body: { delta: 500, reason: 'received' }, headers: { 'idempotency-key': 'leaf' } }
    await eventually(
      async () => (await mart.admin.api('inventory', 'POST', '/stock/LEAF-1/adjustments', adjustment)).status === 201,
      'inventory has heard of it',
    )
    const toldOn = async (path: string, cookies = {}) => {
      const { text } = await clientOf(shop, cookies).get(path)
      return [...text.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs)].map(([, one]) =>
        JSON.parse(one!),
      )
    }
    const offer = (sku: string, name: string, cost: string, priceCurrency: string, stock: string) => ({
      ...{ '@type': 'Offer', sku, name, price: cost, priceCurrency, availability: `https://schema.org/${stock}` },
      url: `${shop}/p/green-leaf?sku=${encodeURIComponent(sku)}`,
    })
    const [first, second] = [
      offer('LEAF-1', '250 g', '450.50', 'PKR', 'InStock'),
      offer('LEAF/2', '500 g', '900.00', 'PKR', 'OutOfStock'),
    ]
    await eventually(
      async () => JSON.stringify(await toldOn('/p/green-leaf')).includes('InStock'),
      'the shop knows its stock',
    )
    const context = { '@context': 'https://schema.org' }
    const item = `${shop}/c/leaves`
    const trail = [{ '@type': 'ListItem', position: 1, name: 'Leaves', item }]
    const stands = { ...context, '@type': 'BreadcrumbList', itemListElement: trail }
    const { name, description } = about
    const thing = { ...context, '@type': 'Product', name, description, image: [], url: `${shop}/p/green-leaf` }
    assert.deepEqual(await toldOn('/p/green-leaf'), [{ ...thing, offers: [first, second] }, stands])
    const inDollars = offer('LEAF-1', '250 g', '1.99', 'USD', 'InStock')
    assert.deepEqual(await toldOn('/p/green-leaf', { currency: 'USD' }), [{ ...thing, offers: [inDollars] }, stands])
    assert.deepEqual(await toldOn('/c/leaves'), [stands])
    assert.equal((await toldOn(`/p/tea-${sku.slice(4)}`)).length, 1, 'what is in no category stands nowhere')
    const [home] = await toldOn('/')
    assert.deepEqual(
      [home['@type'], home.url, home.potentialAction.target.urlTemplate],
      ['WebSite', `${shop}/`, `${shop}/search?q={search_term_string}`],
    )
  })

  test('the map of the site is an index, whose maps lead to the shelves and to each product', async () => {
    const client = clientOf(shop)
    const locations = async (path: string) => {
      const { status, text, headers } = await client.get(path)
      assert.deepEqual([status, headers.get('cache-control')], [200, 'public, max-age=3600'])
      return [...text.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address]) => address!.replace(shop, ''))
    }
    assert.match((await client.get('/robots.txt')).text, /Sitemap: \S+\/sitemap\.xml\n/)
    assert.deepEqual(await locations('/sitemap.xml'), ['/sitemaps/shelves.xml', '/sitemaps/products.xml'])
    assert.ok((await locations('/sitemaps/shelves.xml')).includes('/'))
    const products = await locations('/sitemaps/products.xml')
    assert.ok(products.includes(`/p/tea-${sku.slice(4)}`))
    for (const path of products) assert.equal((await client.get(path)).status, 200)
    const behind = products[0]!.slice('/p/'.length)
    assert.deepEqual(await locations(`/sitemaps/products.xml?after=${behind}`), products.slice(1))
    assert.equal((await client.get('/sitemaps/products.xml?after=..%2F')).status, 400)
  })

  test('searches and addresses that make no sense', async () => {
    const client = clientOf(shop)
    assert.match((await client.get(`/search?q=${'a'.repeat(10_000)}`)).text, /at most 200 characters/)
    assert.match((await client.get('/search?q=%25')).text, /Nothing found/)
    assert.match((await client.get('/search?cursor=of-another')).text, /That page of the list is gone/)
    assert.match((await client.get('/search?min=abc')).text, /This is no price/)
    assert.equal((await client.get('/c/nothing')).status, 404)
    assert.equal((await client.get('/p/%00')).status, 404)
    assert.equal((await client.get('/orders/no-id')).status, 303)
    assert.equal((await client.post('/sign-in', { email: 'x'.repeat(100_000) })).status, 413)
    const another = clientOf(shop, { cart: 'A'.repeat(43) })
    assert.match((await another.get('/cart')).text, /Your cart is empty/)
  })
})
