/** A browser's part in HTTP, without the browser: cookies and forms. */
export interface Client {
  readonly get: (path: string) => Promise<Answer>
  /** Sends a form from a page of the shop, unless these headers say another origin; an empty one says none. */
  readonly post: (path: string, fields: Record<string, string>, headers?: Record<string, string>) => Promise<Answer>
  /** Only what it answers at first, as of events that do not end. */
  readonly statusOf: (path: string) => Promise<number>
  readonly cookies: (path?: string) => string
  readonly cookieOf: (name: string) => string
  readonly hiddenIn: (page: string) => Record<string, string>
}

export interface Answer {
  readonly status: number
  readonly text: string
  readonly location: string
  readonly headers: Headers
}

export function clientOf(shop: string, given: Readonly<Record<string, string>> = {}): Client {
  const jar = new Map<string, { readonly name: string; readonly value: string; readonly path: string }>()
  const keyOf = (name: string, path: string) => `${name} ${path}`
  for (const [name, value] of Object.entries(given)) jar.set(keyOf(name, '/'), { name, value, path: '/' })
  const cookies = (path = '/') =>
    [...jar.values()].flatMap((one) => (path.startsWith(one.path) ? [`${one.name}=${one.value}`] : [])).join('; ')

  async function ask(path: string, init: RequestInit): Promise<Response> {
    const headers = { accept: 'text/html', ...(cookies(path) && { cookie: cookies(path) }), ...init.headers }
    const answer = await fetch(shop + path, { redirect: 'manual', ...init, headers })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const place = /path=([^;]+)/i.exec(line)?.[1] ?? '/'
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(keyOf(name, place))
      else jar.set(keyOf(name, place), { name, value, path: place })
    }
    return answer
  }
  const told = async (answer: Response): Promise<Answer> => ({
    status: answer.status,
    text: await answer.text(),
    location: answer.headers.get('location') ?? '',
    headers: answer.headers,
  })

  return {
    get: async (path) => told(await ask(path, {})),
    async post(path, fields, { origin = shop, ...headers } = {}) {
      const sent = { ...(origin && { origin }), ...headers }
      return told(await ask(path, { method: 'POST', body: new URLSearchParams(fields), headers: sent }))
    },
    async statusOf(path) {
      const answer = await ask(path, {})
      await answer.body?.cancel()
      return answer.status
    },
    cookies,
    cookieOf: (name) => [...jar.values()].findLast((one) => one.name === name)?.value ?? '',
    hiddenIn: (page) =>
      Object.fromEntries(
        [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
          name,
          value,
        ]),
      ),
  }
}
