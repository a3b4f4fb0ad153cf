import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { SecondFactorDone, SecondFactorProps } from '@mart/web/pages'
import { authFaults, statusOf } from '../auth-faults.ts'
import { emptyForm, fieldsOf, missingIn, toldAt } from '../forms.ts'
import type { Shop } from '../open-shop.ts'
import { doneIn, forMember, type Member } from './member.ts'

const PATH = '/account/second-factor'
const dones = ['on', 'off'] as const satisfies readonly SecondFactorDone[]

interface Begun {
  readonly totpURI: string
  readonly backupCodes: readonly string[]
}

type Fields = Readonly<Record<string, string>>
type Shown = Partial<SecondFactorProps> & { readonly status?: number }

/** A code of an authenticator app beside the password: turned on, off, and with other recovery codes. */
export function addSecondFactor(app: App, shop: Shop): void {
  const { services, sessions } = shop
  const ask = <Answer>(request: FastifyRequest, path: string, body?: object) =>
    services.ask<Answer>('user', `/auth${path}`, sessions.asItself(request), body && { method: 'POST', body })

  async function showPage({ frame }: Member, request: FastifyRequest, reply: FastifyReply, shown: Shown = {}) {
    const { status = 200, ...given } = shown
    const { user } = await ask<{ user: { twoFactorEnabled?: boolean } }>(request, '/get-session')
    const isOn = user.twoFactorEnabled === true
    const props = { isOn, form: emptyForm, begun: null, newCodes: null, done: null, ...given }
    if (given.form) props.form = { ...given.form, ...toldAt(fieldsShown(props), given.form.faults, given.form.problem) }
    return shop.show(reply, shop.pages.secondFactor(frame, props), status, { 'cache-control': 'no-store' })
  }
  /** Turning it on or off has ended every session, this one too. */
  const goOn = async (
    request: FastifyRequest,
    reply: FastifyReply,
    token: string | undefined,
    done: SecondFactorDone,
  ) => {
    sessions.forget(request)
    await sessions.open(request, reply, token ?? '')
    return reply.redirect(`${PATH}?done=${done}`, 303)
  }
  const withPassword = ({ currentPassword: password = '' }: Fields) => ({ password })

  const does: Readonly<
    Record<string, (member: Member, request: FastifyRequest, reply: FastifyReply, fields: Fields) => Promise<unknown>>
  > = {
    async begin(member, request, reply, fields) {
      const { totpURI, backupCodes } = await ask<Begun>(request, '/two-factor/enable', withPassword(fields))
      return await showPage(member, request, reply, { begun: { uri: totpURI, codes: backupCodes } })
    },
    async verify(_, request, reply, { code = '' }) {
      const body = { code: code.replaceAll(/\s/g, '') }
      const { token } = await ask<{ token?: string }>(request, '/two-factor/verify-totp', body)
      return await goOn(request, reply, token, 'on')
    },
    async codes(member, request, reply, fields) {
      const { backupCodes } = await ask<Begun>(request, '/two-factor/generate-backup-codes', withPassword(fields))
      return await showPage(member, request, reply, { newCodes: backupCodes })
    },
    async off(_, request, reply, fields) {
      const { token } = await ask<{ token?: string }>(request, '/two-factor/disable', withPassword(fields))
      return await goOn(request, reply, token, 'off')
    },
  }

  app.get(
    PATH,
    forMember(shop, (member, request, reply) => showPage(member, request, reply, { done: doneIn(request, dones) })),
  )

  app.post(
    PATH,
    forMember(shop, async (member, request, reply) => {
      const fields = fieldsOf(request)
      const what = fields['do'] ?? ''
      const begun = what === 'verify' ? begunIn(fields) : null
      const asked = [what === 'verify' ? 'code' : 'currentPassword']
      const faults = missingIn(fields, asked)
      const again = (form: SecondFactorProps['form'], status: number) =>
        showPage(member, request, reply, { form, begun, status })
      if (!Object.hasOwn(does, what)) return await again(emptyForm, 422)
      if (Object.keys(faults).length > 0) return await again({ values: { do: what }, faults, problem: null }, 422)
      try {
        return await does[what]!(member, request, reply, fields)
      } catch (error) {
        if (statusOf(error) === 401 && what !== 'verify') throw error // signed out elsewhere
        const found = authFaults(error, asked, { password: 'currentPassword' })
        return await again({ values: { do: what }, ...found }, statusOf(error))
      }
    }),
  )
}

/** Of what was sent, the fields that the page has now: in another tab it may have been turned on or off meanwhile. */
function fieldsShown({ isOn, begun, form }: SecondFactorProps): string[] {
  if (begun) return ['code']
  return (isOn ? ['codes', 'off'] : ['begin']).includes(form.values['do'] ?? '') ? ['currentPassword'] : []
}

/** What the page showed, so that a wrong code does not begin it all anew; it is nobody's but his who sends it. */
function begunIn({ uri = '', codes = '' }: Fields): SecondFactorProps['begun'] {
  if (!/^otpauth:\/\/totp\/\S{1,500}$/.test(uri) || codes.length > 1_000) return null
  return { uri, codes: codes.split(' ') }
}
