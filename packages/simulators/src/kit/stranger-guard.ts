import { isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'

export interface Openness {
  /** Names beside localhost and bare addresses by which it is reached. */
  readonly names?: readonly string[]
  /** Paths that a form on another site may post to, as a provider's checkout is. */
  readonly takesFormsFromAnywhere?: readonly string[]
}

/**
 * Keeps web pages of strangers away from what is for this machine: a page whose name was pointed at 127.0.0.1 (DNS
 * rebinding) still sends its own name as Host, and one that posts here still sends its own Origin. Both get 403.
 */
export function guardFromStrangers(app: FastifyInstance, { names = [], takesFormsFromAnywhere = [] }: Openness): void {
  app.addHook('onRequest', async (request, reply) => {
    const { host = '', origin } = request.headers
    const name = URL.parse(`http://${host}`)?.hostname ?? ''
    const isOurs = name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) > 0 || names.includes(name)
    if (!isOurs) return reply.code(403).send({ message: `Nothing is served under the name ${host.slice(0, 100)}.` })
    if (origin === undefined || ['GET', 'HEAD'].includes(request.method)) return
    const path = request.url.split('?')[0] ?? ''
    if (URL.parse(origin)?.host !== host && !takesFormsFromAnywhere.includes(path))
      return reply.code(403).send({ message: `A page of ${origin.slice(0, 100)} may not do this.` })
  })
}
