import { Readable } from 'node:stream'
import type { App } from '@mart/service-kit/http-server'
import { personOf } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import { isFinal, type Order } from '../order.ts'
import { findOrder } from '../order-queries.ts'
import { viewOf } from '../order-view.ts'
import type { OrderWatch } from '../order-watch.ts'
import { orderFor, orderParams as params } from './read.ts'

const HEARTBEAT_MS = 15_000

/** Server-sent events (WHATWG HTML §9.2): the order now, and after each of its moves, until it is final. */
export function addStreamRoute(app: App, db: Database, watch: OrderWatch): void {
  const open = new Set<() => void>()
  app.addHook('preClose', async () => {
    for (const end of open) end()
  })
  app.get(
    '/orders/:id/events',
    { onRequest: app.signedIn, schema: { tags: ['orders'], security: [{ bearer: [] }], params } },
    async (request, reply) => {
      const order = await orderFor(db, request)
      const lastSeen = Number(request.headers['last-event-id'] ?? 0) || 0
      // 204 tells a browser's EventSource not to come back.
      if (isFinal(order.status) && order.history_count <= lastSeen) return reply.code(204).send()
      const stream = new Readable({ read() {} })
      const send = (current: Order) => {
        stream.push(`id: ${current.history_count}\nevent: order\ndata: ${JSON.stringify(viewOf(current))}\n\n`)
        if (isFinal(current.status)) end()
      }
      const unwatch = watch.watch(order.id, order.history_count, async () => {
        const current = await findOrder(db, order.id).catch(() => null) // missed now, told with the next change
        if (current && open.has(end)) send(current)
      })
      const heartbeat = setInterval(() => stream.push(': still here\n\n'), HEARTBEAT_MS)
      const expiry = setTimeout(() => end(), Math.max(0, personOf(request).expiresAt * 1000 - Date.now()))
      const release = () => {
        unwatch()
        open.delete(end)
        clearInterval(heartbeat)
        clearTimeout(expiry)
      }
      const end = () => {
        release()
        stream.push(null)
      }
      stream.once('close', release)
      open.add(end)

      stream.push('retry: 2000\n\n')
      if (order.history_count > lastSeen) send(order)
      return reply.header('content-type', 'text/event-stream').header('cache-control', 'no-store').send(stream)
    },
  )
}
