import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type FieldError, invalidInput, MAX_FAULTS, Refusal } from './errors.ts'
import { isPassingFault } from './postgres.ts'
import { writeFault } from './writing.ts'

export const titles: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Body too large',
  415: 'Unsupported media type',
  422: 'Invalid input',
  428: 'Precondition required',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Something failed here',
  503: 'Not available now',
}

const MAX_DETAIL = 2_000
const MAX_FIELD = 200
const MAX_MESSAGE = 500

/** Requests that failed because nothing can be written: the log says that once, not for each. */
export const loggedElsewhere = new WeakSet<FastifyRequest>()

/** Answers every error as an RFC 9457 problem document; what is our fault is logged and its details are kept inside. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = asRefusal(error, request)
    if (writeFault(error) !== null) loggedElsewhere.add(request)
    else if (refusal.status >= 500) request.log.error({ err: error }, refusal.message)
    return sendProblem(request, reply, refusal)
  })
}

/** Answers with a problem document, whose size does not follow that of the request. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, refusal: Refusal) {
  const { status, code, message, details } = refusal
  return reply
    .code(status)
    .headers(details.headers ?? {})
    .header('content-type', 'application/problem+json; charset=utf-8')
    .serializer(JSON.stringify)
    .send({
      type: 'about:blank',
      title: titles[status] ?? 'Error',
      status,
      code,
      detail: cut(message, MAX_DETAIL),
      instance: pathOf(request),
      request_id: request.id,
      ...(details.errors ? { errors: details.errors.slice(0, MAX_FAULTS).map(cutFault) } : {}),
      ...details.more,
    })
}

/** The path that was asked for, as far as it is worth telling. */
export const pathOf = ({ url }: Pick<FastifyRequest, 'url'>): string => cut(url.split('?')[0]!, MAX_FIELD)

const cut = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text)

const cutFault = ({ field, code, message }: FieldError): FieldError => ({
  field: cut(field, MAX_FIELD),
  code,
  message: cut(message, MAX_MESSAGE),
})

/** What an error is to the caller. */
export function asRefusal(error: FastifyError, request: FastifyRequest): Refusal {
  if (error instanceof Refusal) return error
  if (error.validation) return invalidRequest(error, request)
  if (isPassingFault(error)) {
    return new Refusal(503, 'try_again', 'This service cannot reach its database now.', {
      headers: { 'retry-after': '1' },
    })
  }
  // SQLSTATE class 22, data exception: what no column can hold, where no schema has said so before
  if (/^22...$/.test(error.code ?? '')) {
    request.log.warn({ err: error }, 'the database refused a value that a schema let through')
    return new Refusal(400, 'invalid_input', 'Some value cannot be stored or compared.')
  }
  if (error.code === 'FST_ERR_BAD_URL' || error.code === 'FST_ERR_MAX_PARAM_LENGTH')
    return new Refusal(404, 'no_such_route', `There is no ${request.method} ${pathOf(request)}.`)
  const known = fastifyCodes[error.code]
  if (known) return new Refusal(known.status, known.code, error.message)
  const status = error.statusCode ?? 500
  if (status >= 400 && status < 500) return new Refusal(status, 'bad_request', error.message)
  return new Refusal(500, 'internal_error', 'Something failed here. It was logged under this request id.')
}

const fastifyCodes: Record<string, { status: number; code: string }> = {
  FST_ERR_CTP_INVALID_JSON_BODY: { status: 400, code: 'malformed_json' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, code: 'malformed_json' },
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'body_too_large' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { status: 415, code: 'unsupported_media_type' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { status: 400, code: 'bad_request' },
}

function invalidRequest(error: FastifyError, request: FastifyRequest): Refusal {
  if (error.validationContext === 'params') return new Refusal(404, 'not_found', `There is no ${pathOf(request)}.`)
  return invalidInput(faultsOf(error), { status: error.validationContext === 'body' ? 422 : 400 })
}

/** Every faulty field of a request that does not fit its schema. */
export function faultsOf(error: Pick<FastifyError, 'validation'>): FieldError[] {
  return (error.validation ?? []).map(fieldError)
}

function fieldError(fault: NonNullable<FastifyError['validation']>[number]): FieldError {
  const { keyword, params, instancePath, message } = fault
  const extra = params['additionalProperty'] ?? params['missingProperty'] ?? params['unevaluatedProperty']
  const path = instancePath.slice(1).split('/').filter(Boolean)
  if (typeof extra === 'string') path.push(extra)
  return {
    field:
      path.reduce((name, part) => (/^\d+$/.test(part) ? `${name}[${part}]` : name ? `${name}.${part}` : part), '') ||
      'body',
    code: keyword === 'additionalProperties' ? 'unknown_field' : keyword,
    message: messageFor(keyword, params, message),
  }
}

function messageFor(keyword: string, params: Record<string, unknown>, message = 'is wrong'): string {
  if (keyword === 'required') return 'is missing'
  if (keyword === 'additionalProperties') return 'is not a known field'
  if (keyword === 'enum') {
    const allowed = params['allowedValues'] as unknown[]
    return `must be one of ${allowed.slice(0, 20).join(', ')}${allowed.length > 20 ? ', …' : ''}`
  }
  return message
}
