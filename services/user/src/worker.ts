import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Work } from '@mart/service-kit/workers'
import { createEmailVerificationToken } from 'better-auth/api'
import type { Config } from './config.ts'
import { linkOf, linkSeconds, mailText } from './mail.ts'
import { createMailer, mailFault } from './mail-client.ts'
import { settleMail, takeMails } from './use-cases/deliver-mails.ts'
import { forgetWhatExpired } from './use-cases/forget-expired.ts'

const MAILS_AT_ONCE = 5

type DueMail = Awaited<ReturnType<typeof takeMails>>['due'][number]

export function works(service: Service<Config>): Work[] {
  const { db, config, logger } = service
  const mailer = createMailer({ url: config.SMTP_URL, from: config.MAIL_FROM })

  const deliver = async (mail: DueMail) => {
    const outcome = await mailer(await mailOf(mail, config)).then(
      () => ({ sent: true as const }),
      (error: unknown) => ({ sent: false as const, error: mailFault(error) }),
    )
    if (!outcome.sent) logger.warn({ id: mail.id, kind: mail.kind, error: outcome.error }, 'a mail was not taken')
    await inTransaction(db, (tx) => settleMail(tx, mail, outcome))
  }
  return [
    {
      name: 'account-mails',
      everyMs: 500,
      async run() {
        const { due, lost } = await inTransaction(db, (tx) => takeMails(tx, MAILS_AT_ONCE))
        for (const mail of lost) logger.error(mail, 'a mail was given up: its link has expired')
        await Promise.all(due.map(deliver))
        return due.length === MAILS_AT_ONCE
      },
    },
    { name: 'forget-expired', everyMs: 60 * 60_000, run: () => inTransaction(db, forgetWhatExpired) },
  ]
}

async function mailOf({ id, user_id, kind, secret, email, name }: DueMail, { AUTH_SECRET, USER_URL }: Config) {
  const token =
    secret ??
    (await createEmailVerificationToken(AUTH_SECRET, email, undefined, linkSeconds.verify_email, { userId: user_id }))
  const text = mailText(kind, { name, link: linkOf(kind, token, USER_URL) })
  return { to: email, messageId: `<${id}@ai-mart>`, ...text }
}
