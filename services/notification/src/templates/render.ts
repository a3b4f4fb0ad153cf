import type { MessageKind } from '@mart/contracts/http/notification-shapes'
import { formatMoney } from '@mart/contracts/money'
import type { MessageData } from '../message.ts'
import { type Facts, type Letter, type LettersFor, type Mail, mailOf } from './letter.ts'
import { orderLetters } from './order-letters.ts'
import { paymentLetters } from './payment-letters.ts'
import { staffLetters } from './staff-letters.ts'
import { welcomeLetter } from './welcome-letter.ts'

const MAX_NAME = 80

const english: LettersFor<MessageKind> = { ...orderLetters, ...paymentLetters, ...welcomeLetter, ...staffLetters }

/** Urdu has amounts of its own; its texts are still the English ones. */
const languages = new Map([
  ['en', english],
  ['ur', english],
])

export interface Rendered {
  readonly kind: MessageKind
  readonly language: string
  readonly order_number: string | null
  readonly recipient_name: string | null
  readonly data: MessageData[MessageKind] | null
}

/** The mail that a message is, or null when its person was erased. */
export function render({ kind, language, order_number, recipient_name, data }: Rendered): Mail | null {
  if (data === null) return null
  const known = languages.has(language) ? language : 'en'
  const letters = languages.get(known) ?? english
  const write = letters[kind] as (facts: Facts<MessageKind>) => Letter
  return mailOf(
    write({
      data,
      orderNumber: order_number ?? '',
      greeting: recipient_name ? `Hello ${recipient_name.slice(0, MAX_NAME)},` : 'Hello,',
      money: (amount) => formatMoney(amount, known),
    }),
  )
}
