import { createHash, timingSafeEqual } from 'node:crypto'

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
