import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { OrderHistory, OrderShape } from '@mart/contracts/http/order-shapes'
import type { Facets, ProductView } from '@mart/contracts/http/product-shapes'
import type { AddressShape } from '@mart/contracts/http/user-shapes'
import type { Money } from '@mart/contracts/money'
import type { Language } from '../ui/format.ts'
import type { Messages } from '../ui/messages.ts'

export type { Language } from '../ui/format.ts'

export interface CategoryLink {
  readonly slug: string
  readonly name: string
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
  readonly words: string
  readonly categories: readonly CategoryLink[]
  readonly cart: { readonly count: number; readonly sum: Money | null }
  readonly person: { readonly name: string } | null
}

export interface HomeProps {
  readonly newest: readonly ProductView[]
  readonly cheap: readonly ProductView[]
  readonly delivery: Money | null
  readonly methods: readonly string[]
}

export interface ListProps {
  readonly category: { readonly slug: string; readonly name: string } | null
  /** From the top down to it. */
  readonly trail: readonly { readonly slug: string; readonly name: string }[]
  readonly children: readonly { readonly slug: string; readonly name: string; readonly count: number | null }[]
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

export interface ProductProps {
  readonly product: ProductView
  readonly trail: readonly { readonly slug: string; readonly name: string }[]
  readonly chosen: string
  readonly alike: readonly ProductView[]
}

export interface FaultProps {
  readonly status: number
  readonly requestId: string
}

/** What somebody typed into a form, and what is wrong with it, by the names of its fields. */
export interface FormState {
  readonly values: Readonly<Record<string, string>>
  readonly faults: Readonly<Record<string, FieldFault>>
  /** What is wrong with the whole. */
  readonly problem: FormProblem | null
}

export type FieldFault = keyof Messages['fieldFaults']
export type FormProblem = keyof Messages['formProblems']

export interface CartProps {
  readonly cart: CartShape | null
  readonly problem: FormProblem | null
}

export interface CheckoutProps {
  readonly cart: CartShape
  readonly addresses: readonly AddressShape[]
  readonly methods: readonly OfferedMethod[]
  readonly unavailable: readonly { readonly method: string; readonly reason: string }[]
  readonly form: FormState
  /** Of the order that this cart becomes, however often it is sent. */
  readonly key: string
}

export interface OfferedMethod {
  readonly method: string
  readonly name: string
  readonly description: string
}

export interface OrderProps {
  readonly order: OrderShape
  readonly history: OrderHistory['items']
  readonly methods: readonly OfferedMethod[]
  readonly problem: FormProblem | null
}

export interface OrdersProps {
  readonly orders: readonly OrderShape[]
  readonly nextCursor: string | null
}

export interface SignInProps {
  readonly form: FormState
  readonly next: string
  /** The sign-in waits for the code of an authenticator app. */
  readonly asksCode: boolean
}

/** Each page as HTML; what `apps/web/build/server` exports as `pages`. */
export interface Pages {
  readonly home: (frame: Frame, props: HomeProps) => string
  readonly list: (frame: Frame, props: ListProps) => string
  readonly product: (frame: Frame, props: ProductProps) => string
  readonly cart: (frame: Frame, props: CartProps) => string
  readonly checkout: (frame: Frame, props: CheckoutProps) => string
  readonly order: (frame: Frame, props: OrderProps) => string
  readonly orders: (frame: Frame, props: OrdersProps) => string
  readonly signIn: (frame: Frame, props: SignInProps) => string
  readonly signUp: (frame: Frame, props: SignInProps) => string
  readonly fault: (frame: Frame, props: FaultProps) => string
}
