import type { AddressBody, AddressChangeBody, AddressShape } from '@mart/contracts/http/user-shapes'
import { phoneNumber } from '@mart/contracts/phone'
import { conflict, invalidInput } from '@mart/service-kit/errors'

export const MOST_ADDRESSES = 50

const optional = ['label', 'line2', 'region', 'postal_code'] as const

/** An address as its row holds it: nothing is null, not absent. */
export type AddressRow = Required<Omit<AddressShape, (typeof optional)[number]>> &
  Record<(typeof optional)[number], string | null>

export type AddressFields = Omit<AddressRow, 'id'>

export const tooManyAddresses = () =>
  conflict('too_many_addresses', `An address book holds at most ${MOST_ADDRESSES} addresses.`)

/** A new address; the first of the book becomes its default. */
export function newAddress(body: AddressBody, { isFirst }: { isFirst: boolean }): AddressFields {
  const { name, line1, city, country, phone } = body
  const is_default = isFirst || body.is_default === true
  return {
    ...blanksAsNull({ label: '', line2: '', region: '', postal_code: '', ...body }),
    name,
    line1,
    city,
    country,
    phone,
    is_default,
  }
}

/** Throws Refusal 422 for a phone that can be none in the address's country. */
export function changedAddress({ id: _, ...before }: AddressRow, changes: AddressChangeBody): AddressFields {
  const after = { ...before, ...changes }
  const phone = changes.phone === undefined ? before.phone : phoneNumber(changes.phone, after.country)
  if (phone === null) {
    throw invalidInput([
      { field: 'phone', code: 'phone', message: `must be a phone number of ${after.country}, or with +` },
    ])
  }
  return { ...after, phone, ...blanksAsNull(after) }
}

/** As the shipping address of an order wants it: what is nothing is left out. */
export function addressShape(row: AddressRow): AddressShape {
  const given = Object.entries(row).filter(([, value]) => value !== null)
  return Object.fromEntries(given) as unknown as AddressShape
}

function blanksAsNull(address: Record<(typeof optional)[number], string | null>) {
  const orNull = (text: string | null) => text?.trim() || null
  const { label, line2, region, postal_code } = address
  return { label: orNull(label), line2: orNull(line2), region: orNull(region), postal_code: orNull(postal_code) }
}
