import { type Static, Type } from 'typebox'

/** What the shop speaks. */
export const Language = Type.Enum(['en', 'ur'], { description: 'of pages, mails and texts' })
export type Language = Static<typeof Language>
