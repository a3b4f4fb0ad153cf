import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { FormProblem, FormState } from '@mart/web/pages'
import { ServiceRefusal } from '../services-client.ts'
import { callerOf } from '../session.ts'
import { emptyForm, fieldsOf, missingIn } from './forms.ts'
import { nextPath } from './next-path.ts'
import type { Shop } from './open-shop.ts'

interface Opened {
  readonly token?: string
  readonly twoFactorToken?: string
}

/** Signing in, up and out. */
export function addSignIn(app: App, shop: Shop): void {
  const { pages, services, sessions, carts, visit, show } = shop
  const pageOf = { '/sign-in': pages.signIn, '/sign-up': pages.signUp } as const
  type Path = keyof typeof pageOf

  const ask = async (
    path: Path,
    request: FastifyRequest,
    reply: FastifyReply,
    form: FormState,
    next: string,
    status = 200,
  ) => {
    const { frame } = await visit(request)
    return show(reply, pageOf[path](frame, { form, next, asksCode: 'twoFactorToken' in form.values }), status)
  }
  const goOn = async (request: FastifyRequest, reply: FastifyReply, token: string, next: unknown) => {
    const session = await sessions.open(request, reply, token)
    await carts.merge(request, reply, callerOf(request, session))
    return reply.redirect(nextPath(next), 303)
  }

  for (const path of ['/sign-in', '/sign-up'] as const)
    app.get<{ Querystring: { next?: string } }>(path, async (request, reply) => {
      const next = nextPath(request.query.next)
      if (await sessions.of(request)) return reply.redirect(next === '/' ? '/account' : next, 303)
      return await ask(path, request, reply, emptyForm, next)
    })

  app.post('/sign-in', async (request, reply) => {
    const fields = fieldsOf(request)
    const { email = '', password = '', code, twoFactorToken, next = '/' } = fields
    const values = { email, ...(twoFactorToken && { twoFactorToken }) }
    const faults = missingIn(fields, twoFactorToken ? ['code'] : ['email', 'password'])
    if (Object.keys(faults).length > 0)
      return await ask('/sign-in', request, reply, { values, faults, problem: null }, next, 422)
    const [to, body] = twoFactorToken
      ? ['/auth/two-factor/verify-totp', { code, twoFactorToken }]
      : ['/auth/sign-in/email', { email, password }]
    try {
      const opened = await services.ask<Opened>('user', to, callerOf(request), { method: 'POST', body })
      if (opened.token) return await goOn(request, reply, opened.token, next)
      const waiting = { ...values, twoFactorToken: opened.twoFactorToken ?? '' }
      return await ask('/sign-in', request, reply, { values: waiting, faults: {}, problem: null }, next)
    } catch (error) {
      return await ask(
        '/sign-in',
        request,
        reply,
        { values, faults: {}, problem: problemIn(error) },
        next,
        statusOf(error),
      )
    }
  })

  app.post('/sign-up', async (request, reply) => {
    const fields = fieldsOf(request)
    const { name = '', email = '', password = '', next = '/' } = fields
    const values = { name, email }
    const faults = missingIn(fields, ['name', 'email', 'password'])
    if (Object.keys(faults).length > 0)
      return await ask('/sign-up', request, reply, { values, faults, problem: null }, next, 422)
    try {
      const body = { name, email, password }
      const opened = await services.ask<Opened>('user', '/auth/sign-up/email', callerOf(request), {
        method: 'POST',
        body,
      })
      if (opened.token) return await goOn(request, reply, opened.token, next)
      return reply.redirect(`/sign-in?next=${encodeURIComponent(nextPath(next))}`, 303)
    } catch (error) {
      return await ask(
        '/sign-up',
        request,
        reply,
        { values, faults: {}, problem: problemIn(error) },
        next,
        statusOf(error),
      )
    }
  })

  app.post('/sign-out', async (request, reply) => {
    await sessions.close(request, reply)
    return reply.redirect('/', 303)
  })
}

const problems: Readonly<Record<string, FormProblem>> = {
  INVALID_EMAIL_OR_PASSWORD: 'wrong_sign_in',
  INVALID_EMAIL: 'no_email',
  VALIDATION_ERROR: 'no_email',
  PASSWORD_TOO_SHORT: 'short_password',
  PASSWORD_TOO_COMMON: 'common_password',
  INVALID_CODE: 'wrong_code',
  USER_ALREADY_EXISTS: 'has_account',
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: 'has_account',
}

/** What the user service did not take. Throws what is a fault of ours. */
function problemIn(error: unknown): FormProblem {
  if (!(error instanceof ServiceRefusal)) throw error
  if (error.status === 429) return 'too_many_tries'
  return problems[error.problem.code ?? ''] ?? 'not_taken'
}

const statusOf = (error: unknown) => (error instanceof ServiceRefusal ? error.status : 500)
