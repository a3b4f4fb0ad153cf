import assert from 'node:assert/strict'
import { newId } from '@mart/service-kit/ids'
import type { Answer } from '@mart/service-kit/testing'
import { basket, type OrderShop, startOrderShop } from './order-fixture.ts'

export const linkSecret = 'a secret of thirty-two characters'

export interface GuestShop extends OrderShop {
  readonly order: (body: unknown, headers?: Record<string, string>) => Promise<Answer>
  /** The order, which must be taken. */
  readonly ordered: (change?: Record<string, unknown>) => Promise<Answer['body']>
  /** Something asked with a guest's link. */
  readonly ask: (link: string, method: string, path: string, body?: unknown) => Promise<Answer>
}

let guests = 0
/** Somebody whom nobody has seen before. */
export const guest = (change: Record<string, unknown> = {}) => {
  guests += 1
  return { name: 'Sana', email: `sana${guests}@example.com`, phone: `+92300${1_000_000 + guests}`, ...change }
}

/** The body of a guest's order, from a phone of his own. */
export const guestBasket = (change: Record<string, unknown> = {}) =>
  basket({ payment_method: 'stripe', contact: guest(), ...change })

/** An order service that takes guests and limits what they may have open; each request comes from another network. */
export async function startGuestShop(settings: Record<string, string> = {}): Promise<GuestShop> {
  const shop = await startOrderShop({
    GUEST_LINK_SECRET: linkSecret,
    MART_RATE_LIMITS: 'on',
    TRUSTED_PROXIES: '127.0.0.1',
    ...settings,
  })
  let networks = 0
  const from = () => {
    networks += 1
    return { 'x-forwarded-for': `10.${networks >> 16}.${(networks >> 8) & 255}.${networks & 255}` }
  }
  const order: GuestShop['order'] = (body, headers = {}) =>
    shop.http('POST', '/orders', { body, headers: { ...from(), ...headers } })
  return {
    ...shop,
    order,
    async ordered(change) {
      const answer = await order(guestBasket(change), { 'idempotency-key': newId() })
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
      return answer.body
    },
    ask: (link, method, path, body) =>
      shop.http(method, path, { body, headers: { ...from(), authorization: `Guest ${link}` } }),
  }
}
