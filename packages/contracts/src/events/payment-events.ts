import { Type } from 'typebox'
import { Money } from '../money.ts'
import { PaymentMethod } from '../payment-methods.ts'
import { defineEvent, type Topic } from './define-event.ts'
import { Id, Time } from './shared-shapes.ts'

export const paymentsTopic: Topic = { name: 'mart.payments', producer: 'payment', retention: 'days' }

const payment = { order_id: Id, payment_id: Id, method: PaymentMethod, amount: Money }
const ofReturn = { return_id: Type.Optional(Type.String({ format: 'uuid', description: 'the return that it is for' })) }
const attempt = { attempt: Type.Integer({ minimum: 1 }), attempt_id: Id }

/** The buyer has to act: one link to open, never form fields. */
export const PaymentActionRequired = defineEvent({
  type: 'payment.action_required',
  version: 1,
  topic: paymentsTopic,
  key: 'order_id',
  data: Type.Object({ ...payment, ...attempt, url: Type.String() }),
})

export const PaymentSucceeded = defineEvent({
  type: 'payment.succeeded',
  version: 1,
  topic: paymentsTopic,
  key: 'order_id',
  data: Type.Object({ ...payment, ...attempt, succeeded_at: Time }),
})

/** Cash was chosen after another way to pay; what was open is voided. */
export const PaymentCashAgreed = defineEvent({
  type: 'payment.cash_agreed',
  version: 1,
  topic: paymentsTopic,
  key: 'order_id',
  data: Type.Object(payment),
})

/** `final: false`: the buyer may try again with the same attempt, or choose another way to pay. */
export const PaymentFailed = defineEvent({
  type: 'payment.failed',
  version: 1,
  topic: paymentsTopic,
  key: 'order_id',
  data: Type.Object({ ...payment, ...attempt, final: Type.Boolean(), reason: Type.String() }),
})

/** The answer to `order.cancel_requested`, also for an order that payment never heard of. */
export const PaymentVoided = defineEvent({
  type: 'payment.voided',
  version: 1,
  topic: paymentsTopic,
  key: 'order_id',
  data: Type.Object({ order_id: Id, refunding: Type.Boolean() }),
})

export const PaymentRefunded = defineEvent({
  type: 'payment.refunded',
  version: 1,
  topic: paymentsTopic,
  key: 'order_id',
  data: Type.Object({
    ...payment,
    refund_id: Id,
    refunded: Money,
    refunded_in_all: Money,
    ...ofReturn,
  }),
})

/** A person must send money back, because no provider does: see /refund-tasks. */
export const PaymentRefundNeeded = defineEvent({
  type: 'payment.refund_needed',
  version: 1,
  topic: paymentsTopic,
  key: 'order_id',
  data: Type.Object({ ...payment, refund_task_id: Id, to_refund: Money, reason: Type.String(), ...ofReturn }),
})

/** Goods came back, and all that was paid for the order had gone back before. */
export const PaymentNothingToRefund = defineEvent({
  type: 'payment.nothing_to_refund',
  version: 1,
  topic: paymentsTopic,
  key: 'order_id',
  data: Type.Object({ ...payment, return_id: Id }),
})

export const PaymentDisputed = defineEvent({
  type: 'payment.disputed',
  version: 1,
  topic: paymentsTopic,
  key: 'order_id',
  data: Type.Object({ ...payment, disputed: Money, reason: Type.String() }),
})

/** The bank has decided. Lost: the money is gone. */
export const PaymentDisputeClosed = defineEvent({
  type: 'payment.dispute_closed',
  version: 1,
  topic: paymentsTopic,
  key: 'order_id',
  data: Type.Object({ ...payment, disputed: Money, won: Type.Boolean() }),
})
