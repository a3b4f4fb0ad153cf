import type { FastifyRequest } from '@mart/service-kit/http-server'
import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Auth } from '../better-auth-client.ts'
import type { Config } from '../config.ts'
import { whoTries } from '../password-try.ts'
import { forgetTriesOf, startTry } from '../use-cases/try-password.ts'
import type { AuthRoute } from './auth-routes.ts'

export interface AuthAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Who tries a password here, if this route asks for one: from a session of the account itself he counts apart. */
export async function whoGuesses(
  { guesses }: AuthRoute,
  request: FastifyRequest,
  auth: Auth,
  { AUTH_SECRET }: Config,
): Promise<string | null> {
  if (!guesses) return null
  const { authorization } = request.headers
  const session = authorization ? await auth.sessionOf(authorization) : null
  if (guesses === 'own') return session && whoTries(AUTH_SECRET, `own ${session.user.id}`, session.session.id)
  const email = (request.body as { email: string }).email
  const isKnown = session?.user.email === email.trim().toLowerCase()
  return whoTries(AUTH_SECRET, email, isKnown ? session.session.id : request.ip)
}

/** A wrong password counts; a right one, or a fault of ours, makes up for it. */
export async function withTries(
  { db }: Pick<Service<Config>, 'db'>,
  who: string | null,
  work: () => Promise<AuthAnswer>,
): Promise<AuthAnswer> {
  if (who === null) return await work()
  await inTransaction(db, (tx) => startTry(tx, who))
  const answer = await work()
  if (answer.status < 400) await inTransaction(db, (tx) => forgetTriesOf(tx, who))
  return answer
}
