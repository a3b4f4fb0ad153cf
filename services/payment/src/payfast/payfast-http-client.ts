const USER_AGENT = 'ai-mart/1' // PayFast refuses an empty one
const MAX_ANSWER_BYTES = 256 * 1024

/** No address has a slash at its end. */
export interface PayfastSettings {
  readonly merchantId: string
  readonly securedKey: string
  readonly merchantName: string
  /** Where we fetch the token of a page, and where a browser opens it. */
  readonly checkoutUrl: string
  readonly pageUrl: string
  /** Status and refunds. */
  readonly apiUrl: string
  readonly serverIp: string
  readonly timeoutMs: number
  readonly fallbackEmail: string
  readonly fallbackPhone: string
  readonly publicUrl: string
  readonly webhookUrl: string
}

export type Told =
  | { readonly kind: 'answer'; readonly status: number; readonly body: Readonly<Record<string, unknown>> }
  /** PayFast certainly has not seen it. */
  | { readonly kind: 'not_sent'; readonly reason: string }
  /** PayFast may have done it. */
  | { readonly kind: 'lost'; readonly reason: string }

type Form = Readonly<Record<string, string>>

interface Request {
  readonly url: string
  readonly form?: Form
  readonly bearer?: string
}

export const isRefused = (told: Told): boolean => told.kind === 'answer' && told.status === 401

/** PayFast's two doors. A bearer of the second is kept, and made anew when PayFast refuses it; `end` is that of the whole call. */
export function connectPayfastApi({
  merchantId,
  securedKey,
  checkoutUrl,
  apiUrl,
  serverIp,
  timeoutMs,
}: PayfastSettings) {
  const ask = (request: Request, end?: AbortSignal) => {
    const timeout = AbortSignal.timeout(timeoutMs)
    return askPayfast(request, { securedKey, signal: end ? AbortSignal.any([end, timeout]) : timeout })
  }
  let bearer: Promise<Bearer | Told> | null = null

  const fetchBearer = async (old: Bearer | null): Promise<Bearer | Told> => {
    const post = (path: string, form: Form, given?: string) =>
      ask({ url: apiUrl + path, form, ...(given ? { bearer: given } : {}) })
    if (old?.refresh) {
      const refreshed = bearerIn(
        await post('/refreshtoken', { grant_type: 'refresh_token', refresh_token: old.refresh }, old.token),
      )
      if ('token' in refreshed) return refreshed
    }
    const credentials = { merchant_id: merchantId, secured_key: securedKey, customer_ip: serverIp }
    return bearerIn(await post('/token', { ...credentials, grant_type: 'client_credentials' }))
  }

  const renew = (old: Bearer | null): Promise<Bearer | Told> => {
    const fetching = fetchBearer(old).then((told) => {
      if (!('token' in told) && bearer === fetching) bearer = null
      return told
    })
    bearer = fetching
    return fetching
  }

  const withBearer = async (request: Omit<Request, 'bearer'>, end: AbortSignal): Promise<Told> => {
    const used = bearer ?? renew(null)
    const first = await unlessEnded(used, end)
    if (!('token' in first)) return notSent(first)
    const told = await ask({ ...request, bearer: first.token }, end)
    if (!isRefused(told)) return told
    const second = await unlessEnded(bearer === used ? renew(first) : (bearer ?? renew(null)), end)
    return 'token' in second ? await ask({ ...request, bearer: second.token }, end) : notSent(second)
  }

  return {
    checkout: (path: string, form: Form) => ask({ url: checkoutUrl + path, form }),
    get: (path: string, end: AbortSignal) => withBearer({ url: apiUrl + path }, end),
    post: (path: string, form: Form, end: AbortSignal) => withBearer({ url: apiUrl + path, form }, end),
  }
}

interface Bearer {
  readonly token: string
  readonly refresh: string | null
}

function bearerIn(told: Told): Bearer | Told {
  if (told.kind !== 'answer') return told
  const { token, refresh_token: refresh } = told.body
  if (typeof token !== 'string' || token === '') return told
  return { token, refresh: typeof refresh === 'string' && refresh ? refresh : null }
}

/** The token may be fetched for others who can wait longer, and is kept for the next. */
async function unlessEnded(fetching: Promise<Bearer | Told>, end: AbortSignal): Promise<Bearer | Told> {
  const ended = Promise.withResolvers<Told>()
  const stop = () => ended.resolve(outOfTime)
  end.addEventListener('abort', stop)
  return await Promise.race([fetching, ended.promise]).finally(() => end.removeEventListener('abort', stop))
}

const outOfTime: Told = { kind: 'not_sent', reason: 'no time was left' }

/** Without a bearer nothing was asked, whatever became of asking for one. */
const notSent = (told: Told): Told => ({
  kind: 'not_sent',
  reason: told.kind === 'answer' ? `no token: HTTP ${told.status}` : `no token: ${told.reason}`,
})

async function askPayfast(
  { url, form, bearer }: Request,
  { securedKey, signal }: { securedKey: string; signal: AbortSignal },
): Promise<Told> {
  if (signal.aborted) return outOfTime
  const headers = { 'user-agent': USER_AGENT, accept: 'application/json' }
  const lost = (reason: string): Told => ({ kind: 'lost', reason: reason.replaceAll(securedKey, '[removed]') })
  let status: number
  let text: string
  try {
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      headers: bearer ? { ...headers, authorization: `Bearer ${bearer}` } : headers,
      ...(form ? { body: new URLSearchParams(form) } : {}),
      redirect: 'error', // our key goes where we send it and nowhere else
      signal,
    })
    status = response.status
    text = await response.text()
  } catch (error) {
    const reason = faultOf(error)
    return neverSent.has(reason) ? { kind: 'not_sent', reason } : lost(reason)
  }
  const body = text.length <= MAX_ANSWER_BYTES ? objectIn(text.replaceAll(securedKey, '[removed]')) : null
  return body ? { kind: 'answer', status, body } : lost(`HTTP ${status} with something that is no JSON`)
}

const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

function faultOf(error: unknown): string {
  const { name, message, cause } = error as Error
  if (name === 'TimeoutError') return 'no answer in time'
  return (cause as { code?: string } | undefined)?.code ?? message
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Record<string, unknown>) : null
  } catch {
    return null // a web page, or half of an answer
  }
}
