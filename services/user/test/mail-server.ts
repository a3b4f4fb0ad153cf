import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { eventually } from '@mart/service-kit/testing'
import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface CaughtMail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly messageId: string
  /** All of them, as they were sent. */
  readonly headers: string
}

export interface MailServer {
  readonly url: string
  /** Refuses the next mail to this address. */
  readonly refuse: (email: string) => void
  /** The mails to this address so far, once there are `count`. */
  readonly mailsTo: (email: string, count?: number) => Promise<CaughtMail[]>
  readonly stop: () => Promise<void>
}

/** The link that a mail is about. */
export const linkIn = (text: string): URL => new URL(/http:\S+/.exec(text)![0])

export async function startMailServer(): Promise<MailServer> {
  const caught: CaughtMail[] = []
  const refused = new Set<string>()
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 200,
    onData(stream, session, done) {
      simpleParser(stream).then((mail) => {
        const to = session.envelope.rcptTo[0]!.address
        if (refused.delete(to)) return done(Object.assign(new Error('later, please'), { responseCode: 451 }))
        caught.push({
          to,
          subject: mail.subject ?? '',
          text: mail.text ?? '',
          html: String(mail.html),
          messageId: mail.messageId ?? '',
          headers: mail.headerLines.map(({ line }) => line).join('\n'),
        })
        return done()
      }, done)
    },
  })
  smtp.listen(0, '127.0.0.1')
  await once(smtp.server, 'listening')
  const mailsOf = (email: string) => caught.filter((mail) => mail.to === email)
  return {
    url: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
    refuse: (email) => refused.add(email),
    async mailsTo(email, count = 1) {
      await eventually(async () => mailsOf(email).length >= count, `${count} mails to ${email}`)
      return mailsOf(email)
    },
    stop: () => new Promise((resolve) => smtp.close(resolve)),
  }
}
