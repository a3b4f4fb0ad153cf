import Stripe from 'stripe'

const { errors } = Stripe

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The key's kept answer is a failure, or it belongs to a call with other parameters: what that call did must be looked up. */
export function isKeyUsedUp(error: unknown): boolean {
  if (error instanceof errors.StripeIdempotencyError) return true
  if (!(error instanceof errors.StripeError)) return false
  return (error.statusCode ?? 0) >= 500 && error.headers?.['idempotent-replayed'] === 'true'
}
