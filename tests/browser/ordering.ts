import assert from 'node:assert/strict'
import type { Client } from './client.ts'

/** What a checkout asks for. */
export const cash = {
  name: 'Ayesha Khan',
  phone: '0300 1234567',
  line1: '12 Mall Road',
  city: 'Lahore',
  country: 'PK',
  payment_method: 'cash_on_delivery',
}

/** Orders as many of it. Resolves to the order's path. */
export async function orderBy(
  client: Client,
  { sku, quantity = '1', ...more }: Record<string, string> & { readonly sku: string },
): Promise<string> {
  await client.post('/cart/add', { sku, quantity })
  const page = await client.get('/checkout')
  const answer = await client.post('/checkout', { ...client.hiddenIn(page.text), ...cash, ...more })
  assert.equal(answer.status, 303, answer.text)
  return answer.location.split('?')[0]!
}
