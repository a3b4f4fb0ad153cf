import { nowS } from '../kit/ids.ts'
import { openStore as open, type Store as StoreOf, type StoreOptions, type Tables } from '../kit/tables.ts'
import type {
  Charge,
  Delivery,
  Dispute,
  Event,
  KeptAnswer,
  PaymentIntent,
  Plan,
  Refund,
  SessionRow,
} from './objects.ts'

type Rows = {
  sessions: SessionRow
  paymentIntents: PaymentIntent
  charges: Charge
  refunds: Refund
  disputes: Dispute
  events: Event
  deliveries: Delivery
  plans: Plan
  answers: KeptAnswer
}

export type Store = StoreOf<Rows>

const names = [
  'sessions',
  'paymentIntents',
  'charges',
  'refunds',
  'disputes',
  'events',
  'deliveries',
  'plans',
  'answers',
] as const
const DAY_S = 86_400

export const openStore = (options: StoreOptions): Promise<Store> => open<Rows>(names, options, forgetTheOld)

/** Stripe keeps idempotency keys for a day and events for thirty. */
function forgetTheOld({ answers, events, deliveries }: Tables<Rows>): void {
  for (const answer of answers.all()) if (answer.atS < nowS() - DAY_S) answers.remove(answer.id)
  for (const event of events.all()) {
    if (event.created >= nowS() - 30 * DAY_S) continue
    events.remove(event.id)
    deliveries.remove(event.id)
  }
}
