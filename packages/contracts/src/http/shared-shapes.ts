import { type Static, type TSchema, Type } from 'typebox'

/** RFC 9457 problem details, with a stable `code` and every faulty field at once, up to 100. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.Optional(Type.String()),
  instance: Type.Optional(Type.String()),
  request_id: Type.Optional(Type.String()),
  errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), code: Type.String(), message: Type.String() }))),
})
export type Problem = Static<typeof Problem>

/** The refusals of a route of its own, for its `response`; those that its guard, body and parameters make come by themselves. */
export const problems = <const Status extends number>(...statuses: Status[]): Record<Status, typeof Problem> =>
  Object.fromEntries(statuses.map((status) => [status, Problem])) as Record<Status, typeof Problem>

/** The answer that has no body, 204. */
export const Nothing = Type.Null({ description: 'done' })

/** A page of a listing; `next_cursor` is null on the last one. */
export const Page = <Item extends TSchema>(item: Item) =>
  Type.Object({ items: Type.Array(item), next_cursor: Type.Union([Type.String(), Type.Null()]) })

/** The query of a listing: how many, and from where. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
}

export const Nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

/**
 * How a door brings a text into its one form before it looks at anything else of it: the keyword `x-form`, which
 * service-kit adds to the validator. `of` gets the text and the object that it stands in; null is a fault.
 */
export interface TextForm {
  readonly code: string
  readonly must: string
  readonly of: (text: string, beside: Readonly<Record<string, unknown>>) => string | null
}
