import { Nothing, Page, problems } from '@mart/contracts/http/shared-shapes'
import {
  AddressBody,
  AddressChangeBody,
  AddressShape,
  EraseBody,
  IdParams,
  OwnListQuery,
  OwnMailShape,
  ProfileBody,
  ProfileShape,
  SessionShape,
} from '@mart/contracts/http/user-shapes'
import type { Person } from '@mart/service-kit/auth'
import type { App } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { personOf } from '@mart/service-kit/people'
import { inTransaction, type Queryable } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import { accountGone, FRESH_S, freshSignInRequired, wrongPassword } from '../account.ts'
import { findPasswordHash, findProfile } from '../account-queries.ts'
import { addressShape } from '../address.ts'
import { listAddresses } from '../address-queries.ts'
import type { Config } from '../config.ts'
import { listMails } from '../mail-queries.ts'
import { verifyPassword } from '../password.ts'
import { whoTries } from '../password-try.ts'
import { listSessions } from '../session-queries.ts'
import { addAddressTo } from '../use-cases/add-address.ts'
import { changeAddress } from '../use-cases/change-address.ts'
import { changeProfile } from '../use-cases/change-profile.ts'
import { erasePerson } from '../use-cases/erase-person.ts'
import { removeAddress } from '../use-cases/remove-address.ts'
import { forgetTriesOf, startTry } from '../use-cases/try-password.ts'

/** `/users/me`: what a person may see and change of himself. */
export function addMeRoutes(app: App, service: Service<Config>): void {
  const { db, logger } = service
  const onRequest = app.signedIn
  const tags = ['me']

  app.get('/users/me', { onRequest, schema: { tags, response: { 200: ProfileShape } } }, (request) =>
    profileOf(db, personOf(request).id),
  )
  app.patch(
    '/users/me',
    { onRequest, schema: { tags, body: ProfileBody, response: { 200: ProfileShape } } },
    (request) =>
      inTransaction(db, async (tx) => {
        const { id } = personOf(request)
        await changeProfile(tx, id, request.body)
        return await profileOf(tx, id)
      }),
  )
  app.delete(
    '/users/me',
    { onRequest, schema: { tags, body: EraseBody, response: { 204: Nothing, ...problems(403, 409) } } },
    async (request, reply) => {
      const { id } = personOf(request)
      await proveHimself(service, personOf(request), request.body?.password, request.ip)
      await inTransaction(db, (tx) => erasePerson(tx, id))
      logger.info({ user_id: id }, 'a person was erased')
      return reply.code(204).send(null)
    },
  )

  addOwnLists(app, db)

  const params = IdParams
  app.get(
    '/users/me/addresses',
    { onRequest, schema: { tags, response: { 200: Page(AddressShape) } } },
    async (request) => {
      const { id } = await profileOf(db, personOf(request).id)
      return { items: (await listAddresses(db, id)).map(addressShape), next_cursor: null }
    },
  )
  app.post(
    '/users/me/addresses',
    { onRequest, schema: { tags, body: AddressBody, response: { 201: AddressShape } } },
    (request, reply) =>
      runIdempotently({ db, request, reply, status: 201 }, (tx) =>
        addAddressTo(tx, personOf(request).id, request.body),
      ),
  )
  app.patch(
    '/users/me/addresses/:id',
    { onRequest, schema: { tags, params, body: AddressChangeBody, response: { 200: AddressShape } } },
    (request) => {
      const change = { userId: personOf(request).id, id: request.params.id, changes: request.body }
      return inTransaction(db, (tx) => changeAddress(tx, change))
    },
  )
  app.delete(
    '/users/me/addresses/:id',
    { onRequest, schema: { tags, params, response: { 204: Nothing } } },
    async (request, reply) => {
      const address = { userId: personOf(request).id, id: request.params.id }
      await inTransaction(db, (tx) => removeAddress(tx, address))
      return reply.code(204).send(null)
    },
  )
}

/** What else is kept of a person: for whoever takes his data along. */
function addOwnLists(app: App, db: Service<Config>['db']): void {
  const onRequest = app.signedIn
  const shared = { tags: ['me'], querystring: OwnListQuery }

  app.get(
    '/users/me/sessions',
    { onRequest, schema: { ...shared, summary: 'Where one is signed in', response: { 200: Page(SessionShape) } } },
    (request) => listSessions(db, personOf(request).id, request.query),
  )
  app.get(
    '/users/me/mails',
    {
      onRequest,
      schema: { ...shared, summary: 'What was mailed about one’s account', response: { 200: Page(OwnMailShape) } },
    },
    (request) => listMails(db, { ...request.query, user_id: personOf(request).id }),
  )
}

/** For what cannot be undone. Throws Refusal 403, and 429 after wrong passwords. */
async function proveHimself(
  { db, config }: Service<Config>,
  { id, signedInAt }: Person,
  password: string | undefined,
  from: string,
): Promise<void> {
  if (password === undefined) {
    if ((signedInAt ?? 0) < Date.now() / 1000 - FRESH_S) throw freshSignInRequired()
    return
  }
  const hash = await findPasswordHash(db, id)
  if (hash === null) throw accountGone()
  const who = whoTries(config.AUTH_SECRET, `erase ${id}`, from)
  await inTransaction(db, (tx) => startTry(tx, who))
  if (!(await verifyPassword({ hash, password }))) throw wrongPassword()
  await inTransaction(db, (tx) => forgetTriesOf(tx, who))
}

async function profileOf(db: Queryable, id: string): Promise<ProfileShape> {
  const profile = await findProfile(db, id)
  if (!profile) throw accountGone()
  return profile
}
