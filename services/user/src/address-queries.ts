import type { Queryable } from '@mart/service-kit/postgres'
import type { AddressRow } from './address.ts'

/** A person's address book, the default first, then the newest. */
export async function listAddresses(db: Queryable, userId: string): Promise<AddressRow[]> {
  return await db<AddressRow[]>`
    select id, label, name, line1, line2, city, region, postal_code, country, phone, is_default
    from addresses where user_id = ${userId} order by is_default desc, id desc`
}
