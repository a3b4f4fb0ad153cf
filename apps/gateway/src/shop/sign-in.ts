import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { Ended, FormState } from '@mart/web/pages'
import { callerOf } from '../session.ts'
import { authFaults, statusOf } from './auth-faults.ts'
import { withCookies } from './cookies.ts'
import { emptyForm, fieldsOf, missingIn } from './forms.ts'
import { languageOf } from './frame.ts'
import { nextPath } from './next-path.ts'
import type { Shop } from './open-shop.ts'
import { settleLanguage } from './preferences.ts'

interface Opened {
  readonly token?: string
  readonly twoFactorToken?: string
}

type Fields = Readonly<Record<string, string>>

const waysToEnd = ['typed', 'nothing', 'other'] as const satisfies readonly Ended[]

/** Signing in, up and out. */
export function addSignIn(app: App, shop: Shop): void {
  const { sessions } = shop
  const paths = ['/sign-in', '/sign-up'] as const

  for (const path of paths)
    app.get<{ Querystring: { next?: string; done?: string; ended?: string } }>(path, async (request, reply) => {
      const next = nextPath(request.query.next)
      const isOther = request.query.ended === 'other'
      if (!isOther && (await sessions.of(request))) return reply.redirect(next === '/' ? '/account' : next, 303)
      return await ask(shop, path, request, reply, emptyForm)
    })

  app.post('/sign-in', (request, reply) => signIn(shop, request, reply))
  app.post('/sign-up', (request, reply) => signUp(shop, request, reply))
  app.post('/sign-out', async (request, reply) => {
    await sessions.close(request, reply)
    return reply.redirect('/', 303)
  })
}

async function ask(
  { visit, show, pages }: Shop,
  path: '/sign-in' | '/sign-up',
  request: FastifyRequest,
  reply: FastifyReply,
  form: FormState,
  status = 200,
) {
  const { frame } = await visit(request)
  const { next, done, ended } = { ...(request.query as Fields), ...fieldsOf(request) }
  const given = {
    form,
    next: nextPath(next),
    asksCode: 'twoFactorToken' in form.values,
    isReset: done === 'reset' && form === emptyForm,
    ended: waysToEnd.find((one) => one === ended) ?? null,
  }
  return show(reply, path === '/sign-in' ? pages.signIn(frame, given) : pages.signUp(frame, given), status)
}

async function goOn(shop: Shop, request: FastifyRequest, reply: FastifyReply, token: string) {
  const caller = callerOf(request, await shop.sessions.open(request, reply, token))
  await Promise.all([shop.carts.merge(request, reply, caller), settleLanguage(shop, request, reply, caller)])
  return reply.redirect(withCookies(request, nextPath(fieldsOf(request)['next'])), 303)
}

async function signIn(shop: Shop, request: FastifyRequest, reply: FastifyReply) {
  const fields = fieldsOf(request)
  const { email = '', twoFactorToken } = fields
  const values = { email, ...(twoFactorToken && { twoFactorToken }) }
  const { required, to, body } = stepOf(fields)
  const faults = missingIn(fields, required)
  const again = (form: FormState, status: number) => ask(shop, '/sign-in', request, reply, form, status)
  if (Object.keys(faults).length > 0) return await again({ values, faults, problem: null }, 422)
  try {
    const opened = await shop.services.ask<Opened>('user', to, callerOf(request), { method: 'POST', body })
    if (opened.token) return await goOn(shop, request, reply, opened.token)
    const waiting = { ...values, twoFactorToken: opened.twoFactorToken ?? '' }
    return await again({ values: waiting, faults: {}, problem: null }, 200)
  } catch (error) {
    const found = authFaults(error, required)
    const isOver = found.problem === 'sign_in_again'
    // A browser keeps no page of a 401 to go back to.
    const status = statusOf(error) === 401 ? 422 : statusOf(error)
    return await again({ values: isOver ? { email } : values, ...found }, status)
  }
}

/** Password first, then the code of an app, or a recovery code in its place. */
function stepOf({ email = '', password = '', twoFactorToken, code = '', recovery }: Fields) {
  if (!twoFactorToken) return { required: ['email', 'password'], to: '/auth/sign-in/email', body: { email, password } }
  if (recovery !== undefined) {
    const body = { code: recovery.trim(), twoFactorToken }
    return { required: ['recovery'], to: '/auth/two-factor/verify-backup-code', body }
  }
  const body = { code: code.replaceAll(/\s/g, ''), twoFactorToken }
  return { required: ['code'], to: '/auth/two-factor/verify-totp', body }
}

async function signUp(shop: Shop, request: FastifyRequest, reply: FastifyReply) {
  const fields = fieldsOf(request)
  const { name = '', email = '', password = '', next } = fields
  const values = { name, email }
  const required = ['name', 'email', 'password']
  const faults = missingIn(fields, required)
  const again = (form: FormState, status: number) => ask(shop, '/sign-up', request, reply, form, status)
  if (Object.keys(faults).length > 0) return await again({ values, faults, problem: null }, 422)
  try {
    const asked = { method: 'POST', body: { name, email, password, language: languageOf(request) } } as const
    const opened = await shop.services.ask<Opened>('user', '/auth/sign-up/email', callerOf(request), asked)
    if (opened.token) return await goOn(shop, request, reply, opened.token)
    return reply.redirect(`/sign-in?next=${encodeURIComponent(nextPath(next))}`, 303)
  } catch (error) {
    return await again({ values, ...authFaults(error, required) }, statusOf(error))
  }
}
