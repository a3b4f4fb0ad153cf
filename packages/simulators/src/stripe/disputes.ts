import { newId, nowS } from '../kit/ids.ts'
import { type ApiRoute, route } from './api-route.ts'
import { newDispute, withdrawal } from './dispute-object.ts'
import { invalidRequest } from './errors.ts'
import { say } from './events.ts'
import { listAnswer, listParameters } from './lists.ts'
import type { Charge, Dispute } from './objects.ts'
import { fields, text } from './parameters.ts'
import type { Simulator } from './simulator.ts'

const listDisputesParameters = fields({
  required: {},
  optional: { ...listParameters, charge: text(), payment_intent: text() },
})

export const disputeRoutes: ApiRoute[] = [
  route('GET', '/v1/disputes', listDisputesParameters, ({ store }, { charge, payment_intent, ...paging }) => {
    const disputes = store.disputes
      .newestFirst()
      .filter((dispute) => charge === undefined || dispute.charge === charge)
      .filter((dispute) => payment_intent === undefined || dispute.payment_intent === payment_intent)
    return listAnswer(store, disputes, { url: '/v1/disputes', ...paging })
  }),
]

/** The buyer's bank takes the money of a charge back until it is decided who keeps it. Throws where that cannot be. */
export function openDispute(simulator: Simulator, charge: Charge | undefined, reason = 'fraudulent'): Dispute {
  if (charge?.status !== 'succeeded' || charge.disputed)
    throw invalidRequest('There is no charge that was paid and is not disputed.')
  const { store } = simulator
  const dispute = newDispute(charge, reason)
  charge.disputed = true
  store.charges.put(charge)
  store.disputes.put(dispute)
  say(simulator, 'charge.dispute.created', dispute)
  dispute.balance_transactions.push(withdrawal(dispute))
  store.disputes.put(dispute)
  say(simulator, 'charge.dispute.funds_withdrawn', dispute)
  return dispute
}

/** The bank has decided. False where it had before. */
export function closeDispute(simulator: Simulator, dispute: Dispute, outcome: 'won' | 'lost'): boolean {
  if (dispute.status !== 'needs_response') return false
  dispute.status = outcome
  dispute.evidence_details.past_due = nowS() > (dispute.evidence_details.due_by ?? 0)
  if (outcome === 'won') {
    const back = { ...withdrawal(dispute), id: newId('txn_1'), amount: dispute.amount, net: dispute.amount, fee: 0 }
    dispute.balance_transactions.push(back)
  }
  simulator.store.disputes.put(dispute)
  say(simulator, 'charge.dispute.closed', dispute)
  if (outcome === 'won') say(simulator, 'charge.dispute.funds_reinstated', dispute)
  return true
}

/** Money that the bank has taken, or may take, is not refunded as well. */
export function refuseWhileDisputed({ store }: Simulator, { id, disputed }: Charge): void {
  const isWon = store.disputes.all().some((dispute) => dispute.charge === id && dispute.status === 'won')
  if (disputed && !isWon)
    throw invalidRequest(`Charge ${id} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' })
}
