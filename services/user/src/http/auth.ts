import { setTimeout as sleep } from 'node:timers/promises'
import { JwksShape } from '@mart/contracts/http/user-shapes'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import { type Database, inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import { type TSchema, Type } from 'typebox'
import { changesEmail, pendingIn } from '../better-auth-answers.ts'
import type { Auth } from '../better-auth-client.ts'
import { whyCommon } from '../common-password.ts'
import type { Config } from '../config.ts'
import { followEmailChange, useCodeOnce } from '../use-cases/use-once.ts'
import { type AuthRoute, authRoutes } from './auth-routes.ts'
import { type AuthAnswer, whoGuesses, withTries } from './guesses.ts'
import { signedUp } from './sign-up.ts'

const BODY_LIMIT_BYTES = 16 * 1024

const Fault = Type.Object({ code: Type.Optional(Type.String()), message: Type.Optional(Type.String()) })
const answers: Record<number, TSchema> = {
  200: Type.Unknown({ description: 'as better-auth answers it' }),
  302: Type.Null({ description: 'to the page that the link leads to' }),
  ...Object.fromEntries([400, 401, 403, 404, 422, 429].map((status) => [status, Fault])),
}

type Body = Partial<Record<string, string>>

/** `/auth/*` as better-auth answers it, errors included, and the keys that verify its tokens. */
export function addAuthRoutes(app: App, auth: Auth, service: Service<Config>): void {
  for (const route of authRoutes) {
    const { method, path, summary, body, newPassword } = route
    app.route({
      method,
      url: `/auth${path}`,
      bodyLimit: BODY_LIMIT_BYTES,
      attachValidation: true,
      schema: { tags: ['auth'], summary, ...(body ? { body } : {}), response: answers },
      handler: async (request, reply) => {
        if (request.validationError) return reply.code(400).send(faultIn(request.validationError))
        const sent = (request.body ?? {}) as Body
        const why = newPassword && whyRefused(sent[newPassword] ?? '', sent)
        if (why) return reply.code(400).send({ code: 'PASSWORD_TOO_COMMON', message: why })
        const work = () => ask(auth, service, route, request)
        const [answer] = await Promise.all([
          route === signUp
            ? signedUp({ auth, service, request }, work)
            : withTries(service, await whoGuesses(route, request, auth, service.config), work),
          sleep(noSoonerThanMs(route, service.config)),
        ])
        for (const [name, header] of Object.entries(passedOn)) {
          const value = answer.headers.get(name)
          if (value) reply.header(header, value)
        }
        return reply.code(answer.status).header('cache-control', 'no-store').send(answer.text)
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

async function ask(
  auth: Auth,
  { db }: Service<Config>,
  { method, path }: AuthRoute,
  request: FastifyRequest,
): Promise<AuthAnswer> {
  const { twoFactorToken, ...body } = (request.body ?? {}) as Body
  const answer = await auth.handle({
    method,
    url: leadingNowhereElse(await followed(db, request)),
    body: request.body ? body : undefined,
    pending: twoFactorToken,
    clientAddress: request.ip,
    authorization: request.headers.authorization,
    userAgent: request.headers['user-agent'],
  })
  const { status, headers } = answer
  const text = await answer.text()
  if (status !== 200 || !(path === '/sign-in/email' || path.startsWith('/two-factor/')))
    return { status, headers, text }
  const said = JSON.parse(text) as Said
  const pending = pendingIn(headers)
  if (pending) return { status, headers, text: JSON.stringify({ ...said, twoFactorToken: pending }) }
  if (path === '/two-factor/verify-totp') {
    const used = { userId: said.user!.id, code: body['code']!, session: twoFactorToken ? said.token! : null }
    if (!(await inTransaction(db, (tx) => useCodeOnce(tx, used)))) return codeUsed()
  }
  // Turning it on or off opens another session, whose token better-auth puts into a cookie alone.
  const opened = headers.get('set-auth-token')?.split('.')[0]
  return { status, headers, text: opened ? JSON.stringify({ ...said, token: opened }) : text }
}

interface Said {
  readonly token?: string
  readonly user?: { readonly id: string }
}

const codeUsed = (): AuthAnswer => ({
  status: 401,
  headers: new Headers({ 'content-type': 'application/json' }),
  text: JSON.stringify({ code: 'INVALID_CODE', message: 'This code was used already: wait for the next one.' }),
})

/** Where the request goes: a link to a new e-mail address that is not the newest, or was used, leads nowhere. */
async function followed(db: Database, request: FastifyRequest): Promise<string> {
  const { token } = request.query as { token?: unknown }
  if (typeof token !== 'string' || !changesEmail(token)) return request.url
  if (await inTransaction(db, (tx) => followEmailChange(tx, token))) return request.url
  return request.url.replace(/([?&]token=)[^&]*/g, '$1used')
}

const plainPath = /^(\/[\w-]+)+(\?[\w=&-]*)?$/

/** better-auth takes `/.//host` for a path, and leads to another site by it. */
function leadingNowhereElse(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://mart.invalid')
  if (searchParams.getAll('callbackURL').every((one) => plainPath.test(one))) return url
  searchParams.delete('callbackURL')
  return `${pathname}?${searchParams}`
}

/** better-auth says what is too short or too long. */
function whyRefused(password: string, { email = '', name = '' }: Body): string | null {
  if (password.length < 8 || password.length > 128) return null
  const why = whyCommon(password, [email, name])
  return why && `${why} Take another password: a few words that have nothing to do with each other are good.`
}

const signUp = authRoutes.find(({ path }) => path === '/sign-up/email')

// A sign-up that opens no session answers alike for a new address and a known one: in like time as well.
const noSoonerThanMs = (route: AuthRoute, { SIGN_UP_SIGNS_IN }: Config) =>
  route === signUp && SIGN_UP_SIGNS_IN === 'off' ? 500 : (route.noSoonerThanMs ?? 0)

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
