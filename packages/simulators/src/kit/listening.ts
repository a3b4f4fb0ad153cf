import { once } from 'node:events'
import type { ListenOptions, Server } from 'node:net'

/** Where a server listens: an address, or the port that another server holds for it. */
export type Place = Pick<ListenOptions, 'port' | 'host'> | Server

/** Rejects when the port is taken. */
export async function listenAt(server: Server, place: Place): Promise<void> {
  server.listen(place)
  await once(server, 'listening')
}

/** What answers at one or more ports. */
export interface Listening {
  /** In the order of the places that were asked for. */
  readonly servers: readonly Server[]
  readonly stop: () => Promise<void>
}
