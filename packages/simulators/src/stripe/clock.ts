import { nowS } from '../kit/ids.ts'
import { openDispute } from './disputes.ts'
import type { Charge, Plan } from './objects.ts'
import { settleDebit } from './payments.ts'
import { settleRefund } from './refunds.ts'
import { expireSession } from './sessions.ts'
import type { Simulator } from './simulator.ts'
import { cardEndingIn } from './test-cards.ts'

/** Once a second does what is due: expires sessions, settles debits and refunds. Returns how to stop it. */
export function startClock(simulator: Simulator): () => void {
  const timer = setInterval(() => {
    for (const plan of simulator.store.plans.all()) if (plan.atS <= nowS()) carryOut(simulator, plan)
  }, 1000)
  return () => clearInterval(timer)
}

function carryOut(simulator: Simulator, { id, what }: Plan): void {
  const { store } = simulator
  store.plans.remove(id)
  const row = store.sessions.get(id)
  const refund = store.refunds.get(id)
  if (row && what === 'session_expires') expireSession(simulator, row)
  if (row && (what === 'debit_succeeds' || what === 'debit_fails'))
    settleDebit(simulator, row, what === 'debit_succeeds' ? 'succeeds' : 'fails')
  const charge = store.charges.get(id)
  if (charge && !charge.disputed) openDispute(simulator, charge, cardEndingIn(lastFour(charge))?.disputed)
  if (refund) settleRefund(simulator, refund, what === 'refund_succeeds' ? 'succeeds' : 'fails')
}

const lastFour = ({ payment_method_details: details }: Charge) => details?.card?.last4 ?? ''
