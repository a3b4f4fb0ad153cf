import { type EventToPublish, toPublish } from '@mart/contracts/events/define-event'
import {
  ReturnApproved,
  ReturnReceived,
  ReturnRefused,
  ReturnRequested,
  ReturnWithdrawn,
} from '@mart/contracts/events/order-events'
import type { Order } from '../order.ts'
import { aboutOrder } from '../order-events.ts'
import type { Return } from './return.ts'

const about = (order: Order, { id, lines, refund }: Return) => ({
  ...aboutOrder(order),
  return_id: id,
  lines: lines.map((line) => ({ ...line })),
  refund: { amount: refund, currency: order.currency },
})

const at = ({ updated_at }: Return): string => updated_at.toISOString()

export const requested = (order: Order, one: Return): EventToPublish =>
  toPublish(ReturnRequested, { ...about(order, one), requested_at: at(one) })

export const approved = (order: Order, one: Return): EventToPublish =>
  toPublish(ReturnApproved, { ...about(order, one), approved_at: at(one) })

export const refused = (order: Order, one: Return): EventToPublish =>
  toPublish(ReturnRefused, { ...about(order, one), reason: one.refusal ?? '', refused_at: at(one) })

export const withdrawn = (order: Order, one: Return): EventToPublish =>
  toPublish(ReturnWithdrawn, { ...about(order, one), withdrawn_at: at(one) })

export const received = (order: Order, one: Return): EventToPublish =>
  toPublish(ReturnReceived, { ...about(order, one), received: [...one.received], received_at: at(one) })
