import type { AddressInfo, Server } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { html, page } from './html.ts'
import { newId } from './ids.ts'
import { type Listening, listenAt } from './listening.ts'
import { guardFromStrangers } from './stranger-guard.ts'

export interface ServeOptions {
  /** 0 takes any free one. */
  readonly port: number
  readonly host: string
  /** What holds the port already. */
  readonly held?: Server
  /** Where a browser reaches the simulators; not given: the address that they listen on. */
  readonly publicUrl?: string
  /** Its name in a network of containers. */
  readonly innerName?: string
}

/** One provider's simulator, to be served beside others on one port. */
export interface StandIn {
  readonly name: string
  /** What every path of it begins with. */
  readonly prefix: '' | `/${string}`
  /** The page for a person. */
  readonly home: string
  /** The path that a shop's page sends its buyers' form to, if that is how it works. */
  readonly checkout?: string
  readonly mount: (scope: FastifyInstance) => Promise<Mounted>
}

export interface Mounted {
  /** Called once the port is open. */
  readonly begin: (publicUrl: string) => void
  readonly stop: () => void
  /** Called when nothing can ask any more. */
  readonly close: () => Promise<void>
}

export interface Served extends Listening {
  readonly url: string
}

/** Serves stand-ins on one port. Rejects when the port is taken or a state file cannot be read. */
export async function serve(
  { held, publicUrl, innerName, ...place }: ServeOptions,
  standIns: readonly StandIn[],
): Promise<Served> {
  const app = Fastify({
    logger: { level: 'error' },
    genReqId: () => newId('req_', 14),
  })
  const publicName = publicUrl && new URL(publicUrl).hostname
  guardFromStrangers(app, {
    names: [publicName, innerName].filter((name) => name !== undefined),
    takesFormsFromAnywhere: standIns.flatMap(({ checkout }) => checkout ?? []),
  })
  const mounted: Mounted[] = []
  for (const { mount, prefix } of standIns)
    await app.register(async (scope) => void mounted.push(await mount(scope)), { prefix })
  app.get('/health/live', async () => ({ status: 'ok' }))
  app.get('/', async (_request, reply) => {
    reply.type('text/html; charset=utf-8')
    const rows = standIns.map(
      ({ name, home }) => html`<tr><td><a href="${home}">${name}</a></td><td>simulated</td></tr>`,
    )
    return page('Payment providers', html`<h1>Payment providers, simulated</h1><table>${rows}</table>`)
  })

  await app.ready()
  await listenAt(app.server, held ?? place)
  const url = `http://${place.host}:${(app.server.address() as AddressInfo).port}`
  for (const { begin } of mounted) begin(publicUrl ?? url)
  return {
    url,
    servers: [app.server],
    async stop() {
      for (const { stop } of mounted) stop()
      app.server.closeAllConnections()
      await app.close()
      for (const { close } of mounted) await close()
    },
  }
}
