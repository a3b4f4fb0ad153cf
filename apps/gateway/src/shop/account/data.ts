import { Readable } from 'node:stream'
import type { App, FastifyReply } from '@mart/service-kit/http-server'
import type { FormState } from '@mart/web/pages'
import { ServiceRefusal } from '../../services-client.ts'
import { emptyForm, fieldsOf, missingIn } from '../forms.ts'
import type { Shop } from '../open-shop.ts'
import { exportOf } from './export.ts'
import { forMember, type Member } from './member.ts'

/** Taking one's data along, and leaving. */
export function addDataPage(app: App, shop: Shop): void {
  const { services, sessions, pages, show } = shop
  const showPage = ({ frame }: Member, reply: FastifyReply, form: FormState, status = 200) =>
    show(reply, pages.data(frame, { form }), status)

  app.get(
    '/account/data',
    forMember(shop, async (member, _, reply) => showPage(member, reply, emptyForm)),
  )

  app.get(
    '/account/data/export',
    forMember(shop, async ({ caller, session }, _, reply) => {
      const parts = await exportOf(services, caller, session.person)
      return reply
        .headers({
          'content-type': 'application/json; charset=utf-8',
          'content-disposition': 'attachment; filename="ai-mart-my-data.json"',
          'cache-control': 'no-store',
        })
        .send(Readable.from(parts))
    }),
  )

  app.post(
    '/account/data',
    forMember(shop, async (member, request, reply) => {
      const fields = fieldsOf(request)
      const faults = missingIn(fields, ['password'])
      if (Object.keys(faults).length > 0) return showPage(member, reply, { values: {}, faults, problem: null }, 422)
      try {
        const body = { password: fields['password'] }
        await services.ask('user', '/users/me', member.caller, { method: 'DELETE', body })
      } catch (error) {
        if (!(error instanceof ServiceRefusal)) throw error
        return showPage(member, reply, { values: {}, ...foundIn(error) }, error.status)
      }
      await sessions.close(request, reply)
      return reply.redirect('/erased', 303)
    }),
  )

  app.get('/erased', async (request, reply) => show(reply, pages.erased((await shop.visit(request)).frame, {})))
}

function foundIn({ status, problem: { code } }: ServiceRefusal): Pick<FormState, 'faults' | 'problem'> {
  if (code === 'wrong_password') return { faults: { password: 'wrong_password' }, problem: null }
  if (code === 'last_admin') return { faults: {}, problem: 'last_admin' }
  return { faults: {}, problem: status === 429 ? 'too_many_tries' : 'not_taken' }
}
