import type { ServiceName } from '@mart/contracts/services'
import { type Caller, ServiceRefusal, type Services } from '../../services-client.ts'
import type { Session } from '../../session.ts'

const PER_PAGE = '100'

interface Item {
  readonly id: string
}

interface Listed {
  readonly items: readonly Item[]
  readonly next_cursor: string | null
}

/**
 * All that the services tell a person of himself, as one JSON document in parts: of a listing one page at a time is held. Rejects
 * when a service does not answer; once the parts have begun, they break off.
 */
export async function exportOf(
  { ask }: Services,
  caller: Caller,
  { id, role }: Session['person'],
): Promise<AsyncIterable<string>> {
  const noneYet = (error: unknown) => {
    if (error instanceof ServiceRefusal && error.status === 404) return null
    throw error
  }
  const [profile, { items: addresses }, preferences, cart] = await Promise.all([
    ask<object>('user', '/users/me', caller),
    ask<Listed>('user', '/users/me/addresses', caller),
    ask<object>('notification', '/preferences', caller),
    ask<object>('order', '/carts/mine', caller).catch(noneYet),
  ])
  const all = (service: ServiceName, path: string, query: Record<string, string> = {}) =>
    itemsOf((cursor) => ask<Listed>(service, `${path}?${new URLSearchParams({ ...query, ...cursor })}`, caller))
  // Staff are shown everybody's, unless they ask for somebody's.
  const orders = () => all('order', '/orders', { customer: id })
  const payments = role === 'customer' ? () => all('payment', '/payments') : paymentsOfOrders

  async function* paymentsOfOrders(): AsyncGenerator<Item> {
    for await (const order of orders()) yield* all('payment', '/payments', { order_id: order.id })
  }
  async function* ordersWithHistory(): AsyncGenerator<Item & { readonly history: readonly object[] }> {
    for await (const order of orders()) {
      const { items: history } = await ask<{ items: object[] }>('order', `/orders/${order.id}/history`, caller)
      yield { ...order, history }
    }
  }
  async function* parts(): AsyncGenerator<string> {
    const known = { made_at: new Date().toISOString(), profile, addresses, preferences, cart }
    yield JSON.stringify(known, null, 2).replace(/\n\}$/, '')
    yield* listed('sessions', all('user', '/users/me/sessions'))
    yield* listed('orders', ordersWithHistory())
    yield* listed('returns', all('order', '/returns', { customer: id }))
    yield* listed('payments', payments())
    yield* listed('stock_alerts', all('notification', '/stock-alerts'))
    yield* listed('notifications', all('notification', '/notifications'))
    yield* listed('account_mails', all('user', '/users/me/mails'))
    yield '\n}\n'
  }
  return parts()
}

async function* itemsOf(pageAt: (query: Record<string, string>) => Promise<Listed>): AsyncGenerator<Item> {
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: Listed = await pageAt({ limit: PER_PAGE, ...(cursor && { cursor }) })
    yield* page.items
    cursor = page.next_cursor
  }
}

async function* listed(name: string, items: AsyncIterable<Item>): AsyncGenerator<string> {
  yield `,\n  "${name}": [`
  let before = ''
  for await (const item of items) {
    yield `${before}\n    ${JSON.stringify(item)}`
    before = ','
  }
  yield '\n  ]'
}
