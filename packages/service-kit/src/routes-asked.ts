import createRouter, { type HTTPMethod } from 'find-my-way'
import { Refusal } from './errors.ts'
import type { App } from './http-app.ts'
import { pathOf } from './problems.ts'

/**
 * Refuses what no route is for, before any body is read: a target that is no path (RFC 9112 §3.2.2 and further),
 * a path that nobody has (404), and a method that its routes do not have (405 with Allow).
 */
export function refuseUnknownRoutes(app: App, { maxParamLength }: { maxParamLength: number }): void {
  const paths = createRouter({ maxParamLength })
  const methodsOf = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set<string>()
    if (methods.size === 0) {
      methodsOf.set(url, methods)
      paths.on('GET', url, () => {}, methods)
    }
    for (const one of [method].flat()) methods.add(one)
  })
  app.addHook('onRequest', async (request) => {
    if (!request.url.startsWith('/'))
      throw new Refusal(400, 'bad_target', 'The target of a request is a path that begins with "/".')
    if (!request.is404) return
    const allowed: Set<string> | undefined = paths.find('GET' as HTTPMethod, request.url)?.store
    if (!allowed) throw new Refusal(404, 'no_such_route', `There is no ${request.method} ${pathOf(request)}.`)
    throw new Refusal(405, 'method_not_allowed', `${pathOf(request)} has no ${request.method}.`, {
      headers: { allow: [...allowed].toSorted().join(', ') },
    })
  })
}
