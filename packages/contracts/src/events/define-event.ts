import type { Static, TObject } from 'typebox'

export interface Topic {
  readonly name: string
  /** The one service that says events on it. */
  readonly producer: string
  /** `forever`: a hearer that joins late builds its copy from the start. `days`: EVENT_RETENTION_DAYS. */
  readonly retention: 'days' | 'forever'
}

export interface EventDefinition<Data extends TObject = TObject> {
  readonly type: string
  readonly version: number
  readonly topic: Topic
  /** The field of the data whose value is the event's key: events of one key keep their order. */
  readonly key: string
  readonly data: Data
  /** The field that says since when older tokens of the person who is the key are refused. */
  readonly revokesTokensAt?: string
  /** The field that names a signing key whose tokens are refused from now on. */
  readonly revokesTokensBy?: string
}

export type DataOf<Event extends EventDefinition> = Static<Event['data']>

/** An event with its data, before it is in the outbox. Made by `toPublish`, which sees to it that the two belong together. */
export interface EventToPublish<Event extends EventDefinition = EventDefinition> {
  readonly event: Event
  readonly data: DataOf<Event>
}

/** An event of which rules decide that it is said. */
export const toPublish = <Event extends EventDefinition>(event: Event, data: DataOf<Event>): EventToPublish<Event> => ({
  event,
  data,
})

/** Names an event once: type, version, topic, the field that is its key, and the schema of its data. */
export function defineEvent<Data extends TObject>(event: {
  type: string
  version: number
  topic: Topic
  key: keyof Static<Data> & string
  data: Data
  revokesTokensAt?: keyof Static<Data> & string
  revokesTokensBy?: keyof Static<Data> & string
}): EventDefinition<Data> {
  return event
}
