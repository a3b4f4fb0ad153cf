import { Refusal } from '@mart/service-kit/errors'
import type { FastifyRequest } from '@mart/service-kit/http-server'
import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import { pendingIn } from '../better-auth-answers.ts'
import type { Auth } from '../better-auth-client.ts'
import type { Config } from '../config.ts'
import { hashPassword } from '../password.ts'
import { whoTries } from '../password-try.ts'
import { mayAskWhoExists, tellAccountExists } from '../use-cases/tell-account-exists.ts'
import { type AuthAnswer, withTries } from './guesses.ts'

interface Asked {
  readonly auth: Auth
  readonly service: Pick<Service<Config>, 'db' | 'config'>
  readonly request: FastifyRequest
}

/**
 * Where the answer tells that an address has an account, it takes as long, is rationed, and the owner hears of it. Whoever knows its
 * password is the owner, who has pressed the button twice: he is answered as the first time.
 */
export async function signedUp(asked: Asked, work: () => Promise<AuthAnswer>): Promise<AuthAnswer> {
  const { db, config } = asked.service
  const { email } = asked.request.body as SignUp
  const who = whoTries(config.AUTH_SECRET, 'sign-up', asked.request.ip)
  await inTransaction(db, (tx) => mayAskWhoExists(tx, who))
  const first = await work()
  // The other one of two at once has the address by now.
  const isRaced = first.status === 422 && first.text.includes('FAILED_TO_CREATE_USER')
  const answer = isRaced ? await work() : first
  if (answer.status !== 422) return answer
  const own = await signedIn(asked)
  if (own) return own
  await inTransaction(db, (tx) => tellAccountExists(tx, who, email))
  return answer
}

interface SignUp {
  readonly email: string
  readonly password: string
  readonly rememberMe?: boolean
}

/** A session of the account, if this is its password and all that it takes; a guess like each other one. */
async function signedIn({ auth, service, request }: Asked): Promise<AuthAnswer | null> {
  const { email, password, rememberMe } = request.body as SignUp
  const who = whoTries(service.config.AUTH_SECRET, email, request.ip)
  const answer = await withTries(service, who, async () => {
    const opened = await auth.handle({
      method: 'POST',
      url: '/auth/sign-in/email',
      body: { email, password, ...(rememberMe !== undefined && { rememberMe }) },
      clientAddress: request.ip,
      userAgent: request.headers['user-agent'],
    })
    return { status: opened.status, headers: opened.headers, text: await opened.text() }
  }).catch(async (error: unknown) => {
    if (!(error instanceof Refusal && error.status === 429)) throw error
    await hashPassword(password)
    return null
  })
  return answer?.status === 200 && !pendingIn(answer.headers) ? answer : null
}
