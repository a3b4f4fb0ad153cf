import nodemailer, { type NodemailerError } from 'nodemailer'

const CONNECTIONS = 4
const SILENCE_MS = 30_000
// Closed by us before servers close it, which would cost the mail that is handed over just then its turn.
const IDLE_TIMEOUT_MS = 2_000

export interface MailToSend {
  /** The same at every try, so that a mailbox can tell a repeat. */
  readonly messageId: string
  readonly to: { readonly name: string; readonly address: string }
  readonly subject: string
  readonly text: string
  readonly html: string
}

export interface MailFailure {
  /** The same mail would be refused again. */
  readonly isPermanent: boolean
  /** A word without personal data. */
  readonly code: string
  /** What the server said: it may repeat the address. */
  readonly text: string
}

export interface MailClient {
  /** Null once the server has taken the mail, else why it has not, or may not have. Over, its connection too, at `deadline`. */
  readonly send: (mail: MailToSend, deadline: AbortSignal) => Promise<MailFailure | null>
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
    dnsTimeout: 10_000,
    socketTimeout: SILENCE_MS,
    // What lies in the socket at the deadline must not reach a slow server after it.
    socketCloseTimeout: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ to, ...mail }, deadline) {
      if (!isAddress(to.address))
        return { isPermanent: true, code: 'no_valid_address', text: 'This is no mail address.' }
      try {
        await transport.sendMail({
          ...mail,
          from,
          to,
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
function failureOf({ permanent, responseCode, command, message, code }: NodemailerError): MailFailure {
  return {
    isPermanent: permanent === true && (command === 'RCPT TO' || command === 'DATA'),
    code: responseCode ? `refused_${responseCode}` : (code ?? 'unknown'),
    text: message,
  }
}
