import type { App, FastifyRequest } from '@mart/service-kit/http-server'

/** The page that one is on: what is sent to `/orders/1/cancel` is answered by `/orders/1`, which another language leads back to. */
export function pageOf({ method, url, routeOptions, server }: FastifyRequest): string {
  const route = routeOptions.url
  if (method === 'GET' || !route || server.hasRoute({ method: 'GET', url: route })) return url
  return pageAbove(server, url, route)
}

function pageAbove(server: FastifyRequest['server'], url: string, pattern: string): string {
  let [page, route] = [url.split('?')[0]!, pattern]
  while (route && !server.hasRoute({ method: 'GET', url: route })) [page, route] = [above(page), above(route)]
  return page || '/'
}

const above = (path: string) => path.slice(0, path.lastIndexOf('/'))

/**
 * A refused form leaves its own address in the bar, where no page is: resolves what is opened there to the page that the form
 * stands on, and to null any other address. Of the routes that are added after it.
 */
export function pagesOfForms(app: App): (request: FastifyRequest) => string | null {
  const forms: { readonly route: string; readonly pattern: RegExp }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    if (method === 'POST') forms.push({ route: url, pattern: new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+')}$`) })
  })
  return ({ method, url, server }) => {
    const form = method === 'GET' && forms.find(({ pattern }) => pattern.test(url.split('?')[0]!))
    return form ? pageAbove(server, url, form.route) : null
  }
}
