import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { eventually } from '@mart/service-kit/eventually'
import type { Browser } from 'playwright-core'
import type { MartUnderTest } from '../journeys/mart-under-test.ts'
import { desktop, type OpenShop, openShop, phone, visitor } from './browser.ts'
import { type Client, clientOf } from './client.ts'
import { isForEverybody } from './for-everybody.ts'
import { fillCheckout, putIntoCart } from './shopping.ts'

const toLahore = { name: 'Ayesha Khan', phone: '0300 1234567', line1: '12 Mall Road', city: 'Lahore', country: 'PK' }
const cash = () => ({ ...toLahore, email: `${randomUUID()}@example.com`, payment_method: 'cash_on_delivery' })

describe('the cart and the checkout', { timeout: 300_000 }, () => {
  let mart: MartUnderTest
  let browser: Browser
  let shop: string
  let close: OpenShop['close']
  let skus: string[]
  before(async () => {
    ;({ mart, browser, baseURL: shop, close } = await openShop())
    skus = [await mart.stock(1_000), await mart.stock(1_000), await mart.stock(1_000)]
    const isKnown = async () => (await somebody(skus)).hidden['key'] !== undefined
    await eventually(isKnown, 'the shop can sell them')
  })
  after(() => close?.())

  const inCart = ({ text }: { text: string }) =>
    Object.fromEntries(
      [...text.matchAll(/name="sku" value="([^"]+)".*?type="number".*? value="(\d+)"/gs)].map(([, sku, count]) => [
        sku,
        Number(count),
      ]),
    )
  const add = (client: Client, sku: string, quantity = '1') => client.post('/cart/add', { sku, quantity })
  /** A guest with these in his cart, at the checkout. */
  const somebody = async (wanted: readonly string[]) => {
    const client = clientOf(shop)
    for (const sku of wanted) await add(client, sku)
    const page = await client.get('/checkout')
    const hidden = client.hiddenIn(page.text)
    return {
      client,
      hidden,
      order: (fields: Record<string, string>) => client.post('/checkout', { ...hidden, ...fields }),
    }
  }
  const retire = async (sku: string) => {
    const { body } = await mart.admin.api('product', 'GET', `/products/tea-${sku.slice(4)}`)
    const headers = { 'if-match': `"${body.version}"` }
    const { status } = await mart.admin.api('product', 'DELETE', `/products/${body.id}`, { headers })
    assert.equal(status, 204)
  }
  const orderCount = async (): Promise<number> =>
    (await mart.admin.api('order', 'GET', '/orders?limit=100')).body.items.length

  test('what is put in beside the checkout is there after the order, and an old form sent again takes nothing out', async () => {
    const [tea, rice, salt] = skus as [string, string, string]
    const { client, order } = await somebody([tea])
    await add(client, rice, '2')
    await add(client, tea, '3')
    const fields = cash()
    const placed = await order(fields)
    assert.equal(placed.status, 303, placed.text)
    assert.deepEqual(inCart(await client.get('/cart')), { [tea]: 3, [rice]: 2 })
    await add(client, salt)
    assert.equal((await order(fields)).location, placed.location)
    assert.deepEqual(inCart(await client.get('/cart')), { [tea]: 3, [rice]: 2, [salt]: 1 })
  })

  test('products that are added at the same moment are all in one cart, also as the first ones, and so are pieces', async () => {
    const client = clientOf(shop)
    await client.get('/')
    const first = await Promise.all(skus.map((sku) => add(client, sku)))
    assert.deepEqual(new Set(first.map(({ status }) => status)), new Set([303]))
    await Promise.all([1, 2, 3, 4, 5].map(() => add(client, skus[0]!)))
    assert.deepEqual(inCart(await client.get('/cart')), { [skus[0]!]: 6, [skus[1]!]: 1, [skus[2]!]: 1 })
  })

  test('too many: it says how many there may be, and the cart is as it was', async () => {
    const client = clientOf(shop)
    await add(client, skus[0]!, '48')
    for (const quantity of ['3', '51', '5000', '-1', '1.5', 'NaN', '1000000000']) {
      const { status, text } = await add(client, skus[0]!, quantity)
      assert.equal(status, 422, quantity)
      assert.match(text, /This many cannot be put into the cart.*at most 50/s, quantity)
    }
    assert.match((await add(client, skus[1]!, '51')).text, /at most 50/)
    assert.match((await client.post('/cart/lines', { sku: skus[0]!, quantity: '51' })).text, /at most 50/)
    assert.deepEqual(inCart(await client.get('/cart')), { [skus[0]!]: 48 })
  })

  test('on a slow line, by keyboard: no press is lost, what is typed counts, and the focus stays where one is', async () => {
    const { page, complaints, leave } = await visitor(browser, { baseURL: shop, ...phone })
    await putIntoCart(page, skus[0]!)
    await putIntoCart(page, skus[1]!, 2)
    const isAt = (selector: string) => page.evaluate(`document.activeElement.matches('${selector}')`)
    const holds = (count: number) => page.waitForSelector(`#cart-link .badge:text-is("${count}")`)
    await page.evaluate(`window.told = document.querySelector('#cart-link [aria-live]')`)
    await page.press('.buy button', 'Enter')
    await holds(3)
    assert.match(await page.evaluate('told.isConnected && told.textContent'), /^Cart, 3 items/)
    assert.ok(await isAt('.buy button'))

    await page.goto('/cart')
    const connection = await page.context().newCDPSession(page)
    const slow = { offline: false, latency: 300, downloadThroughput: -1, uploadThroughput: -1 }
    await connection.send('Network.emulateNetworkConditions', slow)
    const [tea, rice] = [page.locator('.lines li').first(), page.locator('.lines li').last()]
    await tea.locator('[value=more]').press('Enter')
    await tea.locator('form[aria-busy]').waitFor()
    for (let press = 2; press <= 5; press += 1) await tea.locator('[value=more]').press('Enter')
    assert.equal(await tea.locator('[type=number]').inputValue(), '6')
    await holds(8)
    await tea.locator('form:not([aria-busy])').waitFor()
    assert.ok(await isAt('[value=more]'))
    await isForEverybody(page)

    await tea.locator('[value=fewer]').press('Enter')
    await rice.locator('[type=number]').fill('4')
    await holds(7)
    assert.equal(await rice.locator('[type=number]').inputValue(), '4')
    assert.ok(await isAt('[type=number]'))
    await page.keyboard.press('Tab')
    await holds(9)
    await tea.locator('[type=number]').fill('12')
    await page.keyboard.press('Enter')
    await holds(16)

    await tea.locator('.take-out').press('Enter')
    await holds(4)
    assert.ok(await isAt('.lines li'), 'the next line is there now')
    await page.locator('.take-out').press('Enter')
    await page.waitForSelector('text=Your cart is empty')
    assert.ok(await isAt('#cart'))
    assert.deepEqual(complaints, [])
    await leave()
  })

  test('without scripts: by steps, as one types, and out of the cart; a step from no number changes nothing', async () => {
    const { page, leave } = await visitor(browser, { baseURL: shop, ...desktop, javaScriptEnabled: false })
    await putIntoCart(page, skus[0]!)
    await page.goto('/cart')
    const holds = (count: string) => page.waitForSelector(`.stepper [type=number][value="${count}"]`)
    await page.click('[value=more]')
    await holds('2')
    await page.fill('.stepper [type=number]', '7')
    await page.press('.stepper [type=number]', 'Enter')
    await holds('7')
    await page.fill('.stepper [type=number]', '9')
    await page.click('.stepper .set')
    await holds('9')
    await page.click('[value=fewer]')
    await holds('8')
    await page.fill('.stepper [type=number]', '')
    await page.click('[value=more]')
    await page.waitForSelector('text=This many cannot be put into the cart')
    await holds('8')
    await page.click('.take-out')
    await page.waitForSelector('text=Your cart is empty')
    await leave()
  })

  test('another way to pay in a second window, after the order: it says that it is ordered, and leads there', async () => {
    const asGuest = await somebody([skus[0]!])
    const placed = await asGuest.order(cash())
    const path = placed.location.split('?')[0]!
    for (const fields of [cash(), { ...cash(), payment_method: 'stripe' }]) {
      const { status, text } = await asGuest.order(fields)
      assert.equal(status, 422)
      assert.match(text, /You have ordered this already/)
      assert.ok(text.includes(`href="${path}"`), text)
    }
    assert.equal(await asGuest.client.statusOf(path), 200)

    const member = clientOf(shop)
    const email = `${randomUUID()}@example.com`
    await member.post('/sign-up', { name: 'Ayesha', email, password: 'purple kettle mango' })
    await add(member, skus[0]!)
    const hidden = member.hiddenIn((await member.get('/checkout')).text)
    const own = await member.post('/checkout', { ...hidden, ...cash() })
    const again = await member.post('/checkout', { ...hidden, ...cash(), payment_method: 'stripe' })
    assert.match(again.text, /You have ordered this already/)
    assert.ok(again.text.includes(`href="${own.location.split('?')[0]}"`))
  })

  test('a page that is older than its cart orders nothing, and says so', async () => {
    const [tea, rice] = skus as [string, string]
    const { client, order } = await somebody([tea])
    await add(client, rice)
    const both = client.hiddenIn((await client.get('/checkout')).text)
    assert.equal((await client.post('/checkout', { ...both, ...cash() })).status, 303)
    const before = await orderCount()
    const emptied = await order({ ...cash(), phone: '0301 7654321' })
    assert.deepEqual([emptied.status, /There is nothing in your cart any more/.test(emptied.text)], [409, true])
    await add(client, rice)
    const changed = await order({ ...cash(), phone: '0301 7654321' })
    assert.deepEqual([changed.status, /Your cart has changed/.test(changed.text)], [409, true])
    assert.match(changed.text, /value="0301 7654321"/)
    assert.equal(await orderCount(), before)
  })

  test('no refusal of the checkout is silent, whatever of its page was changed on the way', async () => {
    const before = await orderCount()
    const { client, order } = await somebody([skus[0]!])
    for (const change of [
      { lines: `-1 ${skus[0]}` },
      { lines: 'zz' },
      { lines: '' },
      { currency: 'XXX' },
      { expected_total: 'abc' },
      { key: 'short' },
    ]) {
      const { status, text } = await order({ ...cash(), ...change })
      assert.ok(status >= 400 && status < 500, `${JSON.stringify(change)} ${status}`)
      assert.match(text, /role="alert">This page was out of date/, JSON.stringify(change))
    }
    const other = await order({ ...cash(), lines: `1 ${skus[1]}` })
    assert.match(other.text, /role="alert">Your cart has changed/)
    for (const country of ['ZZ', 'pakistan']) {
      const { text } = await order({ ...cash(), country })
      assert.match(text, /Please write the country as two letters/)
      assert.doesNotMatch(text, /This is no phone number/, country)
    }
    assert.equal(await orderCount(), before)
    assert.deepEqual(inCart(await client.get('/cart')), { [skus[0]!]: 1 })
  })

  test('a number of another country is read as of that country', async () => {
    const { order } = await somebody([skus[0]!])
    const placed = await order({ ...cash(), phone: '(415) 555-2671', country: 'us', payment_method: 'stripe' })
    assert.equal(placed.status, 303, placed.text)
    const { body } = await mart.admin.api('order', 'GET', placed.location.split('?')[0]!)
    assert.deepEqual([body.contact.phone, body.shipping_address.phone], ['+14155552671', '+14155552671'])
  })

  test('cash to another country: the reason stands at the way to pay, which can be taken with another address', async () => {
    const { order } = await somebody([skus[0]!])
    const { status, text } = await order({ ...cash(), country: 'US', phone: '+14155552671' })
    assert.equal(status, 422)
    assert.match(text, /value="cash_on_delivery".*?only for addresses in Pakistan/s)
    assert.match(text, /You cannot pay this order like that/)
    assert.equal((await order(cash())).status, 303)
  })

  test('a saved address that is deleted in another window: it says so, and nothing is missing', async () => {
    const member = clientOf(shop)
    await member.post('/sign-up', {
      name: 'Ayesha',
      email: `${randomUUID()}@example.com`,
      password: 'purple kettle mango',
    })
    await member.post('/account/addresses/new', { ...toLahore, key: randomUUID() })
    await add(member, skus[0]!)
    const page = await member.get('/checkout')
    const [, address = ''] = /<option value="([0-9a-f-]{36})"/.exec(page.text) ?? []
    await member.post('/account/addresses', { id: address, do: 'delete' })
    const sent = {
      ...member.hiddenIn(page.text),
      address,
      payment_method: 'cash_on_delivery',
      name: 'Ayesha',
      country: 'PK',
    }
    const { status, text } = await member.post('/checkout', sent)
    assert.equal(status, 422)
    assert.match(text, /The saved address that you had chosen is deleted/)
    assert.doesNotMatch(text, /Please fill this in/)
  })

  test('keys and cookies that no header can hold: nothing is our fault', async () => {
    for (const key of ['日本', `${randomUUID()}\r\nx: y`, 'é'.repeat(40), ' ', 'k'.repeat(300)]) {
      const { client, order } = await somebody([skus[0]!])
      assert.equal((await order({ ...cash(), key })).status, 303, key)
      assert.deepEqual(inCart(await client.get('/cart')), {})
    }
    const member = clientOf(shop)
    await member.post('/sign-up', {
      name: 'Ayesha',
      email: `${randomUUID()}@example.com`,
      password: 'purple kettle mango',
    })
    assert.equal((await member.post('/account/addresses/new', { ...toLahore, key: '日本\r\n' })).status, 303)
    for (const session of ['a%0Ab', '%E6%97%A5', 'a%00b', `${'a'.repeat(5_000)}`]) {
      const client = clientOf(shop, { session })
      for (const path of ['/', '/cart', '/checkout', '/sign-in', '/orders/x'])
        assert.ok((await client.statusOf(path)) < 500, `${session} ${path}`)
      assert.equal(await client.statusOf('/account'), 303)
      assert.ok((await client.post('/sign-out', {})).status < 500)
      assert.equal(await client.statusOf('/api/orders'), 401)
    }
  })

  test('what is sold out while one is at the checkout is marked there, and the cart and what was typed stay', async () => {
    const [stays, goes] = [skus[0]!, await mart.stock(5)]
    await eventually(async () => (await add(clientOf(shop), goes)).status === 303, 'the shop can sell it')
    const { client, order } = await somebody([stays, goes])
    const before = await orderCount()
    const body = { delta: -5, reason: 'damaged' }
    assert.equal((await mart.admin.api('inventory', 'POST', `/stock/${goes}/adjustments`, { body })).status, 201)
    await eventually(
      async () => /Sold out: please/.test((await client.get('/cart')).text),
      'orders know that it is gone',
    )
    const fields = cash()
    const { status, text } = await order(fields)
    assert.equal(status, 409)
    assert.match(text, /role="alert">Something in your cart cannot be ordered like this any more; it is marked below/)
    assert.match(
      text,
      new RegExp(`Tea ${goes.slice(4)}.*Sold out: please take it out.*name="take_out" value="${goes}"`, 's'),
    )
    assert.match(text, /value="12 Mall Road"/)
    assert.deepEqual([await orderCount(), inCart(await client.get('/cart'))], [before, { [stays]: 1, [goes]: 1 }])
    const rest = await client.post('/checkout', { ...client.hiddenIn(text), ...fields, take_out: goes })
    const placed = await client.post('/checkout', { ...client.hiddenIn(rest.text), ...fields })
    assert.equal(placed.status, 303, placed.text)
  })

  for (const javaScriptEnabled of [true, false])
    test(`who goes back sees the cart as it is now, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
      const { page, leave } = await visitor(browser, { baseURL: shop, ...phone, javaScriptEnabled })
      const backTo = async (path: string) => {
        do await page.goBack()
        while (new URL(page.url()).pathname !== path)
      }
      await page.goto('/search')
      await putIntoCart(page, skus[0]!)
      await backTo('/search')
      assert.equal(await page.textContent('#cart-link .badge'), '1')
      await page.click('#cart-link')
      await page.click('text=Go to checkout')
      await fillCheckout(page)
      await page.click('text=Place order')
      await page.waitForURL('**/orders/**')
      await backTo('/cart')
      assert.ok(await page.isVisible('h1:text-is("Your cart is empty")'))
      await leave()
    })

  test('a page out of the browser’s memory is loaded anew once the cart has changed; until then what is typed stays', async () => {
    const { page, context, leave } = await visitor(browser, { baseURL: shop, ...phone })
    const comesBack = () => page.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`)
    await putIntoCart(page, skus[0]!)
    await page.goto('/checkout')
    await fillCheckout(page)
    const isLooked = page.waitForResponse('**/checkout')
    await comesBack()
    await (await isLooked).finished()
    assert.equal(await page.inputValue('[name=line1]'), '12 Mall Road')
    const tab = await context.newPage()
    await putIntoCart(tab, skus[1]!, 2)
    await comesBack()
    await page.waitForSelector('#cart-link .badge:text-is("2")')
    await tab.click('.buy button')
    await tab.waitForSelector('#cart-link .badge:text-is("3")')
    await page.goto('/cart')
    await tab.click('.buy button')
    await tab.waitForSelector('#cart-link .badge:text-is("4")')
    await comesBack()
    await page.waitForSelector('#cart-link .badge:text-is("4")')
    await leave()
  })

  for (const javaScriptEnabled of [true, false])
    test(`what is no longer sold is marked at the checkout and taken out there, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
      const [stays, goes] = [await mart.stock(5), await mart.stock(5)]
      const { page, leave } = await visitor(browser, { baseURL: shop, ...phone, javaScriptEnabled })
      await putIntoCart(page, goes)
      await putIntoCart(page, stays, 2)
      await page.goto('/checkout')
      await fillCheckout(page, 'stripe')
      const told = () => page.locator('aside p:visible').allTextContents()
      assert.match((await told()).join(), /You pay on the next page/)
      await page.check('[value=cash_on_delivery]')
      assert.deepEqual(await told(), ['You pay the courier in cash at the door; nothing is charged now.'])
      await retire(goes)
      await eventually(async () => (await add(clientOf(shop), goes)).status === 422, 'orders know that it is gone')
      await page.click('text=Place order')
      await page.waitForSelector('[role=alert]:has-text("it is marked below")')
      await page.waitForSelector('aside .bad:has-text("No longer sold")')
      if (javaScriptEnabled) await isForEverybody(page)
      // Enter is for the order, not for the first button that one sees.
      await page.evaluate(`document.querySelector('[name=line1]').closest('details').open = true`)
      const isSent = page.waitForResponse((answer) => answer.request().method() === 'POST')
      await page.press('[name=line1]', 'Enter')
      assert.equal((await isSent).status(), 422)
      await page.waitForSelector('aside .bad:has-text("No longer sold")')
      await page.click('aside button:text-is("Take out")')
      await page.waitForSelector('aside .bad', { state: 'detached' })
      assert.equal(await page.inputValue('[name=line1]'), '12 Mall Road')
      await page.click('text=Place order')
      await page.waitForURL('**/orders/**')
      await leave()
    })
})
