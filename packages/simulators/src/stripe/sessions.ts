import { nowS } from '../kit/ids.ts'
import { type ApiRoute, type Call, route } from './api-route.ts'
import { formatAmount, largestCharge, smallestCharge } from './currencies.ts'
import { invalidRequest, noSuch } from './errors.ts'
import { say } from './events.ts'
import { expanded, expandParameter, listAnswer } from './lists.ts'
import type { Cause, LineItem, SessionRow } from './objects.ts'
import { fields } from './parameters.ts'
import { newLine, newSession } from './session-object.ts'
import { type CreateSession, createParameters, listSessionsParameters } from './session-parameters.ts'
import type { Simulator } from './simulator.ts'

const SHORTEST_S = 30 * 60
const LONGEST_S = 24 * 60 * 60

export const sessionRoutes: ApiRoute[] = [
  route('POST', '/v1/checkout/sessions', createParameters, (simulator, wanted) => {
    const { session } = createSession(simulator, wanted)
    return expanded(simulator.store, session, wanted.expand)
  }),
  route('GET', '/v1/checkout/sessions', listSessionsParameters, ({ store }, { payment_intent, status, ...paging }) => {
    const sessions = store.sessions
      .newestFirst()
      .map((row) => row.session)
      .filter((session) => payment_intent === undefined || session.payment_intent === payment_intent)
      .filter((session) => status === undefined || session.status === status)
    return listAnswer(store, sessions, { url: '/v1/checkout/sessions', ...paging })
  }),
  route(
    'POST',
    '/v1/checkout/sessions/:id/expire',
    fields({ required: {}, optional: expandParameter }),
    (simulator, { expand }, { id, cause }: Call) => {
      const row = findSession(simulator, id)
      if (row.session.status !== 'open')
        throw invalidRequest(
          `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${row.session.status}\`.`,
        )
      expireSession(simulator, row, cause)
      return expanded(simulator.store, row.session, expand)
    },
  ),
]

/** The session, expired first if its time is over: nothing can be paid in the second before the clock notices. */
export function findSession(simulator: Simulator, id: string): SessionRow {
  const row = simulator.store.sessions.get(id)
  if (!row) throw noSuch('checkout.session', id, { param: 'session' })
  if (row.session.status === 'open' && row.session.expires_at <= nowS()) expireSession(simulator, row)
  return row
}

/** Ends an open session and cancels its payment intent, if a buyer had begun to pay. */
export function expireSession(simulator: Simulator, row: SessionRow, cause?: Cause): void {
  const { store } = simulator
  Object.assign(row.session, { status: 'expired', url: null })
  row.challenged = null
  store.sessions.put(row)
  store.plans.remove(row.id)
  const intent = store.paymentIntents.get(row.session.payment_intent ?? '')
  if (intent) {
    Object.assign(intent, {
      status: 'canceled',
      canceled_at: nowS(),
      cancellation_reason: 'expired',
      next_action: null,
    })
    store.paymentIntents.put(intent)
    say(simulator, 'payment_intent.canceled', intent, cause)
  }
  say(simulator, 'checkout.session.expired', row.session, cause)
}

function createSession({ store, publicUrl }: Simulator, wanted: CreateSession): SessionRow {
  const lines = wanted.line_items.map(newLine)
  checkLines(lines)
  checkExpiry(wanted.expires_at)
  const session = newSession(wanted, { publicUrl, lines })
  const row = { id: session.id, session, lines, intentData: wanted.payment_intent_data ?? {}, challenged: null }
  store.sessions.put(row)
  store.plans.put({ id: row.id, atS: session.expires_at, what: 'session_expires' })
  return row
}

function checkLines(lines: LineItem[]): void {
  const currency = lines[0]?.currency
  if (!currency)
    throw invalidRequest('Missing required param: line_items.', { code: 'parameter_missing', param: 'line_items' })
  const other = lines.findIndex((line) => line.currency !== currency)
  if (other >= 0)
    throw invalidRequest(`All line items of a Checkout Session must have the same currency, here ${currency}.`, {
      param: `line_items[${other}][price_data][currency]`,
    })
  const total = lines.reduce((sum, line) => sum + line.amount_total, 0)
  if (total > largestCharge(currency))
    throw invalidRequest(
      `The Checkout Session's total amount must be no more than ${formatAmount(largestCharge(currency), currency)}.`,
      { code: 'amount_too_large' },
    )
  if (total > 0 && total < smallestCharge(currency))
    throw invalidRequest(
      `The Checkout Session's total amount must convert to at least 50 cents: at least ${formatAmount(smallestCharge(currency), currency)}, not ${formatAmount(total, currency)}.`,
      { code: 'amount_too_small' },
    )
}

function checkExpiry(expiresAtS: number | undefined): void {
  if (expiresAtS === undefined) return
  const aheadS = expiresAtS - nowS()
  const refuse = (bound: string) =>
    invalidRequest(`The \`expires_at\` timestamp must be ${bound} from Checkout Session creation.`, {
      param: 'expires_at',
    })
  if (aheadS < SHORTEST_S) throw refuse('at least 30 minutes')
  if (aheadS > LONGEST_S) throw refuse('less than 24 hours')
}
