export interface FieldError {
  /** Where in the body or query, as in `lines[0].quantity`. */
  readonly field: string
  readonly code: string
  readonly message: string
}

export interface RefusalDetails {
  readonly errors?: readonly FieldError[]
  readonly headers?: Readonly<Record<string, string>>
  /** Further members of the problem document, such as the lines of a changed price. */
  readonly more?: Readonly<Record<string, unknown>>
}

/** Something the caller can understand and act on: becomes an RFC 9457 problem document with this status and code. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal'
  readonly status: number
  readonly code: string
  readonly details: RefusalDetails

  constructor(status: number, code: string, message: string, details: RefusalDetails = {}) {
    super(message)
    this.status = status
    this.code = code
    this.details = details
  }
}

export const notFound = (what: string): Refusal => new Refusal(404, 'not_found', `There is no such ${what}.`)

export const conflict = (code: string, message: string, details?: RefusalDetails): Refusal =>
  new Refusal(409, code, message, details)

/** So many are told in one answer. */
export const MAX_FAULTS = 100

/** Input that is well-formed JSON but not acceptable: every faulty field at once, up to 100 of them. */
export const invalidInput = (
  errors: readonly FieldError[],
  { status = 422, more = {} }: { readonly status?: 400 | 422; readonly more?: RefusalDetails['more'] } = {},
): Refusal => {
  const told = errors.slice(0, MAX_FAULTS)
  const message = told.map(({ field, message }) => `${field}: ${message}`).join('; ')
  return new Refusal(status, 'invalid_input', message, { errors: told, more })
}
