import type { Problem } from '@mart/contracts/http/shared-shapes'
import type { ServiceName } from '@mart/contracts/services'
import { Refusal } from '@mart/service-kit/errors'
import { currentTraceparent } from '@mart/service-kit/tracing'
import { Agent, request } from 'undici'

const PATIENCE_MS = 8_000

/** On whose behalf a service is asked. */
export interface Caller {
  readonly address: string
  readonly requestId: string
  readonly token?: string | undefined
  /** The secret of a guest's link to his order. */
  readonly guest?: string | undefined
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** What a service answered that it does not do. */
export class ServiceRefusal extends Error {
  override readonly name = 'ServiceRefusal'
  readonly status: number
  readonly problem: Partial<Problem>

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? `answered ${status}`)
    this.status = status
    this.problem = problem
  }
}

export type Services = ReturnType<typeof servicesAt>

/** The six services over HTTP. */
export function servicesAt(urls: Readonly<Record<ServiceName, string>>) {
  // Node's fetch with its signal takes three times the CPU, and a page asks three to six times (docs/performance.md).
  const dispatcher = new Agent({ headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS })

  /**
   * Resolves to the answer's body, null for none. Rejects with ServiceRefusal for a status of 400 to 499, and with Refusal 503 when
   * the service fails, or says nothing for 8 s.
   */
  async function ask<Answer>(service: ServiceName, path: string, caller: Caller, asked: Asked = {}): Promise<Answer> {
    const { method = 'GET', body, headers } = asked
    const traceparent = currentTraceparent()
    let status: number
    let text: string
    try {
      const answer = await request(urls[service] + path, {
        dispatcher,
        method,
        headers: {
          accept: 'application/json',
          'x-forwarded-for': caller.address,
          'x-request-id': caller.requestId,
          ...(caller.guest && { authorization: `Guest ${caller.guest}` }),
          ...(caller.token && { authorization: `Bearer ${caller.token}` }),
          ...(traceparent && { traceparent }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      status = answer.statusCode
      text = await answer.body.text()
    } catch (error) {
      throw unreachable(service, error)
    }
    if (status >= 500) throw unreachable(service, new Error(`it answered ${status}`))
    const told = text === '' ? null : (JSON.parse(text) as unknown)
    if (status >= 400) throw new ServiceRefusal(status, (told ?? {}) as Partial<Problem>)
    return told as Answer
  }
  return { ask }
}

function unreachable(service: ServiceName, cause: unknown): Refusal {
  const refusal = new Refusal(503, 'service_away', `The ${service} service does not answer as it should.`)
  refusal.cause = cause
  return refusal
}
