import { Nothing, Page, problems } from '@mart/contracts/http/shared-shapes'
import {
  AddressBody,
  AddressChangeBody,
  AddressShape,
  IdParams,
  ProfileBody,
  ProfileShape,
} from '@mart/contracts/http/user-shapes'
import type { App } from '@mart/service-kit/http-server'
import { doOnce } from '@mart/service-kit/idempotency'
import { personOf } from '@mart/service-kit/people'
import { inTransaction, type Queryable } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import { accountGone } from '../account.ts'
import { findProfile } from '../account-queries.ts'
import { addressShape } from '../address.ts'
import { listAddresses } from '../address-queries.ts'
import type { Config } from '../config.ts'
import { addAddressTo } from '../use-cases/add-address.ts'
import { changeAddress } from '../use-cases/change-address.ts'
import { changeProfile } from '../use-cases/change-profile.ts'
import { erasePerson } from '../use-cases/erase-person.ts'
import { removeAddress } from '../use-cases/remove-address.ts'

/** `/users/me`: what a person may see and change of himself. */
export function addMeRoutes(app: App, { db, logger }: Service<Config>): void {
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
    { onRequest, schema: { tags, response: { 204: Nothing, ...problems(409) } } },
    async (request, reply) => {
      const { id } = personOf(request)
      await inTransaction(db, (tx) => erasePerson(tx, id))
      logger.info({ user_id: id }, 'a person was erased')
      return reply.code(204).send(null)
    },
  )

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
      doOnce({ db, request, reply, status: 201 }, (tx) => addAddressTo(tx, personOf(request).id, request.body)),
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

async function profileOf(db: Queryable, id: string): Promise<ProfileShape> {
  const profile = await findProfile(db, id)
  if (!profile) throw accountGone()
  return profile
}
