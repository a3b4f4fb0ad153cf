import type { Language } from '@mart/contracts/language'
import type { Queryable } from '@mart/service-kit/postgres'
import { mailboxOf } from '@mart/service-kit/unproven-mails'

export interface ListedAlert {
  readonly id: string
  readonly sku: string
  readonly name: string | null
  readonly email: string
  readonly language: Language
  readonly asked_at: Date
}

/** What a person waits for, and what is waited for at the address that he has proven: what goes when he is erased. */
export async function listAlertsOf(
  db: Queryable,
  personId: string,
  { beforeId, limit }: { beforeId: string | null; limit: number },
): Promise<ListedAlert[]> {
  const [proven] = await db<{ address: string | null }[]>`
    select address from proven_addresses where person_id = ${personId}`
  const address = proven?.address ?? null
  return await db<ListedAlert[]>`
    select a.id, coalesce(k.sku, a.sku_key) as sku, k.name, a.email, a.language, a.asked_at
    from stock_alerts a left join known_skus k using (sku_key)
    where (a.person_id = ${personId}
        or (a.mailbox = ${address === null ? null : mailboxOf(address)} and lower(a.email) = ${address}))
      ${beforeId === null ? db`` : db`and a.id < ${beforeId}`}
    order by a.id desc limit ${limit}`
}
