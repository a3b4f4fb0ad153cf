import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { FormProblem, FormState } from '@mart/web/pages'
import type { ServiceRefusal } from '../services-client.ts'
import { faultsAt } from './forms.ts'

const typed = ['name', 'phone', 'email', 'line1', 'line2', 'city', 'region', 'postal_code', 'country'] as const
const ofEverybody = ['note', 'payment_method'] as const

const problems: Readonly<Record<string, FormProblem>> = {
  address_gone: 'address_gone',
  bad_idempotency_key: 'page_outdated',
  cart_changed: 'cart_changed',
  email_not_proven: 'email_not_proven',
  idempotency_key_reused: 'ordered_already',
  price_changed: 'price_changed',
  too_many_open_orders: 'too_many_open_orders',
  too_many_requests: 'too_many_tries',
}

/** What of a checkout was not taken, where its page shows it; beside the cart as it is now. */
export function refusedCheckout(
  { status, problem: told }: ServiceRefusal,
  cart: CartShape,
  { isToSavedAddress, isGuest }: { readonly isToSavedAddress: boolean; readonly isGuest: boolean },
): Pick<FormState, 'faults' | 'problem'> {
  // To a guest no link was mailed by which he could prove anything.
  if (isGuest && told.code === 'email_not_proven')
    return { faults: {}, problem: status === 429 ? 'second_cash_as_guest' : 'too_much_cash_as_guest' }
  const problem = problems[told.code ?? '']
  if (problem) return { faults: {}, problem }
  if (told.code === 'payment_method_unavailable') return { faults: { payment_method: 'not_offered' }, problem: null }
  // What is no field of the page comes from the page itself: its lines, its sum, its currency.
  const elsewhere = !cart.can_order ? 'lines_gone' : told.errors?.length ? 'page_outdated' : 'not_taken'
  return faultsAt(told, isToSavedAddress ? ofEverybody : [...typed, ...ofEverybody], elsewhere)
}

interface Ordered {
  readonly id: string
  readonly number: string
  readonly secret: string | undefined
}

/** The order that this page has made before, with other details; null when it is not known. */
export function earlierOrder({ problem }: ServiceRefusal): Ordered | null {
  const { code, order_id, order_number, guest_token } = problem as Readonly<Record<string, unknown>>
  if (code !== 'idempotency_key_reused' || typeof order_id !== 'string') return null
  return {
    id: order_id,
    number: String(order_number),
    secret: typeof guest_token === 'string' ? guest_token : undefined,
  }
}
