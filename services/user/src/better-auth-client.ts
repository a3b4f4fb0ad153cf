import { ConfigError } from '@mart/service-kit/config'
import { newId } from '@mart/service-kit/ids'
import type { Service } from '@mart/service-kit/start-service'
import { type BetterAuthOptions, betterAuth } from 'better-auth'
import { admin } from 'better-auth/plugins/admin'
import { bearer } from 'better-auth/plugins/bearer'
import { jwt } from 'better-auth/plugins/jwt'
import { twoFactor } from 'better-auth/plugins/two-factor'
import { PostgresJSDialect } from 'kysely-postgres-js'
import { keptReset } from './account.ts'
import { changesEmail } from './better-auth-answers.ts'
import { tokensFrom } from './better-auth-tokens-client.ts'
import type { Config } from './config.ts'
import { linkSeconds, type MailKind } from './mail.ts'
import { hashPassword, verifyPassword } from './password.ts'

const CLIENT_ADDRESS = 'x-client-address'

export type MailRequest = (mail: {
  userId: string
  kind: MailKind
  secret: string | null
  to?: string
}) => Promise<void>

export interface AuthRequest {
  readonly method: string
  /** Path and query, below `/auth`. */
  readonly url: string
  readonly body?: unknown
  readonly clientAddress: string
  readonly authorization?: string | undefined
  readonly userAgent?: string | undefined
  /** Names a sign-in that waits for its second factor; `pendingIn` has it. */
  readonly pending?: string | undefined
}

export type Auth = ReturnType<typeof createAuth>

/** better-auth on this service's database: accounts, sessions, tokens. Links to be mailed go to `requestMail`. */
export function createAuth(service: Service<Config>, requestMail: MailRequest) {
  const { config } = service
  const failedMails = new WeakMap<Request, unknown>()
  // better-auth swallows what these throw and answers 200; `handle` gives it back.
  const toldBy = (request: Request | undefined) => (error: unknown) => {
    if (request) failedMails.set(request, error)
  }
  const auth = betterAuth({
    ...surroundings(service),
    emailAndPassword: {
      ...passwords,
      autoSignIn: config.SIGN_UP_SIGNS_IN === 'on',
      onExistingUserSignUp: ({ user }) => requestMail({ userId: user.id, kind: 'account_exists', secret: null }),
      sendResetPassword: ({ user, token }, request) =>
        requestMail({ userId: user.id, kind: 'reset_password', secret: token }).catch(toldBy(request)),
    },
    emailVerification: {
      expiresIn: linkSeconds.verify_email,
      sendVerificationEmail: ({ user, token }, request) =>
        changesEmail(token)
          ? requestMail({ userId: user.id, kind: 'change_email', secret: token, to: user.email }).catch(toldBy(request))
          : requestMail({ userId: user.id, kind: 'verify_email', secret: null }),
    },
    user: {
      changeEmail: { enabled: true },
      additionalFields: { language: { type: 'string', required: false, defaultValue: 'en' } },
    },
    // A new address is taken over by the link that was mailed there: that proves it.
    databaseHooks: {
      user: { update: { before: async (user) => ({ data: user.email ? { ...user, emailVerified: true } : user }) } },
    },
    plugins: [bearer(), admin({ defaultRole: 'customer' }), twoFactor({ issuer: 'AI Mart' }), jwt(tokensFrom(service))],
  })

  return {
    api: auth.api,
    options: auth.options,

    /** The session of this `Authorization` header and whose it is; null when it is none. */
    sessionOf: (authorization: string) => auth.api.getSession({ headers: new Headers({ authorization }) }),

    /** Hands a request on, with these of the caller's headers: no cookie, so nothing to forge across sites. */
    async handle({
      method,
      url,
      body,
      clientAddress,
      authorization,
      userAgent,
      pending,
    }: AuthRequest): Promise<Response> {
      const headers = new Headers({ [CLIENT_ADDRESS]: clientAddress })
      if (authorization) headers.set('authorization', authorization)
      if (userAgent) headers.set('user-agent', userAgent)
      // The one cookie that better-auth insists on: its value is passed on in bodies.
      if (pending) {
        headers.set('cookie', `${(await auth.$context).createAuthCookie('two_factor').name}=${pending}`)
        headers.set('origin', originOf(config)) // asked for beside a cookie; this one came in a body
      }
      if (body !== undefined) headers.set('content-type', 'application/json')
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const request = new Request(originOf(config) + url, { method, headers, ...sent })
      const response = await auth.handler(request)
      if (failedMails.has(request)) throw failedMails.get(request)
      return response
    },

    /** Throws ConfigError when AUTH_SECRET does not open the key that signs tokens. */
    async checkSigningKey(): Promise<void> {
      await auth.api.signJWT({ body: { payload: {} } }).catch((error: Error) => {
        if (error.name !== 'BetterAuthError') throw error
        throw new ConfigError('Bad configuration:\n  AUTH_SECRET: is not the one that the signing keys were kept under')
      })
    },
  }
}

const originOf = ({ USER_URL }: Config) => new URL(USER_URL).origin

const surroundings = ({ config, db, logger }: Service<Config>) =>
  ({
    baseURL: originOf(config),
    basePath: '/auth',
    secret: config.AUTH_SECRET,
    telemetry: { enabled: false },
    database: { dialect: new PostgresJSDialect({ postgres: db }), type: 'postgres', transaction: true },
    verification: {
      storeIdentifier: { default: 'hashed', overrides: { 'reset-password:': { hash: async (one) => keptReset(one) } } },
    },
    rateLimit: config.MART_RATE_LIMITS === 'off' ? { enabled: false } : rateLimits,
    advanced: { database: { generateId: () => newId() }, ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS] } },
    // Its messages below `error` name e-mail addresses.
    logger: { level: 'error', log: (_, message, ...details) => logger.error(faultOf(details), message) },
    onAPIError: { throw: true },
  }) satisfies BetterAuthOptions

const passwords = {
  enabled: true,
  minPasswordLength: 8,
  maxPasswordLength: 128,
  password: { hash: hashPassword, verify: verifyPassword },
  resetPasswordTokenExpiresIn: linkSeconds.reset_password,
  revokeSessionsOnPasswordReset: true,
}

const rateLimits = {
  enabled: true,
  // One count for all replicas.
  storage: 'database' as const,
  window: 60,
  max: 300,
  customRules: {
    // Asked for all the time, by a session: the count of every door is enough.
    '/token': false as const,
    '/get-session': false as const,
    // Wrong passwords are slowed down by account and address: many people may sign in behind one proxy.
    '/sign-in/email': { window: 60, max: 300 },
    '/sign-up/email': { window: 60, max: 20 },
    '/change-password': { window: 60, max: 10 },
    '/reset-password': { window: 60, max: 10 },
    '/request-password-reset': { window: 60, max: 5 },
    '/send-verification-email': { window: 60, max: 5 },
    '/change-email': { window: 60, max: 5 },
  },
}

/** What may be logged of an error: the database's details repeat the row, an e-mail address for one. */
function faultOf(details: readonly unknown[]) {
  const error = details.find((detail) => detail instanceof Error)
  if (!error) return {}
  const { name, stack, code, constraint_name } = error as Error & { code?: string; constraint_name?: string }
  return { err: { type: name, stack, code, constraint_name } }
}
