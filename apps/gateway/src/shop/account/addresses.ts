import { randomUUID } from 'node:crypto'
import type { AddressShape } from '@mart/contracts/http/user-shapes'
import { Refusal } from '@mart/service-kit/errors'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { AddressesDone, FormState } from '@mart/web/pages'
import { type Asked, ServiceRefusal } from '../../services-client.ts'
import { emptyForm, faultsAt, fieldsOf, keyIn, missingIn } from '../forms.ts'
import type { Shop } from '../open-shop.ts'
import { doneIn, forMember, type Member } from './member.ts'

const dones = ['added', 'changed', 'default', 'deleted'] as const satisfies readonly AddressesDone[]
const texts = ['label', 'name', 'phone', 'line1', 'line2', 'city', 'region', 'postal_code', 'country'] as const
const required = ['name', 'phone', 'line1', 'city', 'country'] as const
const NEW = 'new'

type AddressRequest = FastifyRequest<{ Params: { id: string } }>

/** The address book. */
export function addAddresses(app: App, shop: Shop): void {
  app.get(
    '/account/addresses',
    forMember(shop, async (member, request, reply) => {
      const addresses = await addressesOf(shop, member)
      return shop.show(reply, shop.pages.addresses(member.frame, { addresses, done: doneIn(request, dones) }))
    }),
  )

  app.post(
    '/account/addresses',
    forMember(shop, async (member, request, reply) => {
      const fields = fieldsOf(request)
      const path = `/users/me/addresses/${encodeURIComponent(fields['id'] ?? '')}`
      const done = fields['do'] === 'delete' ? 'deleted' : 'default'
      const asked: Asked = done === 'deleted' ? { method: 'DELETE' } : { method: 'PATCH', body: { is_default: true } }
      // What is gone already is what was wanted.
      await shop.services.ask('user', path, member.caller, asked).catch((error: unknown) => {
        if (!(error instanceof ServiceRefusal && error.status === 404 && done === 'deleted')) throw error
      })
      return reply.redirect(`/account/addresses?done=${done}`, 303)
    }),
  )

  app.get(
    '/account/addresses/:id',
    forMember<AddressRequest>(shop, async (member, request, reply) => {
      const { id } = request.params
      const first = { name: member.session.person.name, country: shop.country }
      const known = id === NEW ? first : valuesOf(await addressOf(shop, member, id))
      const values = shop.typed.of(request, member.session) ?? known
      return showForm(shop, member, reply, id, { ...emptyForm, values })
    }),
  )

  app.post(
    '/account/addresses/:id',
    forMember<AddressRequest>(shop, async (member, request, reply) => {
      const { id } = request.params
      const fields = fieldsOf(request)
      const missing = missingIn(fields, required)
      if (Object.keys(missing).length > 0)
        return showForm(shop, member, reply, id, { values: fields, faults: missing, problem: null }, 422)
      try {
        await save(shop, member, id, fields)
      } catch (error) {
        if (!(error instanceof ServiceRefusal) || error.status === 401 || error.status === 404) throw error
        const problem = error.problem.code === 'too_many_addresses' ? 'too_many_addresses' : 'not_taken'
        const form = { values: fields, ...faultsAt(error.problem, texts, problem) }
        return showForm(shop, member, reply, id, form, error.status)
      }
      shop.typed.forget(request, reply, `/account/addresses/${encodeURIComponent(id)}`)
      return reply.redirect(`/account/addresses?done=${id === NEW ? 'added' : 'changed'}`, 303)
    }),
  )
}

async function save({ services }: Shop, { caller }: Member, id: string, fields: Readonly<Record<string, string>>) {
  const body = {
    ...Object.fromEntries(texts.map((name) => [name, fields[name] ?? ''])),
    country: fields['country']?.trim().toUpperCase(),
    ...(fields['is_default'] && { is_default: true }),
  }
  const path = '/users/me/addresses'
  if (id !== NEW) {
    await services.ask('user', `${path}/${encodeURIComponent(id)}`, caller, { method: 'PATCH', body })
    return
  }
  // Pressed twice, it is one address.
  const headers = { 'idempotency-key': keyIn(fields) }
  await services.ask('user', path, caller, { method: 'POST', body, headers })
}

/** The addresses that somebody keeps. */
export const addressesOf = async ({ services }: Shop, { caller }: Pick<Member, 'caller'>): Promise<AddressShape[]> =>
  (await services.ask<{ items: AddressShape[] }>('user', '/users/me/addresses', caller)).items

async function addressOf(shop: Shop, member: Member, id: string): Promise<AddressShape> {
  const found = (await addressesOf(shop, member)).find((one) => one.id === id)
  if (!found) throw new Refusal(404, 'not_found', 'There is no such address.')
  return found
}

const valuesOf = (address: AddressShape) => ({
  ...Object.fromEntries(texts.map((name) => [name, address[name] ?? ''])),
  ...(address.is_default && { is_default: 'on' }),
})

const showForm = (shop: Shop, { frame }: Member, reply: FastifyReply, id: string, form: FormState, status = 200) =>
  shop.show(reply, shop.pages.address(frame, { id: id === NEW ? null : id, form, key: randomUUID() }), status)
