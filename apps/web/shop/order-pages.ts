import type { OrderShape } from '@mart/contracts/http/order-shapes'
import type { FormState } from './form-state.ts'

/** How a guest's order becomes an account's: a new one, one whose address is to be proven yet, or one that has it proven. */
export interface KeepProps {
  readonly how: 'sign_up' | 'prove' | 'claim'
  readonly email: string
  readonly form: FormState
}

export interface ReceiptProps {
  readonly order: OrderShape
  /** The lines of the address by commas; no tax number: empty. */
  readonly seller: { readonly name: string; readonly address: string; readonly taxNumber: string }
}

export interface OrderAddressProps {
  readonly id: string
  readonly number: string
  readonly form: FormState
}
