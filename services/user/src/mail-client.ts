import { createTransport } from 'nodemailer'
import type { MailText } from './mail.ts'

export interface AccountMail extends MailText {
  readonly to: string
  /** The same at every try, so that a mailbox can tell a repeat. */
  readonly messageId: string
}

/** Sends mails through the SMTP server at `url`. The returned function throws when the server did not take one. */
export function createMailer({ url, from }: { url: string; from: string }): (mail: AccountMail) => Promise<void> {
  const transport = createTransport({
    url,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 15_000,
    dnsTimeout: 5_000,
  })
  return async (mail) => {
    await transport.sendMail({ from, ...mail })
  }
}

/** What to note about a failed sending: the server's own words would repeat the address. */
export function mailFault(error: unknown): string {
  const { responseCode, code } = error as { responseCode?: number; code?: string }
  return String(responseCode ?? code ?? 'unknown')
}
