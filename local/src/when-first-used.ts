import { once } from 'node:events'
import { createServer, type ListenOptions, type Server } from 'node:net'

/** Where a server listens: an address, or the port that another server holds for it. */
export type Place = Pick<ListenOptions, 'port' | 'host'> | Server

/** Rejects when the port is taken. */
export async function listenAt(server: Server, place: Place): Promise<void> {
  server.listen(place)
  await once(server, 'listening')
}

export interface Loaded {
  /** Each listens at its place. */
  readonly servers: readonly Server[]
  readonly stop: () => Promise<void>
}

/**
 * Holds ports at once and loads what answers there when somebody calls for the first time: until then it costs no
 * memory. Who calls while loading fails is hung up on, `onFault` is told, and the next call tries again. Rejects when a
 * port is taken. `stop` ends both.
 */
export async function startWhenFirstUsed(
  places: readonly Place[],
  load: (held: readonly Server[]) => Promise<Loaded>,
  onFault: (error: Error) => void,
): Promise<{ readonly stop: () => Promise<void> }> {
  let loaded: Promise<Loaded> | undefined
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
