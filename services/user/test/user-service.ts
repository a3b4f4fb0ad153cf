import assert from 'node:assert/strict'
import { tokenVerifier } from '@mart/service-kit/auth'
import { newId } from '@mart/service-kit/ids'
import { type Answer, startTestService } from '@mart/service-kit/testing'
import { user } from '../src/main.ts'
import { linkIn, type MailServer, startMailServer } from './mail-server.ts'

export const password = 'correct horse battery'
export const admin = { email: 'admin@mart.test', password: 'the first admin' }

export const freshEmail = () => `${newId()}@example.com`

/** The user service with a mail server of its own, and what a client of it does. */
export async function startUserService(settings: Record<string, string> = {}, definition = user) {
  const mails: MailServer = await startMailServer()
  const mart = await startTestService(definition, {
    AUTH_SECRET: 'sixteen-and-sixteen-more-characters',
    SMTP_URL: mails.url,
    MART_ADMIN_EMAIL: admin.email,
    MART_ADMIN_PASSWORD: admin.password,
    ...settings,
  })
  const { http, service } = mart
  const verify = tokenVerifier(`${service.url}/.well-known/jwks.json`)

  const signUp = async (more: Record<string, unknown> = {}) => {
    const body = { email: freshEmail(), password, name: 'Ayesha Khan', ...more }
    const answer = await http('POST', '/auth/sign-up/email', { body })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return { id: answer.body.user.id as string, email: body.email, session: answer.body.token as string }
  }
  /** Opens the link in the first mail to this address. */
  const prove = async (email: string) => {
    const [mail] = await mails.mailsTo(email)
    const { pathname, search } = linkIn(mail!.text)
    await fetch(service.url + pathname + search, { redirect: 'manual' })
  }
  const signUpProven = async (more: Record<string, unknown> = {}) => {
    const person = await signUp(more)
    await service.db`update "user" set "emailVerified" = true where id = ${person.id}`
    return person
  }
  const signIn = (email: string, word = password): Promise<Answer> =>
    http('POST', '/auth/sign-in/email', { body: { email, password: word } })
  const withSession = (session: string) => ({ headers: { authorization: `Bearer ${session}` } })
  const personOf = async (session: string) => {
    const answer = await http('GET', '/auth/token', withSession(session))
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return await verify(answer.body.token)
  }
  const findAdmin = async (): Promise<{ id: string; role: 'admin' }> => {
    const [row] = await service.db<{ id: string }[]>`select id from "user" where email = ${admin.email}`
    return { id: row!.id, role: 'admin' }
  }
  return {
    ...mart,
    mails,
    signUp,
    prove,
    signUpProven,
    signIn,
    withSession,
    personOf,
    findAdmin,
    async stop() {
      await mart.stop()
      await mails.stop()
    },
  }
}

export type UserService = Awaited<ReturnType<typeof startUserService>>
