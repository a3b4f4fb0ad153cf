import type { GuestLinks } from '@mart/service-kit/guest-links'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import { askerOf } from '@mart/service-kit/people'
import type { Database } from '@mart/service-kit/postgres'
import { Type } from 'typebox'
import { isOver } from '../order.ts'
import { type OrderSnapshot, type OrderWatch, snapshotOf } from '../order-watch.ts'
import { streamPlaces } from '../stream-places.ts'
import { latestStream } from './latest-stream.ts'
import { orderFor, orderParams as params } from './read.ts'

const HEARTBEAT_MS = 15_000
const answers: Record<number, object> = {
  200: { description: 'an event `order` for each move', content: { 'text/event-stream': { schema: Type.Unknown() } } },
  204: Type.Null({ description: 'the order is over, no return is under way, and its last move was seen' }),
}
/** A stream that nobody reads for this many heartbeats is closed. */
const MOST_MISSED = 4
const MOST_STREAMS = 2_000
const GUEST_STREAM_MS = 15 * 60_000

/** Server-sent events (WHATWG HTML §9.2): the order now, and after each of its moves, until it is over. */
export function addStreamRoute(
  app: App,
  { db, links, watch }: { db: Database; links: GuestLinks | null; watch: OrderWatch },
): void {
  const places = streamPlaces(MOST_STREAMS)
  const open = new Set<() => void>()
  app.addHook('preClose', async () => {
    for (const end of open) end()
  })
  const schema = { tags: ['orders'], params, response: answers }
  app.get('/orders/:id/events', { onRequest: app.signedInOrGuest, schema }, async (request, reply) => {
    const giveBack = places.take(askerOf(request))
    // Also when the connection breaks before there is a stream.
    reply.raw.once('close', giveBack)
    if (request.raw.socket.destroyed) giveBack()
    const { order } = await orderFor(db, request, links)
    const lastSeen = Number(request.headers['last-event-id'] ?? 0) || 0
    // 204 tells a browser's EventSource not to come back.
    if (isOver(order) && order.history_count <= lastSeen) return reply.code(204).send()

    const { stream, send, end, isStuck } = latestStream()
    const show = (snapshot: OrderSnapshot) => {
      send(snapshot.text)
      if (snapshot.isLast) end()
    }
    const unwatch = watch.watch(order.id, order.history_count, show)
    let missed = 0
    const heartbeat = setInterval(() => {
      missed = isStuck() ? missed + 1 : 0
      if (missed >= MOST_MISSED) reply.raw.destroy()
      else if (missed === 0) send(': still here\n\n')
    }, HEARTBEAT_MS)
    const expiry = setTimeout(end, millisecondsLeft(request))
    const forget = request.person ? app.whenRevoked(request.person, end) : () => undefined
    open.add(end)
    stream.once('close', () => {
      unwatch()
      giveBack()
      open.delete(end)
      clearInterval(heartbeat)
      clearTimeout(expiry)
      forget()
    })
    const now = order.history_count > lastSeen ? snapshotOf(order) : null
    send(`retry: 2000\n\n${now?.text ?? ''}`)
    if (isOver(order)) end()
    return reply.header('content-type', 'text/event-stream').header('cache-control', 'no-store').send(stream)
  })
}

/** A guest's link does not end, but it may have become an account's meanwhile: he comes back as often as others. */
const millisecondsLeft = ({ person }: FastifyRequest): number =>
  person ? Math.max(0, person.expiresAt * 1000 - Date.now()) : GUEST_STREAM_MS
