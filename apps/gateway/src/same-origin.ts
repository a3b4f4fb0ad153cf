import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from '@mart/service-kit/errors'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import { nextPath } from './shop/next-path.ts'

// Providers and their pages post here; no cookie counts.
const fromAnywhere = /^\/api\/(webhooks|payments\/return)\//
export const OTHER_ORIGIN = 'other_origin'
const harmless = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * What changes something and is authorised by a cookie must come from a page of ours: browsers say where a request comes from in
 * `Sec-Fetch-Site` and `Origin`, which no page can forge. Whoever shows a token of his own may come from anywhere.
 */
export function refuseOtherOrigins(app: App, origin: string): void {
  app.addHook('onRequest', async (request) => {
    if (harmless.has(request.method) || request.headers.authorization || fromAnywhere.test(request.url)) return
    if (isFromElsewhere(request, origin))
      throw new Refusal(403, OTHER_ORIGIN, 'This was sent by a page that is not the shop: nothing was changed.')
  })
}

function isFromElsewhere({ headers }: FastifyRequest, origin: string): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return true
  if (headers.origin !== undefined) return headers.origin !== origin && !isByTheNameAskedFor(headers)
  // No browser's: without a cookie it can do what anybody can.
  return site === undefined && headers.cookie !== undefined
}

/** A browser that says so has opened the shop by another name than its own: a phone in one's network, by an address. */
const isByTheNameAskedFor = ({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders) =>
  site === 'same-origin' && (origin === `http://${host}` || origin === `https://${host}`)

/**
 * Where whoever was refused finds the page he was on at the shop's own address: the same path, when it was the shop's under another
 * name, else its front.
 */
export function samePageAt(origin: string, { headers: { referer, host } }: Pick<FastifyRequest, 'headers'>): string {
  const from = URL.parse(referer ?? '')
  const isOurs = from !== null && (from.host === host || from.origin === origin)
  return origin + (isOurs ? nextPath(from.pathname + from.search) : '/')
}

const loopback = ['localhost', '127.0.0.1', '[::1]']

/** On one's own machine the shop has several names; cookies and the way back from a provider belong to one: it leads there. */
export function leadToOneName(app: App, origin: string): void {
  const { protocol, hostname, port, host } = new URL(origin)
  if (!loopback.includes(hostname)) return
  const others = loopback.map((name) => (port ? `${name}:${port}` : name)).filter((name) => name !== host)
  app.addHook('onRequest', async ({ method, headers, url }, reply) => {
    const opensPage = method === 'GET' && headers['sec-fetch-mode'] === 'navigate'
    if (opensPage && others.includes(headers.host ?? '')) return reply.redirect(`${protocol}//${host}${url}`, 307)
  })
}
