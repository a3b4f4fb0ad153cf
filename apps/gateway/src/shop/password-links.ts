import type { App, FastifyReply, FastifyRequest } from '@mart/service-kit/http-server'
import type { FormState } from '@mart/web/pages'
import { callerOf } from '../session.ts'
import { authFaults, statusOf } from './auth-faults.ts'
import { emptyForm, fieldsOf, missingIn } from './forms.ts'
import type { Shop } from './open-shop.ts'

/** A forgotten password, and where the links in the user service's mails lead. */
export function addPasswordLinks(app: App, shop: Shop): void {
  const { pages, services, sessions, visit, show } = shop

  app.get<{ Querystring: { done?: string } }>('/forgot', async (request, reply) => {
    const { frame } = await visit(request)
    return show(reply, pages.forgot(frame, { form: emptyForm, isSent: request.query.done === 'sent' }))
  })

  app.post('/forgot', async (request, reply) => {
    const fields = fieldsOf(request)
    const { email = '' } = fields
    const again = async (found: Pick<FormState, 'faults' | 'problem'>, status: number) =>
      show(
        reply,
        pages.forgot((await visit(request)).frame, { form: { values: { email }, ...found }, isSent: false }),
        status,
      )
    const faults = missingIn(fields, ['email'])
    if (Object.keys(faults).length > 0) return await again({ faults, problem: null }, 422)
    const asked = { method: 'POST', body: { email } } as const
    try {
      await services.ask('user', '/auth/request-password-reset', callerOf(request), asked)
      return reply.redirect('/forgot?done=sent', 303)
    } catch (error) {
      return await again(authFaults(error, ['email']), statusOf(error))
    }
  })

  app.get<{ Querystring: { token?: string } }>('/reset-password', (request, reply) =>
    askForPassword(shop, request, reply, { token: request.query.token, form: emptyForm }),
  )

  app.post('/reset-password', async (request, reply) => {
    const fields = fieldsOf(request)
    const { token = '', newPassword = '' } = fields
    const faults = missingIn(fields, ['newPassword'])
    const again = (found: Pick<FormState, 'faults' | 'problem'>, status: number) =>
      askForPassword(shop, request, reply, { token, form: { values: {}, ...found } }, status)
    if (Object.keys(faults).length > 0) return await again({ faults, problem: null }, 422)
    const asked = { method: 'POST', body: { token, newPassword } } as const
    try {
      await services.ask('user', '/auth/reset-password', callerOf(request), asked)
    } catch (error) {
      return await again(authFaults(error, ['newPassword'], { password: 'newPassword' }), statusOf(error))
    }
    // All its sessions have ended; this browser may have been in one of them.
    sessions.forget(request)
    return reply.redirect('/sign-in?done=reset', 303)
  })

  app.get<{ Querystring: { error?: string } }>('/email-verified', async (request, reply) => {
    sessions.forget(request)
    const { frame } = await visit(request)
    return show(reply, pages.emailVerified(frame, { isProven: !request.query.error }))
  })
}

async function askForPassword(
  { visit, show, pages }: Shop,
  request: FastifyRequest,
  reply: FastifyReply,
  { token, form }: { token: unknown; form: FormState },
  status = 200,
) {
  const { frame } = await visit(request)
  const isDead = typeof token !== 'string' || token === '' || form.problem === 'dead_link'
  const html = pages.resetPassword(frame, { form, token: isDead ? null : token })
  // The address has the token. With `no-referrer` a browser would not say either where the form comes from.
  return show(reply, html, status, { 'referrer-policy': 'strict-origin', 'cache-control': 'no-store' })
}
