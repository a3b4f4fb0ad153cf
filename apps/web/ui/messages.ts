import type { Language } from './format.ts'
import { en, type Messages } from './messages/en.ts'
import { ur } from './messages/ur.ts'

export type { Messages } from './messages/en.ts'

const messages: Record<Language, Messages> = { en, ur }

/** What the shop says, in the reader's language. */
export const messagesOf = (language: Language): Messages => messages[language]
