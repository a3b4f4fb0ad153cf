import { randomUUID } from 'node:crypto'
import { takeOne } from '../kit/control.ts'
import { inRupees } from './amounts.ts'
import type { Control } from './control.ts'
import { messageOf } from './outcomes.ts'
import type { Simulator } from './simulator.ts'
import type { Notification, Transaction } from './store.ts'
import { validationHash } from './validation-hash.ts'

export type Fields = Record<string, string | null>
type Merchant = Pick<Simulator, 'merchantId' | 'securedKey'>

/** What a notification and the browser's return say about a try to pay. */
export function resultFields(transaction: Transaction, code: string): Fields {
  const { publicId, basketId, orderDate, currency, paisa, mobile, email } = transaction
  return {
    transaction_id: publicId,
    err_code: code,
    err_msg: messageOf(code),
    basket_id: basketId,
    order_date: orderDate,
    transaction_amount: inRupees(paisa),
    merchant_amount: inRupees(paisa),
    discounted_amount: '0.00',
    transaction_currency: currency,
    PaymentName: 'Card',
    Instrument_token: '',
    Recurring_txn: 'false',
    Rdv_Message_Key: randomUUID(),
    issuer_name: 'Demo Bank',
    masked_pan: '512345xxxxxx0008',
    mobile_no: mobile,
    email_address: email,
    is_international: 'false',
    bill_number: '',
    customer_id: '',
    additional_value: '',
  }
}

/** The fields with their hash. */
export function signed(fields: Fields, { merchantId, securedKey }: Merchant): Fields {
  const hashed = { basketId: fields['basket_id'] ?? '', errCode: fields['err_code'] ?? '', merchantId, securedKey }
  return { ...fields, validation_hash: validationHash(hashed) }
}

export const newNotification = (transaction: Transaction, code: string): Notification => ({
  id: randomUUID(),
  basketId: transaction.basketId,
  address: transaction.checkoutUrl,
  fields: resultFields(transaction, code),
})

/** A notification as the control wants it sent. */
export function requestOf({ address, fields }: Notification, merchant: Merchant & { control: Control }) {
  const { control } = merchant
  const all = signed({ ...fields, ...control.change }, merchant)
  if (takeOne(control, 'corrupt_hash')) all['validation_hash'] = all['validation_hash']!.split('').reverse().join('')
  if (takeOne(control, 'strip_hash')) delete all['validation_hash']
  const headers = { 'user-agent': 'PayFast-Notification' }
  switch (control.notify_as) {
    case 'get':
      return { address: withQuery(address, all), init: { headers } }
    case 'query':
      return { address: withQuery(address, all), init: { method: 'POST', headers } }
    case 'json': {
      const json = { ...headers, 'content-type': 'application/json' }
      return { address, init: { method: 'POST', headers: json, body: JSON.stringify(all) } }
    }
    default:
      return { address, init: { method: 'POST', headers, body: encoded(all) } }
  }
}

/** An address with fields added to its query; null is an empty field there. */
export function withQuery(address: string, fields: Fields): string {
  const url = new URL(address)
  for (const [name, value] of encoded(fields)) url.searchParams.append(name, value)
  return url.href
}

const encoded = (fields: Fields) =>
  new URLSearchParams(Object.entries(fields).map(([name, value]): [string, string] => [name, value ?? '']))
