import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/**
 * In a container 127.0.0.1 is not the browser's: connections to `outer`, where a browser finds something on its own
 * machine, are passed on to `inner` until the process ends. Does nothing when `outer` is elsewhere.
 */
export async function passOn(outer: string, inner: string): Promise<void> {
  const from = new URL(outer)
  if (!['127.0.0.1', 'localhost'].includes(from.hostname)) return
  const to = new URL(inner)
  const server = createServer((incoming) => {
    const outgoing = connect(Number(to.port), to.hostname)
    incoming.pipe(outgoing).pipe(incoming)
    // Either end's fault ends both; whoever asked sees a closed connection.
    incoming.on('error', () => outgoing.destroy())
    outgoing.on('error', () => incoming.destroy())
    for (const socket of [incoming, outgoing]) socket.unref()
  })
  server.listen(Number(from.port), '127.0.0.1').unref()
  await once(server, 'listening')
}
