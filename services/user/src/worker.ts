import type { MailToSend } from '@mart/service-kit/mail-client'
import { type MailOutcome, type MailTimes, mailWork } from '@mart/service-kit/mail-work'
import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Work } from '@mart/service-kit/workers'
import { createEmailVerificationToken } from 'better-auth/api'
import type { Config } from './config.ts'
import { renewingKeys } from './keys-worker.ts'
import { hasLink, linkOf, linkSeconds, mailText } from './mail.ts'
import { claimMails, recordMailResults } from './use-cases/deliver-mails.ts'
import { forgetWhatExpired } from './use-cases/forget-expired.ts'

const RETRY_BASE_MS = 2_000

type DueMail = Awaited<ReturnType<typeof claimMails>>['mails'][number]

export function works(service: Service<Config>, times?: MailTimes): Work[] {
  const { db, config, logger } = service
  // The server's own words are not kept or logged: they would repeat the address.
  const resultOf = (outcome: MailOutcome<DueMail>) => {
    const { mail, was } = outcome
    if (was !== 'failed') return { mail, was, error: null, retryInMs: null }
    const { code: error, isPermanent } = outcome.failure
    return { mail, was, error, retryInMs: isPermanent ? null : outcome.retryInMs }
  }
  const sendMails = mailWork<DueMail>(
    service,
    {
      retryBaseMs: RETRY_BASE_MS,
      async take(tx, limits) {
        const { lost, ...taken } = await claimMails(tx, limits)
        for (const mail of lost) logger.error(mail, 'a mail was given up: its link has expired')
        return taken
      },
      write: (mail) => mailOf(mail, config),
      settle: (tx, outcomes) => recordMailResults(tx, outcomes.map(resultOf)),
    },
    times,
  )
  return [
    sendMails,
    { name: 'forget-expired', everyMs: 5 * 60_000, run: () => inTransaction(db, forgetWhatExpired) },
    renewingKeys(service),
  ]
}

async function mailOf(
  { id, user_id, kind, secret, email, name, language, is_proven }: DueMail,
  config: Config,
): Promise<MailToSend> {
  const to = { to: { name: '', address: email }, messageId: `<${id}@ai-mart>` }
  const greeted = is_proven ? name : null
  if (!hasLink(kind)) return { ...to, ...mailText(kind, { name: greeted, link: null, language }) }
  const token =
    secret ??
    (await createEmailVerificationToken(config.AUTH_SECRET, email, undefined, linkSeconds.verify_email, {
      userId: user_id,
    }))
  return { ...to, ...mailText(kind, { name: greeted, link: linkOf(kind, { token, language }, config), language }) }
}
