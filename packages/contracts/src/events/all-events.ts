import type { EventDefinition, Topic } from './define-event.ts'
import * as inventory from './inventory-events.ts'
import * as notification from './notification-events.ts'
import * as order from './order-events.ts'
import * as payment from './payment-events.ts'
import * as product from './product-events.ts'
import * as user from './user-events.ts'

const isEvent = (value: unknown): value is EventDefinition =>
  typeof value === 'object' && value !== null && 'type' in value && 'version' in value && 'topic' in value

/** Every event that anybody says: what is not in it was defined by nobody. */
export const allEvents: readonly EventDefinition[] = [user, product, order, inventory, payment, notification].flatMap(
  (producer) => Object.values(producer).filter(isEvent),
)

export const allTopics: readonly Topic[] = [...new Set(allEvents.map((event) => event.topic))]
