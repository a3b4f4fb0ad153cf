import type { MessageKind } from '@mart/contracts/http/notification-shapes'
import { formatMoney } from '@mart/contracts/money'
import { plainName } from '@mart/service-kit/mail-text'
import type { MessageData } from '../message.ts'
import { type Facts, type Letter, type LettersFor, type Mail, mailOf } from './letter.ts'
import { orderLetters } from './order-letters.ts'
import { paymentLetters } from './payment-letters.ts'
import { returnLetters } from './return-letters.ts'
import { staffLetters } from './staff-letters.ts'
import { welcomeLetter } from './welcome-letter.ts'

const english: LettersFor<MessageKind> = {
  ...orderLetters,
  ...paymentLetters,
  ...returnLetters,
  ...welcomeLetter,
  ...staffLetters,
}

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
  /** Nothing that a buyer wrote stands in a mail to an address that is not: it may be anybody's. */
  readonly is_proven: boolean
}

/** The mail that a message is and the name of its recipient, or null when its person was erased. */
export function render(message: Rendered, orderUrl: string | null = null): (Mail & { readonly name: string }) | null {
  const { kind, language, order_number, data, is_proven: isProven } = message
  if (data === null) return null
  const name = isProven ? plainName(message.recipient_name ?? '') : ''
  const known = languages.has(language) ? language : 'en'
  const letters = languages.get(known) ?? english
  const write = letters[kind] as (facts: Facts<MessageKind>) => Letter
  const mail = mailOf(
    write({
      data,
      isProven,
      orderNumber: order_number ?? '',
      greeting: `${`Hello ${name}`.trim()},`,
      money: (amount) => formatMoney(amount, known),
    }),
    orderUrl,
  )
  return { ...mail, name }
}
