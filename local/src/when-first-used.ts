import { createServer, type Server } from 'node:net'
import { type Listening, listenAt, type Place } from '@mart/simulators/kit/listening'

/**
 * Holds ports at once and loads what answers there when somebody calls for the first time: until then it costs no
 * memory. Who calls while loading fails is hung up on, `onFault` is told, and the next call tries again. Rejects when a
 * port is taken. `stop` ends both.
 */
export async function startWhenFirstUsed(
  places: readonly Place[],
  load: (held: readonly Server[]) => Promise<Listening>,
  onFault: (error: Error) => void,
): Promise<{ readonly stop: () => Promise<void> }> {
  let loaded: Promise<Listening> | undefined
  const held = places.map((_, at) =>
    createServer({ pauseOnConnect: true }, (socket) => {
      loaded ??= load(held).catch((error: Error) => {
        loaded = undefined
        onFault(error)
        throw error
      })
      loaded.then(
        ({ servers }) => {
          servers[at]!.emit('connection', socket)
          socket.resume()
        },
        () => socket.destroy(),
      )
    }),
  )
  await Promise.all(places.map((place, at) => listenAt(held[at]!, place)))
  return {
    async stop() {
      for (const server of held) server.close()
      await (await loaded)?.stop()
    },
  }
}
