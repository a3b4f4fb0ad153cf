import { stripeRefuses } from '@mart/contracts/stripe-amounts'
import Stripe from 'stripe'
import { goPath } from '../payment-record.ts'
import { longestCallMs } from '../provider-calls/leases.ts'
import type { ProviderCall } from '../provider-calls/provider-calls.ts'
import type { News } from '../provider-news.ts'
import { aboutSession, isSession, type StripeSession } from './stripe-event.ts'
import { endingAfter, httpClient, listEvents, type StripeProvider } from './stripe-events-client.ts'
import { isKeyUsedUp, messageOf, refundAt } from './stripe-refund-client.ts'
import { newsOfSession, sessionKey, sessionParameters } from './stripe-session.ts'

const { errors } = Stripe
const CLOCK_SKEW_S = 60
const DAY_S = 24 * 60 * 60

const INTENT_WITH_FEE = 'payment_intent.latest_charge.balance_transaction'

export interface StripeSettings {
  readonly secretKey: string
  readonly webhookSecrets: readonly string[]
  readonly apiUrl: string | undefined
  readonly timeoutMs: number
  readonly publicUrl: string
}

/** Stripe's Checkout by the official SDK, for attempts of this mart. */
export function connectStripe({ secretKey, apiUrl, timeoutMs, publicUrl }: StripeSettings): StripeProvider {
  const stripe = new Stripe(secretKey, {
    ...(apiUrl ? addressOf(new URL(apiUrl)) : {}),
    telemetry: false,
    maxNetworkRetries: 2,
    timeout: timeoutMs,
    httpClient: httpClient(),
  })

  return endingAfter(longestCallMs('stripe', timeoutMs), {
    async open({ payment, attempt, martId }) {
      const refused = stripeRefuses(payment)
      if (refused) return nothing(attempt.id, { kind: 'refused', reason: `A payment by card ${refused.message}.` })
      const wanted = sessionParameters({ payment, attempt, martId, publicUrl })
      const opened = (session: Stripe.Checkout.Session) => {
        const link = publicUrl + goPath(attempt)
        return answer(attempt.id, session, { kind: 'opened', url: session.url ?? '', link })
      }
      try {
        const session = await stripe.checkout.sessions.create(wanted, { idempotencyKey: sessionKey(attempt) })
        return isSession(session) ? opened(session) : nothing(attempt.id, noAnswer('its answer is no session'))
      } catch (error) {
        if (!isKeyUsedUp(error)) return nothing(attempt.id, newsOfRefusal(error))
        const made = await findSession(stripe, attempt).catch((fault: unknown) => newsOfRefusal(fault))
        if (made && 'kind' in made) return nothing(attempt.id, made)
        if (made) return made.status === 'open' ? opened(made) : answer(attempt.id, made, newsOfSession(asRead(made)))
        return nothing(attempt.id, { kind: 'nothing_made', wrong: 'key', reason: messageOf(error) })
      }
    },

    async end({ attempt }) {
      const id = attempt.session_id ?? ''
      try {
        const session = await stripe.checkout.sessions.expire(id).catch((error: unknown) => {
          // Complete, or expired already: what became of it decides.
          if (!(error instanceof errors.StripeInvalidRequestError)) throw error
          return stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })
        })
        if (!isSession(session)) return nothing(attempt.id, noAnswer('its answer is no session'))
        return answer(attempt.id, session, newsOfSession(asRead(session)))
      } catch (error) {
        const isUnknown = error instanceof errors.StripeInvalidRequestError && error.code === 'resource_missing'
        return nothing(attempt.id, isUnknown ? { kind: 'expired' } : noAnswer(messageOf(error)))
      }
    },

    async poll({ attempt }) {
      try {
        const session = attempt.session_id
          ? await stripe.checkout.sessions.retrieve(attempt.session_id, { expand: [INTENT_WITH_FEE] })
          : await findSession(stripe, attempt)
        if (!session || !isSession(session)) return nothing(attempt.id, noAnswer('there is no session'))
        return answer(attempt.id, session, newsOfSession(asRead(session)))
      } catch (error) {
        if (!(error instanceof errors.StripeError)) throw error
        return nothing(attempt.id, noAnswer(error.message))
      }
    },

    refund: (call) => refundAt(stripe, call),

    events: (wanted) => listEvents(stripe, wanted),
  })
}

const addressOf = ({ protocol, hostname, port }: URL) => ({
  protocol: protocol.slice(0, -1) as 'http' | 'https',
  host: hostname,
  port: port || (protocol === 'https:' ? 443 : 80),
})

const answer = (attemptId: string, session: Stripe.Checkout.Session, news: News) => ({
  news,
  about: { ...aboutSession(asRead(session)), attemptId },
})

const nothing = (attemptId: string, news: News) => ({ news, about: { attemptId, sessionId: null, charge: null } })

const noAnswer = (reason: string): News => ({ kind: 'no_answer', reason: `Stripe: ${reason}` })

const asRead = (session: Stripe.Checkout.Session): StripeSession => session as StripeSession

async function findSession(stripe: Stripe, { id, created_at }: ProviderCall['attempt']) {
  const from = Math.floor(created_at.getTime() / 1000) - CLOCK_SKEW_S
  for await (const session of stripe.checkout.sessions.list({
    created: { gte: from, lte: from + DAY_S },
    limit: 100,
  })) {
    if (session.client_reference_id === id) return session
  }
  return null
}

function newsOfRefusal(error: unknown): News {
  const isRefusal = error instanceof errors.StripeInvalidRequestError && error.statusCode !== 409
  if (!isRefusal) {
    if (!(error instanceof errors.StripeError)) throw error
    return noAnswer(error.message)
  }
  const { message: reason, param, code } = error
  if (isAboutSum(code, param)) return { kind: 'refused', reason }
  if (param === 'expires_at' || param === 'customer_email') return { kind: 'nothing_made', wrong: param, reason }
  return { kind: 'failed', reason }
}

/** `amount_too_small`, `amount_too_large`; else what is wrong with a number or a currency of the basket. */
const isAboutSum = (code: string | undefined, param: string | undefined): boolean =>
  /^amount_/.test(code ?? '') || /\b(unit_amount|amount|currency|presentment_currency)\]?$/.test(param ?? '')
