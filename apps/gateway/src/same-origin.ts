import { Refusal } from '@mart/service-kit/errors'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'

// Providers and their pages post here; no cookie counts.
const fromAnywhere = /^\/api\/(webhooks|payments\/return)\//
const harmless = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * What changes something and is authorised by a cookie must come from a page of ours: browsers say where a request comes from in
 * `Sec-Fetch-Site` and `Origin`, which no page can forge. Whoever shows a token of his own may come from anywhere.
 */
export function refuseOtherOrigins(app: App, origin: string): void {
  app.addHook('onRequest', async (request) => {
    if (harmless.has(request.method) || request.headers.authorization || fromAnywhere.test(request.url)) return
    if (isFromElsewhere(request, origin))
      throw new Refusal(403, 'other_origin', 'This was sent by a page that is not the shop: nothing was changed.')
  })
}

function isFromElsewhere({ headers }: FastifyRequest, origin: string): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return true
  if (headers.origin !== undefined) return headers.origin !== origin
  // No browser's: without a cookie it can do what anybody can.
  return site === undefined && headers.cookie !== undefined
}
