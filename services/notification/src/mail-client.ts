import nodemailer, { type NodemailerError } from 'nodemailer'
import type { Failure } from './message.ts'
import type { Mail } from './templates/letter.ts'

const CONNECTIONS = 4
const SILENCE_MS = 30_000
// Closed by us before servers close it, which would cost the mail that is handed over just then its turn.
const IDLE_TIMEOUT_MS = 2_000

interface MailToSend extends Mail {
  readonly messageId: string
  readonly recipient: string
  readonly recipientName: string | null
}

export interface MailClient {
  /** Null once the server has taken the mail, else why it has not, or may not have. */
  readonly send: (mail: MailToSend, deadline: AbortSignal) => Promise<Failure | null>
}

/** Sends through the server at `url` (smtp: or smtps:), over at most four connections at once. */
export function mailClient({ url, from }: { url: string; from: string }): MailClient {
  const transport = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: Number.POSITIVE_INFINITY,
    // The pool would send a mail again by itself when its connection is lost: trying again is our worker's.
    maxRequeues: 0,
    idleTimeout: IDLE_TIMEOUT_MS,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ messageId, recipient, recipientName, subject, text, html }, deadline) {
      if (!isAddress(recipient))
        return { isPermanent: true, code: 'no_valid_address', text: 'This is no mail address.' }
      try {
        await transport.sendMail({
          from,
          to: { name: recipientName ?? '', address: recipient },
          subject,
          text,
          html,
          messageId,
          headers: { 'auto-submitted': 'auto-generated' },
          signal: deadline,
        })
        return null
      } catch (error) {
        return failureOf(error as NodemailerError)
      }
    },
  }
}

const isAddress = (text: string): boolean => /^[^\s<>()[\]\\,;:"@]+@[^\s<>()[\]\\,;:"@]+$/.test(text)

/** Only a 5xx about this recipient or this mail is final: one about our name, password or sender is for us to mend. */
function failureOf(error: NodemailerError): Failure {
  const { permanent, responseCode, command, message, code } = error
  const isPermanent = permanent === true && (command === 'RCPT TO' || command === 'DATA')
  return {
    isPermanent,
    code: isPermanent ? `refused_${responseCode}` : (code ?? 'unknown'),
    text: message,
  }
}
