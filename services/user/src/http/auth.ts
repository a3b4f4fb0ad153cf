import {
  ChangePasswordBody,
  EmailBody,
  JwksShape,
  ResetPasswordBody,
  SignInBody,
  SignUpBody,
} from '@mart/contracts/http/user-shapes'
import type { App } from '@mart/service-kit/http-server'
import { type TObject, type TSchema, Type } from 'typebox'
import type { Auth } from '../better-auth-client.ts'

interface AuthRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly summary: string
  readonly body?: TObject
}

/** All of better-auth that can be reached: what is not in it is 404, impersonating and setting roles for instance. */
export const authRoutes: readonly AuthRoute[] = [
  { method: 'POST', path: '/sign-up/email', summary: 'Open an account and a session', body: SignUpBody },
  { method: 'POST', path: '/sign-in/email', summary: 'Open a session', body: SignInBody },
  { method: 'GET', path: '/token', summary: 'A token for the other services, for a session' },
  { method: 'GET', path: '/get-session', summary: 'The session and its user' },
  { method: 'POST', path: '/sign-out', summary: 'End the session' },
  { method: 'POST', path: '/change-password', summary: 'Set another password', body: ChangePasswordBody },
  { method: 'POST', path: '/request-password-reset', summary: 'Mail a link to set a password', body: EmailBody },
  { method: 'POST', path: '/reset-password', summary: 'Set a password, by that link', body: ResetPasswordBody },
  { method: 'POST', path: '/send-verification-email', summary: 'Mail the verification link again', body: EmailBody },
  { method: 'GET', path: '/verify-email', summary: 'Where the verification link leads' },
]

const BODY_LIMIT_BYTES = 16 * 1024

const Fault = Type.Object({ code: Type.Optional(Type.String()), message: Type.Optional(Type.String()) })
const answers: Record<number, TSchema> = {
  200: Type.Unknown({ description: 'as better-auth answers it' }),
  302: Type.Null({ description: 'to the page that the link leads to' }),
  ...Object.fromEntries([400, 401, 403, 404, 422, 429].map((status) => [status, Fault])),
}

/** `/auth/*` as better-auth answers it, errors included, and the keys that verify its tokens. */
export function addAuthRoutes(app: App, auth: Auth): void {
  for (const { method, path, summary, body } of authRoutes) {
    app.route({
      method,
      url: `/auth${path}`,
      bodyLimit: BODY_LIMIT_BYTES,
      attachValidation: true,
      schema: { tags: ['auth'], summary, ...(body ? { body } : {}), response: answers },
      handler: async (request, reply) => {
        if (request.validationError) return reply.code(400).send(faultIn(request.validationError))
        const answer = await auth.handle({
          method,
          url: request.url,
          body: request.body ?? undefined,
          clientAddress: request.ip,
          authorization: request.headers.authorization,
          userAgent: request.headers['user-agent'],
        })
        for (const [name, header] of Object.entries(passedOn)) {
          const value = answer.headers.get(name)
          if (value) reply.header(header, value)
        }
        return reply
          .code(answer.status)
          .header('cache-control', 'no-store')
          .send(await answer.text())
      },
    })
  }
  const schema = { tags: ['auth'], summary: 'The keys that verify tokens', response: { 200: JwksShape } }
  app.get('/.well-known/jwks.json', { schema }, async (_, reply) => {
    reply.header('cache-control', 'public, max-age=60')
    return (await auth.api.getJwks()) as unknown as { keys: Record<string, unknown>[] }
  })
}

const passedOn = { 'content-type': 'content-type', location: 'location', 'x-retry-after': 'retry-after' }

interface Invalid {
  readonly message: string
  readonly validation?: readonly { readonly keyword: string; readonly params: Record<string, unknown> }[]
}

/** In better-auth's manner, which a client of these routes expects. */
function faultIn({ message, validation = [] }: Invalid): { code: string; message: string } {
  const unknown = validation.find((fault) => fault.keyword === 'additionalProperties')?.params['additionalProperty']
  return unknown === undefined
    ? { code: 'VALIDATION_ERROR', message }
    : { code: 'FIELD_NOT_ALLOWED', message: `${String(unknown).slice(0, 200)} is not allowed to be set` }
}
