import type { OrderedLine } from '@mart/contracts/events/order-events'
import type { ShippingAddress } from '@mart/contracts/events/shared-shapes'
import type { MessageKind } from '@mart/contracts/http/notification-shapes'
import { type Money, timesQuantity } from '@mart/contracts/money'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import { plainName, withoutLinks } from '@mart/service-kit/mail-text'
import type { Facts } from './letter.ts'

type Write = Pick<Facts<MessageKind>, 'money' | 'nameOf'>

export const lineRows = (
  { lines, total: { currency } }: { lines: readonly OrderedLine[]; total: Money },
  { money, nameOf }: Write,
): [string, string][] =>
  lines.map((line) => [
    `${line.quantity} × ${nameOf(line)}`,
    money(timesQuantity({ amount: line.unit_price, currency }, line.quantity)),
  ])

interface SumWords {
  readonly delivery: string
  readonly total: string
  readonly payment: string
  readonly methods: Readonly<Record<PaymentMethod, string>>
}

export const totalRows = (
  { shipping, total, payment_method }: { shipping: Money; total: Money; payment_method: PaymentMethod },
  { money }: Pick<Write, 'money'>,
  words: SumWords,
): [string, string][] => [
  [words.delivery, money(shipping)],
  [words.total, money(total)],
  [words.payment, words.methods[payment_method]],
]

export const oneLineAddress = (address: ShippingAddress): string => {
  const { name, line1, line2, postal_code, city, region, country } = address
  const parts = [line1, line2, `${postal_code ?? ''} ${city}`, region, country]
  return [plainName(name), ...parts.map((part) => withoutLinks(part ?? ''))].filter(Boolean).join(', ')
}
