import { PaymentMethod } from '@mart/contracts/payment-methods'
import { defineInstrument, record } from '@mart/service-kit/instruments'
import type { Database } from '@mart/service-kit/postgres'
import type { Order } from './order.ts'

const orderTransitions = defineInstrument({
  name: 'order_transitions_total',
  help: 'Orders that went from one state to another; from "new" when they are placed',
  labels: ['from', 'to', 'payment_method'],
  zeros: PaymentMethod.enum.map((payment_method) => ({ from: 'new', to: 'placed', payment_method })),
})

const confirmedMoney = defineInstrument({
  name: 'orders_confirmed_minor_units_total',
  help: 'What the orders that were confirmed are worth, in minor units of the currency: cents, paisa',
  labels: ['currency', 'payment_method'],
})

const orderAnswer = defineInstrument({
  name: 'order_answer_seconds',
  help: 'From placed to our answer: confirmed, awaiting payment, or cancelled for want of stock',
  labels: ['to', 'payment_method'],
  buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300],
})

export const instruments = [orderTransitions, confirmedMoney, orderAnswer]

export interface Transition {
  /** Null when it is placed. */
  readonly before: Order | null
  readonly after: Order
}

/** Records what has become of orders; a change that leaves one in its state is none. */
export function recordTransitions(db: Database, changes: readonly Transition[]): void {
  const transitions = changes.filter(({ before, after }) => before?.status !== after.status)
  record(
    db,
    orderTransitions,
    transitions.map(({ before, after: { status: to, payment_method } }) => ({
      from: before?.status ?? 'new',
      to,
      payment_method,
    })),
  )
  const confirmed = transitions.filter(({ after }) => after.status === 'confirmed')
  record(
    db,
    confirmedMoney,
    confirmed.map(({ after: { currency, payment_method, total: value } }) => ({ currency, payment_method, value })),
  )
  const answered = transitions.filter(({ before }) => before?.status === 'placed')
  record(
    db,
    orderAnswer,
    answered.map(({ after: { status: to, payment_method, placed_at, updated_at } }) => ({
      to,
      payment_method,
      value: Math.max(0, updated_at.getTime() - placed_at.getTime()) / 1_000,
    })),
  )
}
