import { allTopics } from '@mart/contracts/events/all-events'
import { serviceNames } from '@mart/contracts/services'
import type { LogMember } from '@mart/service-kit/event-log-postgres'
import { consumedTopics } from './unconsumed.ts'

/** What the role of each service may do in the embedded event log. */
export const logMembers: readonly LogMember[] = serviceNames.map((name) => ({
  role: `mart_${name}`,
  group: name,
  produces: allTopics.filter(({ producer }) => producer === name).map((topic) => topic.name),
  consumes: consumedTopics[name],
}))
