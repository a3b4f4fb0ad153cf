import { createHash } from 'node:crypto'

export type Hashed = { basketId: string; securedKey: string; merchantId: string; errCode: string }

/** PayFast's `validation_hash`: it covers neither the amount nor the currency nor the transaction. */
export function validationHash({ basketId, securedKey, merchantId, errCode }: Hashed): string {
  return createHash('sha256').update([basketId, securedKey, merchantId, errCode].join('|')).digest('hex')
}
