import type { OrderInput } from '@mart/contracts/http/order-shapes'
import type { FieldError } from '@mart/service-kit/errors'
import { mailboxOf } from '@mart/service-kit/unproven-mails'
import type { OpenOrderLimits } from './open-orders.ts'

/** Behind one network there may be a household or an office. */
const GUESTS_PER_NETWORK = 5

/** Something of which a guest may have `most` open orders at once. */
export interface Holder {
  readonly holder: string
  readonly most: number
}

/** What tells guests apart, who have no account. */
export interface Traits {
  readonly email: string
  readonly phone: string
  /** Not known where an order is only changed. */
  readonly network?: string
}

type Pseudonym = (text: string) => string

/** Every slot that an order of this guest takes. */
export const holdersOf = (
  { network, ...contact }: Traits,
  limits: OpenOrderLimits,
  { isCash, pseudonymOf }: { isCash: boolean; pseudonymOf: Pseudonym },
): Holder[] => [
  ...of(contact).map((who) => ({ holder: pseudonymOf(who), most: limits.most })),
  ...(network ? [{ holder: pseudonymOf(`network ${network}`), most: limits.most * GUESTS_PER_NETWORK }] : []),
  ...(isCash ? cashHoldersOf(contact, pseudonymOf) : []),
]

/** The one open cash order of who has not proven his address. */
export const cashHoldersOf = (contact: Omit<Traits, 'network'>, pseudonymOf: Pseudonym): Holder[] =>
  of(contact).map((who) => ({ holder: pseudonymOf(`cash ${who}`), most: 1 }))

const of = ({ email, phone }: Omit<Traits, 'network'>) => [`email ${mailboxOf(email)}`, `phone ${phone}`]

const needed = ['name', 'email', 'phone'] as const

/** What a guest has not said of himself, beside the faults of its shape that are known. */
export function missingContact(input: OrderInput, known: readonly FieldError[]): FieldError[] {
  const contact: unknown = (input as Partial<OrderInput> | null)?.contact
  if (known.some(({ field }) => field === 'contact')) return []
  const said = typeof contact === 'object' && contact !== null ? contact : {}
  return needed
    .filter((name) => !(name in said))
    .map((name) => ({ field: `contact.${name}`, code: 'required', message: 'is missing' }))
}
