import { AsyncLocalStorage } from 'node:async_hooks'
import Stripe from 'stripe'
import type { StripeProvider } from './stripe-events.ts'

const ends = new AsyncLocalStorage<AbortSignal>()

/** The SDK knows a time-out of one request, but no end of a call with its repeats and pages: each request asks for it here. */
export const httpClient = () =>
  Stripe.createFetchHttpClient((url, request = {}) => fetch(url, { ...request, signal: endOf(request) }))

function endOf({ signal }: RequestInit): AbortSignal | null {
  const end = ends.getStore()
  return end && signal ? AbortSignal.any([end, signal]) : (end ?? signal ?? null)
}

/** Lets no request of a call go on after `longestMs`; what it asks later fails as a lost connection does. */
export function endingAfter(longestMs: number, { open, end, look, refund, events }: StripeProvider): StripeProvider {
  const within =
    <Call, Result>(act: (call: Call) => Promise<Result>) =>
    (call: Call) =>
      ends.run(AbortSignal.timeout(longestMs), act, call)
  return { open: within(open), end: within(end), look: within(look), refund: within(refund), events: within(events) }
}
