import type { AccountShape, AccountsQuery, ProfileShape } from '@mart/contracts/http/user-shapes'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import type { Queryable } from '@mart/service-kit/postgres'

type Row<Shape> = Omit<Shape, 'created_at'> & { created_at: Date }

const withTime = <Shape extends { created_at: Date }>(row: Shape) => ({
  ...row,
  created_at: row.created_at.toISOString(),
})

/** The profile of a person who was not erased. */
export async function findProfile(db: Queryable, id: string): Promise<ProfileShape | null> {
  const [row] = await db<Row<ProfileShape>[]>`
    select id, email, "emailVerified" as email_verified, name, phone, language, role, "createdAt" as created_at
    from "user" where id = ${id} and erased_at is null`
  return row ? withTime(row) : null
}

interface Claims {
  readonly role: string
  readonly email: string
  readonly email_verified: boolean
  readonly name: string
  readonly language: string
  readonly has_second_factor: boolean
}

/** What a new token says of a person; null when he was erased. Waits for a change of him that is under way. */
export async function findClaims(db: Queryable, id: string): Promise<Claims | null> {
  const [row] = await db<Claims[]>`
    select role, email, "emailVerified" as email_verified, name, language,
      coalesce("twoFactorEnabled", false) as has_second_factor
    from "user" where id = ${id} and erased_at is null for share`
  return row ?? null
}

/** The argon2id hash of a person's password; null when he was erased or has none. */
export async function findPasswordHash(db: Queryable, id: string): Promise<string | null> {
  const [row] = await db<{ password: string | null }[]>`
    select password from account where "userId" = ${id} and "providerId" = 'credential'`
  return row?.password ?? null
}

/** The newest first. */
export async function listAccounts(
  db: Queryable,
  { q, role, limit = 20, cursor }: AccountsQuery,
): Promise<{ items: AccountShape[]; next_cursor: string | null }> {
  const [before] = readCursor(cursor, ['uuid']) ?? []
  const part = q?.trim().replace(/[\\%_]/g, '\\$&')
  const rows = await db<Row<AccountShape>[]>`
    select id, email, "emailVerified" as email_verified, name, role, "createdAt" as created_at
    from "user" where erased_at is null
      ${part ? db`and (name || ' ' || email) ilike ${`%${part}%`}` : db``}
      ${role ? db`and role = ${role}` : db``}
      ${before ? db`and id < ${before}` : db``}
    order by id desc limit ${limit + 1}`
  return pageOf(rows.map(withTime), limit, (row) => cursorFor(row.id))
}
