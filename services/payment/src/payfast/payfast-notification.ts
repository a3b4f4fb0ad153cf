import { createHash, timingSafeEqual } from 'node:crypto'
import { type Asked, moneyIn } from './payfast-news.ts'

export interface Hashed {
  readonly basketId: string
  readonly securedKey: string
  readonly merchantId: string
  /** Exactly as received: `00` and `000` hash differently. */
  readonly code: string
}

/** PayFast's `validation_hash`. It covers neither amount nor transaction, and is valid for ever. */
export const validationHash = ({ basketId, securedKey, merchantId, code }: Hashed): string =>
  createHash('sha256').update(`${basketId}|${securedKey}|${merchantId}|${code}`).digest('hex')

/** A pipe in a basket's id could move the borders of what is hashed. */
export const isBasketId = (text: string): boolean => /^[A-Za-z0-9-]{1,64}$/.test(text)

/** PayFast's are of two to four digits; whatever else it may send is no longer than this. */
const isCode = (text: string): boolean => /^[\w-]{1,20}$/.test(text)

/** Whether who made `received` knows our key; compared in constant time. */
export function isGenuine(received: string, hashed: Hashed): boolean {
  const given = received.toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(given) || !isBasketId(hashed.basketId) || !isCode(hashed.code)) return false
  return timingSafeEqual(Buffer.from(given, 'hex'), Buffer.from(validationHash(hashed), 'hex'))
}

/** What PayFast told, by a notification or by the buyer's browser. Only that somebody with our key made the hash is known. */
export interface PayfastNotification {
  readonly basketId: string
  readonly code: string
  readonly hash: string
  readonly transactionId: string | null
  /** What is kept of it: nothing of who paid, and not the hash, which stays valid for ever. */
  readonly kept: Readonly<Record<string, string>>
  /** The same for everything that says the same. */
  readonly id: string
}

const keptFields = [
  'basket_id',
  'err_code',
  'err_msg',
  'transaction_id',
  'order_date',
  'transaction_amount',
  'merchant_amount',
  'discounted_amount',
  'transaction_currency',
  'paymentname',
]
const LONGEST = 200

/** PayFast's fields, by lower-case name: query, then form or JSON, whichever it chose to send. Null for what can't be read. */
export function fieldsOf(url: string, body: string): ReadonlyMap<string, string> | null {
  const query = new URLSearchParams(url.split('?').slice(1).join('&'))
  const sent = body.trim().startsWith('{') ? jsonFields(body) : [...new URLSearchParams(body)]
  if (sent === null) return null
  return new Map([...query, ...sent].map(([name, value]) => [name.toLowerCase(), value.replaceAll('\0', '')]))
}

function jsonFields(body: string): [string, string][] | null {
  let read: object
  try {
    read = JSON.parse(body)
  } catch {
    return null
  }
  return Object.entries(read).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
  )
}

/** The notification in these fields; null without basket, code or hash. */
export function notificationIn(fields: ReadonlyMap<string, string>): PayfastNotification | null {
  const [basketId, code, hash] = ['basket_id', 'err_code', 'validation_hash'].map((name) => fields.get(name) ?? '')
  if (!basketId || !code || !hash) return null
  const kept = Object.fromEntries(
    keptFields.flatMap((name) => {
      const value = fields.get(name)?.toWellFormed().slice(0, LONGEST)
      return value ? [[name, value]] : []
    }),
  )
  const { err_msg: _, order_date: __, ...telling } = kept
  const transaction = kept['transaction_id'] ?? ''
  return {
    basketId,
    code,
    hash,
    transactionId: /^[\w-]{1,64}$/.test(transaction) && transaction !== 'null' ? transaction : null,
    kept,
    id: createHash('sha256').update(JSON.stringify(telling)).digest('hex'),
  }
}

/** Whether it names the sum that we asked for, as far as it names one; what was discounted is PayFast's affair. */
export function namesOurSum({ kept }: PayfastNotification, { money }: Asked): boolean {
  const currency = kept['transaction_currency'] ?? money.currency
  const text = kept['merchant_amount'] ?? kept['transaction_amount']
  if (text === undefined) return currency === money.currency
  const named = moneyIn(text, currency)
  return named !== null && named.amount === money.amount && named.currency === money.currency
}
