import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import { newId } from '@mart/service-kit/ids'
import { type CartShop, type Sold, startCartShop } from './cart-fixture.ts'

describe('what a cart says of changes', () => {
  let shop: CartShop
  before(async () => {
    shop = await startCartShop()
  })
  after(() => shop.stop())

  /** A cart with so many of something new. */
  const filled = async (quantity: number): Promise<{ id: string; tea: Sold; seen: () => Promise<unknown[]> }> => {
    const tea = await shop.sell()
    const id = await shop.cart()
    await shop.put(id, tea.sku, quantity)
    const seen = async () => {
      const { lines, can_order } = await shop.look(id)
      return [...lines[0].changes, can_order ? 'can order' : 'cannot']
    }
    return { id, tea, seen }
  }
  const was = { amount: 10_000, currency: 'PKR' }

  test('a price that rose or fell is told until it was seen, and paid as it is', async () => {
    const { id, tea, seen } = await filled(2)
    await tea.change({ amount: 12_000 })
    assert.deepEqual(await seen(), [{ code: 'price_rose', was }, 'can order'])
    assert.equal((await shop.look(id)).subtotal.amount, 24_000)
    assert.deepEqual(await seen(), [{ code: 'price_rose', was }, 'can order'], 'looking alone is not seeing')
    await tea.change({ amount: 9_000 })
    assert.deepEqual(await seen(), [{ code: 'price_fell', was }, 'can order'])
    assert.deepEqual((await shop.http('POST', `/carts/${id}/seen`)).body.lines[0].changes, [])
    assert.deepEqual(await seen(), ['can order'])
    await tea.change({ amount: 9_500 })
    assert.deepEqual((await shop.put(id, tea.sku, 3)).body.lines[0].changes, [], 'who puts it anew has seen it')
  })

  test('only so many are left, or none: told as long as it is so', async () => {
    const { id, tea, seen } = await filled(4)
    await shop.stock(tea.sku.toLowerCase(), 20, 'in_stock')
    assert.deepEqual([await seen(), (await shop.look(id)).lines[0].availability], [['can order'], 'in_stock'])
    await shop.stock(tea.sku, 4)
    assert.deepEqual(await seen(), ['can order'])
    await shop.stock(tea.sku, 3)
    assert.deepEqual(await seen(), [{ code: 'only_left', left: 3 }, 'cannot'])
    await shop.http('POST', `/carts/${id}/seen`)
    assert.deepEqual(await seen(), [{ code: 'only_left', left: 3 }, 'cannot'])
    await shop.stock(tea.sku, 0)
    assert.deepEqual(await seen(), [{ code: 'out' }, 'cannot'])
    await shop.stock(tea.sku, 9, 'in_stock')
    assert.deepEqual(await seen(), ['can order'])
  })

  test('of several news of a SKU that are heard together the last stands', async () => {
    const { tea, seen } = await filled(1)
    await shop.consume(
      StockAvailabilityChanged,
      { sku: tea.sku, availability: 'low', available: 1 },
      { sku: tea.sku, availability: 'out', available: 0 },
    )
    assert.deepEqual(await seen(), [{ code: 'out' }, 'cannot'])
  })

  test('what is no longer sold stays in the cart, without a price, and says so', async () => {
    const { id, tea, seen } = await filled(1)
    await tea.retire()
    assert.deepEqual(await seen(), [{ code: 'no_longer_sold' }, 'cannot'])
    const { lines, subtotal, total } = await shop.look(id)
    assert.deepEqual([lines[0].unit_price, lines[0].total, subtotal.amount, total.amount], [null, null, 0, 25_000])
    assert.equal(lines[0].name, 'Tea')
  })

  test('in another currency the prices of that one count; what has none says so', async () => {
    const { id, tea, seen } = await filled(1)
    const patch = (currency: string) => shop.http('PATCH', `/carts/${id}`, { body: { currency } })
    assert.equal((await patch('USD')).body.currency, 'USD')
    assert.deepEqual(await seen(), [{ code: 'not_in_this_currency' }, 'cannot'])
    await tea.change({ amount: 399, currency: 'USD' })
    const { lines, shipping, free_shipping_from } = await shop.look(id)
    assert.deepEqual(
      [lines[0].unit_price, shipping.amount, free_shipping_from],
      [{ amount: 399, currency: 'USD' }, 1_500, null],
    )
    assert.deepEqual(await seen(), ['can order'])
  })

  test('a limit that was lowered since is told, and nothing is taken out', async () => {
    const { id, tea, seen } = await filled(6)
    await tea.change({ max_quantity: 5 })
    assert.deepEqual(await seen(), [{ code: 'too_many' }, 'cannot'])
    const as = { id: newId() }
    const { body } = await shop.http('POST', `/carts/${id}/merge`, { as })
    assert.deepEqual([body.lines[0].quantity, body.lines[0].max_quantity], [6, 5])
  })
})
