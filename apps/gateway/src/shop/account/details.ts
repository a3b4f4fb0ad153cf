import { emailAddress } from '@mart/contracts/email'
import type { ProfileShape } from '@mart/contracts/http/user-shapes'
import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { DetailsDone, FormState } from '@mart/web/pages'
import { ServiceRefusal } from '../../services-client.ts'
import { authFaults, statusOf } from '../auth-faults.ts'
import { emptyForm, faultsAt, fieldsOf, missingIn } from '../forms.ts'
import type { Shop } from '../open-shop.ts'
import { keepChoice } from '../preferences.ts'
import { shownEmail } from '../shown-email.ts'
import { doneIn, forMember, type Member } from './member.ts'

const dones = ['profile', 'email', 'link', 'password'] as const satisfies readonly DetailsDone[]

interface Sent {
  readonly shop: Shop
  readonly member: Member
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly profile: ProfileShape
  readonly fields: Readonly<Record<string, string>>
}

/** What of a form was not taken; null when all of it was. */
type Outcome = (Pick<FormState, 'faults' | 'problem'> & { readonly status: number }) | null

/** Name, phone, language; another e-mail address; another password. */
export function addDetails(app: App, shop: Shop): void {
  const profileOf = (member: Member) => shop.services.ask<ProfileShape>('user', '/users/me', member.caller)

  app.get(
    '/account/details',
    forMember(shop, async (member, request, reply) => {
      const forms = { ...formsOf(await profileOf(member)), ...typedBefore(shop.typed.of(request, member.session)) }
      return shop.show(reply, shop.pages.details(member.frame, { ...forms, done: doneIn(request, dones) }))
    }),
  )

  app.post(
    '/account/details',
    forMember(shop, async (member, request, reply) => {
      const fields = fieldsOf(request)
      const what = dones.find((one) => one === fields['do']) ?? 'profile'
      const profile = await profileOf(member)
      const outcome = await changes[what]({ shop, member, request, reply, profile, fields })
      if (!outcome) {
        shop.typed.forget(request, reply, '/account/details')
        return reply.redirect(`/account/details?done=${what}`, 303)
      }
      const { status, ...found } = outcome
      const form = { values: withoutPasswords(fields), ...found }
      const forms = { ...formsOf(profile), [what === 'link' ? 'email' : what]: form }
      return shop.show(reply, shop.pages.details(member.frame, { ...forms, done: null }), status)
    }),
  )
}

const formsOf = ({ name, phone, language, email, email_verified }: ProfileShape) => ({
  profile: { ...emptyForm, values: { name, phone: phone ?? '', language } },
  email: emptyForm,
  password: emptyForm,
  address: shownEmail(email),
  isProven: email_verified,
})

/** Before its session ended. */
const typedBefore = (values: FormState['values'] | null) =>
  values && { [values['do'] === 'email' ? 'email' : 'profile']: { ...emptyForm, values } }

const withoutPasswords = ({ currentPassword: _, newPassword: __, ...rest }: Readonly<Record<string, string>>) => rest

const changes: Readonly<Record<DetailsDone, (sent: Sent) => Promise<Outcome>>> = {
  async profile({ shop, member, request, reply, fields }) {
    const { name = '', phone = '', language = '' } = fields
    const body = { name, phone: phone.trim() || null, language }
    try {
      await shop.services.ask('user', '/users/me', member.caller, { method: 'PATCH', body })
    } catch (error) {
      if (!(error instanceof ServiceRefusal)) throw error
      return { ...faultsAt(error.problem, ['name', 'phone', 'language']), status: error.status }
    }
    keepChoice(shop, reply, 'language', language)
    // The token says the old name.
    shop.sessions.forget(request)
    return null
  },

  async email(sent) {
    const { fields, profile } = sent
    const newEmail = fields['newEmail']?.trim() ?? ''
    const faults = missingIn(fields, ['newEmail'])
    if (Object.keys(faults).length > 0) return { faults, problem: null, status: 422 }
    if (emailAddress(newEmail)?.toLowerCase() === profile.email)
      return { faults: { newEmail: 'same_email' }, problem: null, status: 422 }
    return await asked(sent, '/auth/change-email', { newEmail }, ['newEmail'])
  },

  link: (sent) => asked(sent, '/auth/send-verification-email', { email: sent.profile.email }, []),

  async password(sent) {
    const { shop, request, reply, fields } = sent
    const { currentPassword, newPassword } = fields
    const required = ['currentPassword', 'newPassword']
    const faults = missingIn(fields, required)
    if (Object.keys(faults).length > 0) return { faults, problem: null, status: 422 }
    const body = { currentPassword, newPassword, revokeOtherSessions: true }
    return await asked(sent, '/auth/change-password', body, required, async ({ token }) => {
      // It has ended every session, this one too.
      shop.sessions.forget(request)
      await shop.sessions.open(request, reply, token ?? '')
    })
  },
}

async function asked(
  { shop, request }: Sent,
  path: string,
  body: object,
  fields: readonly string[],
  then: (answer: { readonly token?: string }) => Promise<void> = async () => {},
): Promise<Outcome> {
  try {
    await then(await shop.services.ask('user', path, shop.sessions.asItself(request), { method: 'POST', body }))
    return null
  } catch (error) {
    return { ...authFaults(error, fields, { email: 'newEmail', password: 'newPassword' }), status: statusOf(error) }
  }
}
