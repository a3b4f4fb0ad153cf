import { randomUUID } from 'node:crypto'
import { nowS } from '../kit/ids.ts'
import { newNotification, resultFields, signed, withQuery } from './notifications.ts'
import { isOpen, isSuccess, type Outcome } from './outcomes.ts'
import type { Simulator } from './simulator.ts'
import type { Store, Transaction } from './store.ts'

const LATER_S = 10

/** The buyer has tried: keeps what came of it and tells the merchant. False where the try was over before. */
export function finish(simulator: Simulator, transaction: Transaction, { code, later }: Outcome): boolean {
  const { store } = simulator
  if (transaction.code !== null || isPaid(store, transaction.basketId)) return false
  if (code !== '901') transaction.publicId = randomUUID()
  tell(simulator, transaction, code)
  if (later) store.plans.put({ id: transaction.id, atS: nowS() + LATER_S, code: later })
  return true
}

/** What a time-out or a pending payment has come to. False where there is none. */
export function settle(simulator: Simulator, transaction: Transaction, code: string): boolean {
  if (transaction.code === null || !isOpen(transaction.code)) return false
  simulator.store.plans.remove(transaction.id)
  tell(simulator, transaction, code)
  return true
}

function tell({ store, deliveries }: Simulator, transaction: Transaction, code: string): void {
  transaction.code = code
  store.transactions.put(transaction)
  const notification = newNotification(transaction, code)
  store.notifications.put(notification)
  deliveries.accept(notification.id)
}

/** Where the browser goes back to, with what is said there. */
export function returnTo(simulator: Simulator, transaction: Transaction) {
  const code = transaction.code ?? '901'
  const address = isSuccess(code) ? transaction.successUrl : transaction.failureUrl
  const fields = signed(resultFields(transaction, code), simulator)
  return { address, fields, url: withQuery(address, fields) }
}

/** A basket is paid once: PayFast's tokens are bound to it. */
export const isPaid = (store: Store, basketId: string): boolean =>
  ofBasket(store, basketId).some(({ code }) => code !== null && isSuccess(code))

/** The tries to pay a basket, the newest first. */
export const ofBasket = (store: Store, basketId: string): Transaction[] =>
  store.transactions.newestFirst().filter((one) => one.basketId === basketId)

/** The one that a status by basket is about: what was paid, else the newest that was tried. */
export function standing(tries: readonly Transaction[]): Transaction | undefined {
  const tried = tries.filter(({ code }) => code !== null)
  return tried.find(({ code }) => isSuccess(code ?? '')) ?? tried[0]
}

/** Once a second does what is due. Returns how to stop it. */
export function startClock(simulator: Simulator): () => void {
  const { plans, transactions } = simulator.store
  const timer = setInterval(() => {
    for (const { id, atS, code } of plans.all()) {
      const transaction = transactions.get(id)
      if (atS <= nowS() && transaction) settle(simulator, transaction, code)
    }
  }, 1000)
  return () => clearInterval(timer)
}
