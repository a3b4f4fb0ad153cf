import autocannon from 'autocannon'

export interface LoadResult {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers that were not 2xx, and connections that failed. */
  readonly bad: number
  readonly good: number
  readonly seconds: number
}

export interface Load {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  /** Exactly so many requests, however long they take; `seconds` means nothing then. */
  readonly amount?: number
  readonly method?: 'GET' | 'POST'
  readonly headers?: Record<string, string>
  /** Makes each request's body. */
  readonly body?: () => string
  /** Makes the headers that depend on the body. */
  readonly sign?: (body: string) => Record<string, string>
  /** Requests a second in all; without it as many as go. */
  readonly rate?: number
}

/** Puts load on one address and says what came back. */
export async function load({
  url,
  connections,
  seconds,
  amount,
  method = 'GET',
  headers = {},
  body,
  sign = () => ({}),
  rate,
}: Load): Promise<LoadResult> {
  const setupRequest = (make: () => string) => (request: autocannon.Request) => {
    const text = make()
    return { ...request, body: text, headers: { ...request.headers, ...sign(text) } }
  }
  const result = await autocannon({
    url,
    connections,
    ...(amount ? { amount } : { duration: seconds }),
    timeout: 30,
    ...(rate ? { overallRate: rate } : {}),
    requests: [
      {
        method,
        headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
        ...(body ? { setupRequest: setupRequest(body) } : {}),
      },
    ],
  })
  return {
    perSecond: result['2xx'] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    bad: result.non2xx + result.errors,
    good: result['2xx'],
    seconds: result.duration,
  }
}
