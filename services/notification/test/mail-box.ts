import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail extends ParsedMail {
  readonly envelopeTo: string[]
}

export interface MailBox {
  readonly url: string
  readonly port: number
  readonly mails: ReceivedMail[]
  readonly to: (address: string) => ReceivedMail[]
  /** Answers the recipients, the sender or the data of a mail with an error instead of a yes. */
  refuse: (step: 'sender' | 'recipient' | 'data', address: string) => Error | null
  readonly stop: () => Promise<void>
}

export const smtpError = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode })

/** A mail server that keeps what it takes. A port of 0 takes a free one. */
export async function startMailBox(port = 0): Promise<MailBox> {
  const mails: ReceivedMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onMailFrom: ({ address }, _, done) => done(box.refuse('sender', address)),
    onRcptTo: ({ address }, _, done) => done(box.refuse('recipient', address)),
    onData(stream, { envelope }, done) {
      buffer(stream)
        .then(async (source) => {
          const envelopeTo = envelope.rcptTo.map(({ address }) => address)
          const refusal = box.refuse('data', envelopeTo[0] ?? '')
          if (!refusal) mails.push({ ...(await simpleParser(source)), envelopeTo })
          done(refusal)
        })
        .catch(done)
    },
  })
  server.on('error', () => undefined)
  server.listen(port, '127.0.0.1')
  await once(server.server, 'listening')
  const listening = (server.server.address() as AddressInfo).port
  const box: MailBox = {
    url: `smtp://127.0.0.1:${listening}`,
    port: listening,
    mails,
    to: (address) => mails.filter((mail) => mail.envelopeTo.includes(address)),
    refuse: () => null,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return box
}
