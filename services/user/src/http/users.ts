import { Page, problems } from '@mart/contracts/http/shared-shapes'
import {
  AccountMailShape,
  AccountMailsQuery,
  AccountShape,
  AccountsQuery,
  IdParams,
  RoleBody,
} from '@mart/contracts/http/user-shapes'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import { personOf } from '@mart/service-kit/people'
import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import { adminsOnly } from '../account.ts'
import { findProfile, listAccounts } from '../account-queries.ts'
import type { Config } from '../config.ts'
import { listMails } from '../mail-queries.ts'
import { changeRole } from '../use-cases/change-role.ts'

/** `/users`: what an admin sees of others, and the roles he gives; what staff see of the mails to them. */
export function addUsersRoutes(app: App, { db, logger }: Service<Config>): void {
  // By the row, not only by the token, which says for minutes what was.
  const stillAdmin = async (request: FastifyRequest) => {
    if ((await findProfile(db, personOf(request).id))?.role !== 'admin') throw adminsOnly()
  }
  const onRequest = [app.adminOnly, stillAdmin]
  const tags = ['users']

  app.get(
    '/users',
    { onRequest, schema: { tags, querystring: AccountsQuery, response: { 200: Page(AccountShape) } } },
    (request) => listAccounts(db, request.query),
  )
  app.get(
    '/users/mails',
    {
      onRequest: app.staffOnly,
      schema: { tags, querystring: AccountMailsQuery, response: { 200: Page(AccountMailShape) } },
    },
    (request) => listMails(db, request.query),
  )
  app.patch(
    '/users/:id/role',
    {
      onRequest,
      schema: { tags, params: IdParams, body: RoleBody, response: { 200: AccountShape, ...problems(409) } },
    },
    async (request) => {
      const { id } = request.params
      const { role } = request.body
      const by = personOf(request).id
      const { was, account } = await inTransaction(db, async (tx) => ({
        ...(await changeRole(tx, { id, role, by })),
        account: await findProfile(tx, id),
      }))
      logger.info({ user_id: id, was, role, by }, 'a role was changed')
      return account!
    },
  )
}
