import { inventoryTopic } from '@mart/contracts/events/inventory-events'
import { ordersTopic } from '@mart/contracts/events/order-events'
import { paymentsTopic } from '@mart/contracts/events/payment-events'
import { productsTopic } from '@mart/contracts/events/product-events'
import { usersTopic } from '@mart/contracts/events/user-events'
import type { ServiceName } from '@mart/contracts/services'
import type { EventLog } from '@mart/service-kit/event-log'

/** The topics that each service hears whatever its settings are; tests/hearers.test.ts compares it with the services. */
export const consumedTopics: Readonly<Record<ServiceName, readonly string[]>> = {
  user: [],
  product: names(inventoryTopic, usersTopic),
  order: names(inventoryTopic, paymentsTopic, productsTopic, usersTopic),
  inventory: names(ordersTopic, productsTopic, usersTopic),
  payment: names(ordersTopic, usersTopic),
  notification: names(ordersTopic, paymentsTopic, usersTopic, productsTopic, inventoryTopic),
}

/** How many events are in the log and not heard yet, by the services that have not heard them all. */
export async function countUnconsumed(log: EventLog): Promise<ReadonlyMap<string, number>> {
  const hearers = Object.entries(consumedTopics).filter(([, topics]) => topics.length > 0)
  const counts = await Promise.all(
    hearers.map(async ([group, topics]) => {
      const lags = await log.lag(group, topics)
      return [group, lags.reduce((sum, { lag }) => sum + Math.max(0, lag), 0)] as const
    }),
  )
  return new Map(counts.filter(([, count]) => count > 0))
}

function names(...topics: readonly { readonly name: string }[]): string[] {
  return topics.map(({ name }) => name)
}
