import type { OrderHistory, OrderShape } from '@mart/contracts/http/order-shapes'
import type { Facets, ProductView } from '@mart/contracts/http/product-shapes'
import type { OrderReturnsShape } from '@mart/contracts/http/return-shapes'
import type { Money } from '@mart/contracts/money'
import type { Language } from '../ui/format.ts'
import type { Messages } from '../ui/messages.ts'
import type {
  AddressesProps,
  AddressProps,
  DataProps,
  DetailsProps,
  ForgotProps,
  NotificationsProps,
  ResetPasswordProps,
  SecondFactorProps,
} from './account-pages.ts'
import type { CartProps, CheckoutProps, OfferedMethod, OrderedAlreadyProps } from './buying-pages.ts'
import type { FormProblem, FormState } from './form-state.ts'
import type { Named } from './named.ts'
import type { KeepProps, OrderAddressProps, ReceiptProps } from './order-pages.ts'

export type { Language } from '../ui/format.ts'
export type * from './account-pages.ts'
export type * from './buying-pages.ts'
export type * from './form-state.ts'
export type * from './named.ts'
export type * from './order-pages.ts'

export interface CategoryStep extends Named {
  readonly slug: string
}

export interface CategoryLink extends CategoryStep {
  readonly picture: string | null
}

/** What stands around every page. */
export interface Frame {
  readonly language: Language
  readonly currency: string
  readonly currencies: readonly string[]
  /** Scheme and host, as a browser sees them. */
  readonly origin: string
  /** Path and query of this page. */
  readonly path: string
  /** It answers a form: to load it anew would send that again. */
  readonly isAnswer: boolean
  readonly words: string
  readonly categories: readonly CategoryLink[]
  readonly cart: { readonly count: number; readonly sum: Money | null }
  readonly person: { readonly id: string; readonly name: string } | null
}

/** What is true of every order in this currency. */
export interface Terms {
  /** Of delivery; null when nothing is sold in it. */
  readonly charge: Money | null
  readonly freeFrom: Money | null
  readonly ways: readonly string[]
  /** Of one SKU in one order, unless its variant says another number. */
  readonly maxQuantity: number
  /** After the delivery; 0 when nothing is taken back. */
  readonly returnDays: number
}

export interface HomeProps {
  readonly newest: readonly ProductView[]
  readonly cheap: readonly ProductView[]
  /** Null when they are not known at the moment. */
  readonly terms: Terms | null
}

export interface ListProps {
  readonly category: CategoryStep | null
  /** From the top down to it. */
  readonly trail: readonly CategoryStep[]
  readonly children: readonly (CategoryStep & { readonly count: number | null })[]
  readonly products: readonly ProductView[]
  readonly count: number | null
  readonly facets: Facets | null
  readonly filters: Filters
  readonly problems: readonly FilterProblem[]
  readonly nextCursor: string | null
}

export interface Filters {
  readonly q: string
  readonly sort: string
  readonly inStock: boolean
  /** In minor units. */
  readonly minPrice: number | null
  readonly maxPrice: number | null
  readonly cursor: string | null
}

/** What of an address makes no sense. */
export interface FilterProblem {
  readonly field: 'q' | 'min' | 'max' | 'cursor'
  readonly code: 'too_long' | 'no_price' | 'below_min' | 'unknown'
}

export type AlertAnswer = 'noted' | 'there'

export interface ProductProps {
  readonly product: ProductView
  readonly trail: readonly CategoryStep[]
  readonly chosen: string
  readonly alike: readonly ProductView[]
  readonly terms: Terms | null
  /** To be told when what is sold out is back, and what came of asking for it just now: `there`, it is back already. */
  readonly alert: { readonly form: FormState; readonly answer: AlertAnswer | null }
}

export type Missing = keyof Messages['missing']

export interface FaultProps {
  readonly status: number
  /** What is not there, should the status be 404. */
  readonly missing: Missing
  readonly requestId: string
  /** Of what came from a page that is not at the shop's own address: where the same page is there. */
  readonly samePage: string | null
  /** The browser keeps no cookies. */
  readonly isWithoutCookies: boolean
}

export interface OrderProps {
  readonly order: OrderShape
  readonly history: OrderHistory['items']
  readonly methods: readonly OfferedMethod[]
  readonly problem: FormProblem | null
  /** How often the page has looked by itself since a payment's provider sent the buyer back; null: he does not come from one. */
  readonly looks: number | null
  /** Null before the delivery. */
  readonly returns: OrderReturnsShape | null
  readonly returnForm: FormState
  readonly hasReceipt: boolean
  readonly keep: KeepProps | null
}

export interface OrdersProps {
  readonly orders: readonly OrderShape[]
  readonly nextCursor: string | null
  /** The page that was asked for is none. */
  readonly isFromStart: boolean
}

/** Its session had ended, with what was typed kept or lost; or another account is signed in by now. */
export type Ended = 'typed' | 'nothing' | 'other'

export interface SignInProps {
  readonly form: FormState
  readonly next: string
  /** The sign-in waits for the code of an authenticator app. */
  readonly asksCode: boolean
  /** A new password has just been set. */
  readonly isReset: boolean
  /** Nothing came of a form that was sent; null: none was. */
  readonly ended: Ended | null
}

/** Each page as HTML; what `apps/web/build/server` exports as `pages`. */
export interface Pages {
  readonly home: (frame: Frame, props: HomeProps) => string
  readonly list: (frame: Frame, props: ListProps) => string
  readonly product: (frame: Frame, props: ProductProps) => string
  readonly cart: (frame: Frame, props: CartProps) => string
  readonly checkout: (frame: Frame, props: CheckoutProps) => string
  readonly orderedAlready: (frame: Frame, props: OrderedAlreadyProps) => string
  readonly order: (frame: Frame, props: OrderProps) => string
  readonly orderAddress: (frame: Frame, props: OrderAddressProps) => string
  readonly receipt: (frame: Frame, props: ReceiptProps) => string
  readonly orders: (frame: Frame, props: OrdersProps) => string
  readonly signIn: (frame: Frame, props: SignInProps) => string
  readonly signUp: (frame: Frame, props: SignInProps) => string
  readonly forgot: (frame: Frame, props: ForgotProps) => string
  readonly resetPassword: (frame: Frame, props: ResetPasswordProps) => string
  readonly emailVerified: (frame: Frame, props: { readonly isProven: boolean }) => string
  readonly details: (frame: Frame, props: DetailsProps) => string
  readonly addresses: (frame: Frame, props: AddressesProps) => string
  readonly address: (frame: Frame, props: AddressProps) => string
  readonly notifications: (frame: Frame, props: NotificationsProps) => string
  readonly secondFactor: (frame: Frame, props: SecondFactorProps) => string
  readonly data: (frame: Frame, props: DataProps) => string
  readonly erased: (frame: Frame, props: object) => string
  readonly fault: (frame: Frame, props: FaultProps) => string
}
