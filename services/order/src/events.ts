import { allEvents } from '@mart/contracts/events/all-events'
import type { DataOf, EventDefinition } from '@mart/contracts/events/define-event'
import { StockAvailabilityChanged, StockRefused, StockReserved } from '@mart/contracts/events/inventory-events'
import {
  PaymentActionRequired,
  PaymentCashAgreed,
  PaymentDisputeClosed,
  PaymentDisputed,
  PaymentFailed,
  PaymentNothingToRefund,
  PaymentRefunded,
  PaymentRefundNeeded,
  PaymentSucceeded,
  PaymentVoided,
} from '@mart/contracts/events/payment-events'
import { ProductChanged, ProductPublished, ProductRetired } from '@mart/contracts/events/product-events'
import {
  SigningKeyRevoked,
  UserErased,
  UserPasswordChanged,
  UserProfileChanged,
  UserRoleChanged,
} from '@mart/contracts/events/user-events'
import { type EventHandler, type HandlerTable, handlerTable, on, onBatch } from '@mart/service-kit/handlers'
import type { Service } from '@mart/service-kit/start-service'
import { revokeTokensOn } from '@mart/service-kit/token-revocation'
import { learnAvailability } from './carts/use-cases.ts'
import type { Config } from './config.ts'
import type { Trigger } from './order.ts'
import { settleReturn } from './returns/use-cases.ts'
import { claimOnceProven } from './use-cases/claim-orders.ts'
import { forgetPerson } from './use-cases/forget-person.ts'
import { learnProducts, unlearnProducts } from './use-cases/learn-products.ts'
import { moveOrders } from './use-cases/move-orders.ts'

export function consumes({ config }: Service<Config>): HandlerTable {
  const windowMs = config.PAYMENT_WINDOW_S * 1000

  const moves = <Event extends EventDefinition>(
    event: Event,
    trigger: (data: DataOf<Event>) => Trigger,
  ): EventHandler =>
    onBatch(event, (tx, events) =>
      moveOrders(
        tx,
        events.map(({ id, type, key, data }) => ({
          orderId: key,
          trigger: trigger(data),
          cause: { eventId: id, type },
        })),
        windowMs,
      ),
    )

  return handlerTable(
    [
      onBatch(ProductPublished, (tx, events) =>
        learnProducts(
          tx,
          events.map(({ data }) => data),
        ),
      ),
      onBatch(ProductChanged, (tx, events) =>
        learnProducts(
          tx,
          events.map(({ data }) => data),
        ),
      ),
      onBatch(ProductRetired, (tx, events) =>
        unlearnProducts(
          tx,
          events.map(({ data }) => data),
        ),
      ),
      moves(StockReserved, () => ({ name: 'stock_reserved' })),
      moves(StockRefused, ({ missing }) => ({ name: 'stock_refused', missing: missing.map(({ sku }) => sku) })),
      moves(PaymentActionRequired, ({ attempt, url }) => ({ name: 'action_required', attempt, url })),
      moves(PaymentSucceeded, ({ method }) => ({ name: 'payment_succeeded', method })),
      moves(PaymentCashAgreed, () => ({ name: 'cash_agreed' })),
      moves(PaymentFailed, ({ attempt, final, reason }) => ({ name: 'payment_failed', attempt, final, reason })),
      moves(PaymentVoided, ({ refunding }) => ({ name: 'payment_voided', refunding })),
      on(PaymentRefunded, async (tx, { id, type, key, data }) => {
        const { return_id: returnId, refunded, refunded_in_all } = data
        const cause = { eventId: id, type }
        const inAll = refunded_in_all.amount
        if (returnId) await settleReturn(tx, { orderId: key, returnId, amount: refunded.amount, inAll, cause })
        else await moveOrders(tx, [{ orderId: key, trigger: { name: 'payment_refunded', inAll }, cause }], windowMs)
      }),
      on(PaymentNothingToRefund, (tx, { id, type, key, data: { return_id: returnId } }) =>
        settleReturn(tx, { orderId: key, returnId, amount: 0, inAll: null, cause: { eventId: id, type } }),
      ),
      moves(PaymentRefundNeeded, ({ reason }) => ({ name: 'refund_needed', reason })),
      moves(PaymentDisputed, ({ reason }) => ({ name: 'payment_disputed', reason })),
      moves(PaymentDisputeClosed, ({ won }) => ({ name: 'dispute_closed', won })),
      onBatch(StockAvailabilityChanged, (tx, events) =>
        learnAvailability(
          tx,
          events.map(({ data }) => data),
        ),
      ),
      on(UserProfileChanged, async (tx, { data: { user_id: id, email, email_verified } }) => {
        if (email_verified) await claimOnceProven(tx, { id, email })
      }),
      on(UserErased, (tx, event) => forgetPerson(tx, event.data.user_id)),
      ...revokeTokensOn(UserErased, UserRoleChanged, UserPasswordChanged, SigningKeyRevoked),
    ],
    allEvents,
  )
}
