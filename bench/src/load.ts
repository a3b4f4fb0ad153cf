import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
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
  /** Makes each request's path, when they are not all for `url`. */
  readonly path?: () => string
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
  /** With `rate`: milliseconds from one request to the next, which are on average as far apart as it says. */
  readonly gapMs?: () => number
}

/** Puts load on one address and says what came back: as much as goes, or `rate` requests a second, evenly spaced. */
export async function load(wanted: Load): Promise<LoadResult> {
  return wanted.rate ? await paced({ ...wanted, rate: wanted.rate }) : await asMuchAsGoes(wanted)
}

async function asMuchAsGoes({
  url,
  connections,
  seconds,
  path,
  amount,
  method = 'GET',
  headers = {},
  body,
  sign,
}: Load) {
  const setupRequest = (request: autocannon.Request) => {
    const text = body?.()
    return {
      ...request,
      ...(path ? { path: path() } : {}),
      ...(text === undefined ? {} : { body: text, headers: { ...request.headers, ...sign?.(text) } }),
    }
  }
  const startedAt = performance.now()
  let lastAt = startedAt
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(
      {
        url,
        connections,
        ...(amount ? { amount } : { duration: seconds }),
        timeout: 30,
        requests: [
          {
            method,
            headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
            ...(body || path ? { setupRequest } : {}),
          },
        ],
      },
      (error, made) => (error ? reject(error) : resolve(made)),
    )
    run.on('response', () => {
      lastAt = performance.now()
    })
  })
  // autocannon looks once a second whether it is through.
  const took = amount ? (lastAt - startedAt) / 1_000 : result.duration
  return {
    perSecond: result['2xx'] / took,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    bad: result.non2xx + result.errors,
    good: result['2xx'],
    seconds: took,
  }
}

/** Each request counts from the moment when it was due, whether a connection was free then or not. */
async function paced(wanted: Load & { rate: number }) {
  const { url, connections, seconds, rate, amount = rate * seconds, method = 'GET', headers = {}, body, sign } = wanted
  const { path, gapMs = () => 1_000 / rate } = wanted
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const latencies: number[] = []
  let bad = 0
  const ask = async (dueAt: number) => {
    const text = body?.()
    const signed = text === undefined ? headers : { ...headers, ...sign?.(text) }
    const call = { agent, method, headers: signed, ...(text === undefined ? {} : { body: text }) }
    const status = await statusOf(path ? new URL(path(), url).href : url, call).catch(() => 0)
    if (status >= 200 && status < 300) latencies.push(performance.now() - dueAt)
    else bad += 1
  }
  const asked: Promise<void>[] = []
  const startedAt = performance.now()
  let dueAt = startedAt
  for (let n = 0; n < amount; n += 1, dueAt += gapMs()) {
    const earlyMs = dueAt - performance.now()
    if (earlyMs > 1) await sleep(earlyMs)
    asked.push(ask(dueAt))
  }
  await Promise.all(asked)
  const took = (performance.now() - startedAt) / 1_000
  agent.destroy()
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0
  return {
    perSecond: latencies.length / took,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    bad,
    good: latencies.length,
    seconds: took,
  }
}

function statusOf(
  url: string,
  { agent, method, headers, body }: { agent: Agent; method: string; headers: Record<string, string>; body?: string },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = body === undefined ? headers : { 'content-type': 'application/json', ...headers }
    const call = request(url, { agent, method, headers: sent, timeout: 30_000 }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    call.on('timeout', () => call.destroy(new Error('no answer within 30 s')))
    call.on('error', reject)
    call.end(body)
  })
}
