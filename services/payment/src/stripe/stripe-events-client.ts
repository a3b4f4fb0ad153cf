import { AsyncLocalStorage } from 'node:async_hooks'
import Stripe from 'stripe'
import type { Provider } from '../provider-calls/provider-calls.ts'
import { isEvent, type StripeEvent } from './stripe-event.ts'
import { messageOf } from './stripe-refund-client.ts'

const MOST_ON_A_PAGE = 100

/** What docs/payments.md has a merchant subscribe to: nobody promised us a webhook of anything else. */
const types = [
  ...['completed', 'async_payment_succeeded', 'async_payment_failed', 'expired'].map((of) => `checkout.session.${of}`),
  ...['succeeded', 'payment_failed', 'canceled'].map((of) => `payment_intent.${of}`),
  ...['created', 'updated', 'failed'].map((of) => `refund.${of}`),
  'charge.refunded',
  ...['created', 'updated', 'closed', 'funds_withdrawn', 'funds_reinstated'].map((of) => `charge.dispute.${of}`),
]

export interface EventsWanted {
  readonly from: Date
  readonly to: Date
  /** The last event of the page before; null for the first page. */
  readonly after: string | null
}

export type EventsPage =
  | { readonly kind: 'page'; readonly events: readonly StripeEvent[]; readonly hasMore: boolean }
  | { readonly kind: 'no_answer'; readonly reason: string }

/** PayFast has nothing like this list. */
export interface StripeProvider extends Provider {
  readonly events: (wanted: EventsWanted) => Promise<EventsPage>
}

/** A page of what happened at Stripe, newest first, whether its webhook came or not. Stripe keeps thirty days. */
export async function listEvents(stripe: Stripe, { from, to, after }: EventsWanted): Promise<EventsPage> {
  try {
    const { object, data, has_more } = await stripe.events.list({
      types,
      created: { gte: seconds(from), lte: seconds(to) },
      limit: MOST_ON_A_PAGE,
      ...(after === null ? {} : { starting_after: after }),
    })
    // The SDK takes any JSON without an `error` for a success.
    const events: unknown[] | null = object === 'list' && Array.isArray(data) ? data : null
    if (!events?.every(isEvent)) return { kind: 'no_answer', reason: 'its answer is no list of events' }
    return { kind: 'page', events, hasMore: has_more }
  } catch (error) {
    return { kind: 'no_answer', reason: messageOf(error) }
  }
}

const seconds = (time: Date) => Math.floor(time.getTime() / 1000)

const ends = new AsyncLocalStorage<AbortSignal>()

/** The SDK knows a time-out of one request, but no end of a call with its repeats and pages: each request asks for it here. */
export const httpClient = () =>
  Stripe.createFetchHttpClient((url, request = {}) => fetch(url, { ...request, signal: endOf(request) }))

function endOf({ signal }: RequestInit): AbortSignal | null {
  const end = ends.getStore()
  return end && signal ? AbortSignal.any([end, signal]) : (end ?? signal ?? null)
}

/** Lets no request of a call go on after `longestMs`; what it asks later fails as a lost connection does. */
export function endingAfter(longestMs: number, { open, end, poll, refund, events }: StripeProvider): StripeProvider {
  const within =
    <Call, Result>(act: (call: Call) => Promise<Result>) =>
    (call: Call) =>
      ends.run(AbortSignal.timeout(longestMs), act, call)
  return { open: within(open), end: within(end), poll: within(poll), refund: within(refund), events: within(events) }
}
