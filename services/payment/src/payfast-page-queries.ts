import type { Money } from '@mart/contracts/money'
import type { Queryable } from '@mart/service-kit/postgres'
import type { PageAttempt } from './payfast-form.ts'

/** What a page of PayFast's is opened with; null once the attempt is not open, or its order is due. */
export async function findPage(db: Queryable, id: string): Promise<{ attempt: PageAttempt; money: Money } | null> {
  const [row] = await db<(PageAttempt & Money)[]>`
    select a.id, a.go_token, a.basket, a.created_at, p.amount, p.currency
    from attempts a join payments p on p.id = a.payment_id
    where a.id = ${id} and a.method = 'payfast' and a.status = 'open' and (p.due_at is null or p.due_at > now())`
  if (!row) return null
  const { amount, currency, ...attempt } = row
  return { attempt, money: { amount, currency } }
}
