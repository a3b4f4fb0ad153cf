import type { MessageKind } from '@mart/contracts/http/notification-shapes'
import type { Language } from '@mart/contracts/language'
import { moneyText } from '@mart/contracts/money'
import { nameFor } from '@mart/contracts/names'
import { type Letter, type Mail, mailOf } from '@mart/service-kit/mail-letter'
import { plainName } from '@mart/service-kit/mail-text'
import { type MessageData, staffKinds } from '../message.ts'
import type { Facts, LettersFor } from './letter.ts'
import { orderLetters } from './order-letters.ts'
import { paymentLetters } from './payment-letters.ts'
import { returnLetters } from './return-letters.ts'
import { staffLetters } from './staff-letters.ts'
import { stockAlertLetter } from './stock-alert-letter.ts'
import { urduOrderLetters } from './urdu/order-letters.ts'
import { urduPaymentLetters } from './urdu/payment-letters.ts'
import { urduReturnLetters } from './urdu/return-letters.ts'
import { urduStockAlertLetter } from './urdu/stock-alert-letter.ts'
import { urduWelcomeLetter } from './urdu/welcome-letter.ts'
import { welcomeLetter } from './welcome-letter.ts'

const english: LettersFor<MessageKind> = {
  ...orderLetters,
  ...paymentLetters,
  ...returnLetters,
  ...welcomeLetter,
  ...stockAlertLetter,
  ...staffLetters,
}

/** The shop's own people are written to in English. */
const urdu: LettersFor<MessageKind> = {
  ...urduOrderLetters,
  ...urduPaymentLetters,
  ...urduReturnLetters,
  ...urduWelcomeLetter,
  ...urduStockAlertLetter,
  ...staffLetters,
}

interface Words {
  readonly letters: LettersFor<MessageKind>
  readonly greeting: (name: string) => string
  readonly toOrder: string
  /** To a guest. */
  readonly keepOrder: string
}

const wordsIn: Readonly<Record<Language, Words>> = {
  en: {
    letters: english,
    greeting: (name) => `${`Hello ${name}`.trim()},`,
    toOrder: 'Your order in the shop',
    keepOrder: 'On the page of your order, linked below, you can keep it in an account: all it takes is a password.',
  },
  ur: {
    letters: urdu,
    greeting: (name) => `${`السلام علیکم ${name}`.trim()}،`,
    toOrder: 'دکان میں آپ کا آرڈر',
    keepOrder: 'نیچے دیے گئے آرڈر کے صفحے پر آپ اسے اکاؤنٹ میں رکھ سکتے ہیں: بس ایک پاس ورڈ چاہیے۔',
  },
}

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
  const known = language === 'ur' ? 'ur' : 'en'
  const written = staffKinds.includes(kind) ? 'en' : known
  const { letters, greeting, toOrder, keepOrder } = wordsIn[known]
  const write = letters[kind] as (facts: Facts<MessageKind>) => Letter
  const letter = write({
    data,
    isProven,
    orderNumber: order_number ?? '',
    greeting: greeting(name),
    money: (amount) => moneyText(amount, written),
    nameOf: (goods) => nameFor(written, goods).name,
  })
  const paragraphs = orderUrl?.includes('?key=') ? [...letter.paragraphs, keepOrder] : letter.paragraphs
  const mail = mailOf(
    { ...letter, paragraphs },
    {
      language: written,
      more: orderUrl ? { label: toOrder, url: orderUrl } : null,
    },
  )
  return { ...mail, name }
}
