import { allEvents } from '@mart/contracts/events/all-events'
import { OrderCancelled, OrderPlaced, OrderShipped } from '@mart/contracts/events/order-events'
import { ProductChanged, ProductPublished } from '@mart/contracts/events/product-events'
import { SigningKeyRevoked, UserErased, UserPasswordChanged, UserRoleChanged } from '@mart/contracts/events/user-events'
import { endTokensOn } from '@mart/service-kit/ended-tokens'
import { type HeardEvent, hearingTable, onBatch } from '@mart/service-kit/hear'
import type { Service } from '@mart/service-kit/start-service'
import type { Config } from './config.ts'
import { commitStock } from './use-cases/commit-stock.ts'
import { learnSkus } from './use-cases/learn-skus.ts'
import { releaseStock } from './use-cases/release-stock.ts'
import { reserveStock } from './use-cases/reserve-stock.ts'

export const hears = ({ config: { LOW_STOCK_AT } }: Service<Config>) =>
  hearingTable(
    [
      onBatch(ProductPublished, (tx, events) => learnSkus(tx, dataOf(events), LOW_STOCK_AT)),
      onBatch(ProductChanged, (tx, events) => learnSkus(tx, dataOf(events), LOW_STOCK_AT)),
      onBatch(OrderPlaced, (tx, events) => reserveStock(tx, dataOf(events))),
      onBatch(OrderCancelled, (tx, events) => releaseStock(tx, orderIds(events))),
      onBatch(OrderShipped, (tx, events) => commitStock(tx, orderIds(events))),
      ...endTokensOn(UserErased, UserRoleChanged, UserPasswordChanged, SigningKeyRevoked),
    ],
    allEvents,
  )

const dataOf = <Data>(events: readonly HeardEvent<Data>[]): Data[] => events.map((event) => event.data)

const orderIds = (events: readonly HeardEvent<{ order_id: string }>[]): string[] =>
  events.map((event) => event.data.order_id)
