import type { Delivery } from '../kit/deliveries.ts'
import { openStore as open, type Store as StoreOf, type StoreOptions } from '../kit/tables.ts'

/** Bound to one basket, amount and currency; good for one form. */
export type Token = { id: string; basketId: string; paisa: number; currency: string; isUsed: boolean }

export type Refund = { paisa: number; reason: string; at: string }

/** A form that was posted: one try to pay a basket. */
export type Transaction = {
  id: string
  /** As PayFast shows it; null until a buyer has paid or failed to, and for one who has cancelled. */
  publicId: string | null
  basketId: string
  /** Exactly as it was sent. */
  orderDate: string
  paisa: number
  currency: string
  /** Null while the buyer is on the page. */
  code: string | null
  description: string
  merchantName: string
  mobile: string
  email: string
  successUrl: string
  failureUrl: string
  checkoutUrl: string
  refunds: Refund[]
}

/** What the merchant is told: a snapshot, signed when it is sent. */
export type Notification = { id: string; basketId: string; address: string; fields: Record<string, string | null> }

export type Plan = { id: string; atS: number; code: string }
export type Bearer = { id: string; refreshToken: string; expiresAtS: number }

type Rows = {
  tokens: Token
  transactions: Transaction
  notifications: Notification
  deliveries: Delivery
  plans: Plan
  bearers: Bearer
}
export type Store = StoreOf<Rows>

const names = ['tokens', 'transactions', 'notifications', 'deliveries', 'plans', 'bearers'] as const

export const openStore = (options: StoreOptions): Promise<Store> => open<Rows>(names, options)
