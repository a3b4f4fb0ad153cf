import type { SessionShape } from '@mart/contracts/http/user-shapes'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import type { Queryable } from '@mart/service-kit/postgres'

type Row = Pick<SessionShape, 'id' | 'address' | 'browser'> & { opened_at: Date; ends_at: Date }

/** Those of a person that go on, the newest first. */
export async function listSessions(
  db: Queryable,
  userId: string,
  { limit = 20, cursor }: { limit?: number; cursor?: string },
): Promise<{ items: SessionShape[]; next_cursor: string | null }> {
  const [before] = readCursor(cursor, ['uuid']) ?? []
  const rows = await db<Row[]>`
    select id, "ipAddress" as address, "userAgent" as browser, "createdAt" as opened_at, "expiresAt" as ends_at
    from "session" where "userId" = ${userId} and "expiresAt" > now() ${before ? db`and id < ${before}` : db``}
    order by id desc limit ${limit + 1}`
  return pageOf(
    rows.map((row) => ({ ...row, opened_at: row.opened_at.toISOString(), ends_at: row.ends_at.toISOString() })),
    limit,
    ({ id }) => cursorFor(id),
  )
}
