import { allEvents } from '@mart/contracts/events/all-events'
import { OrderCancelled, OrderPlaced, OrderShipped, ReturnReceived } from '@mart/contracts/events/order-events'
import { ProductChanged, ProductPublished } from '@mart/contracts/events/product-events'
import { SigningKeyRevoked, UserErased, UserPasswordChanged, UserRoleChanged } from '@mart/contracts/events/user-events'
import { type ConsumedEvent, handlerTable, onBatch } from '@mart/service-kit/handlers'
import type { Service } from '@mart/service-kit/start-service'
import { revokeTokensOn } from '@mart/service-kit/token-revocation'
import type { Config } from './config.ts'
import { commitStock } from './use-cases/commit-stock.ts'
import { learnSkus } from './use-cases/learn-skus.ts'
import { releaseStock } from './use-cases/release-stock.ts'
import { reserveStock } from './use-cases/reserve-stock.ts'
import { takeBack } from './use-cases/take-back.ts'

export const consumes = ({ config: { LOW_STOCK_AT } }: Service<Config>) =>
  handlerTable(
    [
      onBatch(ProductPublished, (tx, events) => learnSkus(tx, dataOf(events), LOW_STOCK_AT)),
      onBatch(ProductChanged, (tx, events) => learnSkus(tx, dataOf(events), LOW_STOCK_AT)),
      onBatch(OrderPlaced, (tx, events) => reserveStock(tx, dataOf(events))),
      onBatch(OrderCancelled, (tx, events) => releaseStock(tx, orderIds(events))),
      onBatch(OrderShipped, (tx, events) => commitStock(tx, orderIds(events))),
      onBatch(ReturnReceived, (tx, events) => takeBack(tx, dataOf(events))),
      ...revokeTokensOn(UserErased, UserRoleChanged, UserPasswordChanged, SigningKeyRevoked),
    ],
    allEvents,
  )

const dataOf = <Data>(events: readonly ConsumedEvent<Data>[]): Data[] => events.map((event) => event.data)

const orderIds = (events: readonly ConsumedEvent<{ order_id: string }>[]): string[] =>
  events.map((event) => event.data.order_id)
