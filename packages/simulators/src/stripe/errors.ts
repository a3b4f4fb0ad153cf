export type ErrorFields = {
  type: 'invalid_request_error' | 'idempotency_error' | 'card_error' | 'api_error'
  message: string
  code?: string
  param?: string
  decline_code?: string
}

export class StripeError extends Error {
  readonly status: number
  readonly fields: ErrorFields

  constructor(status: number, fields: ErrorFields) {
    super(fields.message)
    this.status = status
    this.fields = fields
  }
}

export function invalidRequest(message: string, { code, param }: { code?: string; param?: string } = {}): StripeError {
  return new StripeError(400, {
    type: 'invalid_request_error',
    message,
    ...(code ? { code } : {}),
    ...(param ? { param } : {}),
  })
}

/** An id in the URL that names nothing is a 404; one among the parameters is a 400. */
export function noSuch(kind: string, id: string, { param, status = 404 }: { param: string; status?: number }) {
  const message = `No such ${kind}: '${id}'`
  return new StripeError(status, { type: 'invalid_request_error', code: 'resource_missing', message, param })
}

/** The body of every answer that is not a success: the SDK looks for `error`, not at the status. */
export function envelope({ fields }: StripeError, requestId: string) {
  return {
    error: {
      ...fields,
      ...(fields.code ? { doc_url: `https://stripe.com/docs/error-codes/${fields.code.replaceAll('_', '-')}` } : {}),
      request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}`,
    },
  }
}
