import { nowS } from '../kit/ids.ts'
import type { Table } from '../kit/tables.ts'
import { StripeError } from './errors.ts'
import type { KeptAnswer } from './objects.ts'

export type Answer = Pick<KeptAnswer, 'status' | 'body' | 'requestId'>

type Asked = Pick<KeptAnswer, 'endpoint' | 'parameters'>

const KEPT_FOR_S = 86_400
const LONGEST_KEY = 255

/** The answer that this key got before, or nothing. Throws where the key belongs to another request. */
export function earlierAnswer(answers: Table<KeptAnswer>, key: string, asked: Asked): Answer | undefined {
  if (key.length > LONGEST_KEY)
    throw idempotencyError(`Idempotency keys can be up to ${LONGEST_KEY} characters long, this one has ${key.length}.`)
  const kept = answers.get(key)
  if (!kept || kept.atS < nowS() - KEPT_FOR_S) return undefined
  if (kept.endpoint !== asked.endpoint)
    throw idempotencyError(
      `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${asked.endpoint}' vs '${kept.endpoint}'). Try using a key other than '${key}' if you meant to execute a different request.`,
    )
  if (kept.parameters !== asked.parameters)
    throw idempotencyError(
      `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
    )
  return kept
}

export function keyInUse(key: string): StripeError {
  return new StripeError(409, {
    type: 'invalid_request_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
  })
}

function idempotencyError(message: string): StripeError {
  return new StripeError(400, { type: 'idempotency_error', message })
}
