import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { AddressShape } from '@mart/contracts/http/user-shapes'
import type { UnavailableReason } from '@mart/contracts/payment-methods'
import type { FormProblem, FormState } from './form-state.ts'
import type { Named } from './named.ts'

export interface CartProps {
  readonly cart: CartShape | null
  readonly problem: FormProblem | null
  /** So many of what was asked for an order may have; null: not known, or not what was wrong. */
  readonly most?: number | null
  /** What was to be ordered again and is not sold any more. */
  readonly leftOut: readonly Named[]
}

export interface CheckoutProps {
  readonly cart: CartShape
  readonly addresses: readonly AddressShape[]
  readonly methods: readonly OfferedMethod[]
  readonly unavailable: readonly UnavailableMethod[]
  readonly form: FormState
  /** Of the order that this cart becomes, however often it is sent. */
  readonly key: string
}

export interface OfferedMethod {
  readonly method: string
  readonly name: string
  readonly description: string
}

/** Taken here, but not for this basket. */
export interface UnavailableMethod {
  readonly method: string
  readonly name: string
  readonly code: UnavailableReason
}

export interface OrderedAlreadyProps {
  readonly id: string
  readonly number: string
}
