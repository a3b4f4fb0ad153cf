import type { TestPerson } from './testing-tokens.ts'

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: an answer is looked into, not typed twice
  readonly body: any
  readonly headers: Headers
}

export interface HttpCall {
  readonly as?: TestPerson | undefined
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export type Http = (method: string, path: string, call?: HttpCall) => Promise<Answer>

const isText = (body: unknown): body is string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' || body instanceof Uint8Array

/** Calls what answers at `url`, with tokens from `tokenFor`. */
export const httpAt =
  (url: string, tokenFor: (person: TestPerson) => Promise<string>): Http =>
  async (method, path, { as, body, headers } = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(as ? { authorization: `Bearer ${await tokenFor(as)}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isText(body) ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') && text !== ''
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
  }
