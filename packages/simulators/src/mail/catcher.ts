import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { SMTPServer } from 'smtp-server'
import { type Listening, listenAt, type Place } from '../kit/listening.ts'
import { guardFromStrangers } from '../kit/stranger-guard.ts'
import { type CaughtMail, matches, readMail, snippet } from './caught-mail.ts'
import { listPage, mailPage, pagePolicy } from './page.ts'

const KEPT = 1_000
const LARGEST_BYTES = 10_000_000

export interface MailCatcher extends Listening {
  readonly url: string
  readonly smtpUrl: string
}

/**
 * Takes every mail sent to it and delivers none: SMTP, Mailpit's API and a page, all for this machine alone, since the
 * mails hold what signs people in. The newest thousand are kept, in memory. Rejects when a port is taken.
 */
export async function startMailCatcher(places: { readonly smtp: Place; readonly http: Place }): Promise<MailCatcher> {
  const mails: CaughtMail[] = []
  const smtp = smtpServer((mail) => {
    mails.unshift(mail)
    mails.length = Math.min(mails.length, KEPT)
  })
  await listenAt(smtp.server, places.smtp)
  const app = Fastify()
  guardFromStrangers(app, {})
  addApi(app, mails)
  addPages(app, mails)
  await app.ready()
  await listenAt(app.server, places.http)
  const addressOf = (server: Listening['servers'][number]) => `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${addressOf(app.server)}`,
    smtpUrl: `smtp://${addressOf(smtp.server)}`,
    servers: [smtp.server, app.server],
    async stop() {
      app.server.closeAllConnections()
      await app.close()
      await new Promise<void>((resolve) => smtp.close(resolve))
    },
  }
}

function smtpServer(keep: (mail: CaughtMail) => void): SMTPServer {
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    size: LARGEST_BYTES,
    closeTimeout: 500,
    onData(stream, session, done) {
      readMail(stream, session.envelope.rcptTo).then(
        (mail) => {
          if (!stream.sizeExceeded) keep(mail)
          done(stream.sizeExceeded ? tooLarge() : null)
        },
        (error: Error) => done(error),
      )
    },
  })
  // A sender that hangs up in the middle is his own trouble: he gets no yes.
  smtp.on('error', () => undefined)
  return smtp
}

const tooLarge = () => Object.assign(new Error('The mail is too large'), { responseCode: 552 })

interface Page {
  readonly start?: string
  readonly limit?: string
  readonly query?: string
}

function addApi(app: FastifyInstance, mails: CaughtMail[]): void {
  const answer = ({ start, limit }: Page, found: readonly CaughtMail[]) => {
    const from = Math.max(0, Number(start) || 0)
    const messages = found.slice(from, from + Math.min(KEPT, Math.max(0, Number(limit ?? 50) || 0)))
    return {
      total: mails.length,
      unread: mails.length,
      count: messages.length,
      messages_count: found.length,
      messages_unread: found.length,
      start: from,
      tags: [],
      messages: messages.map(({ Text, HTML: _html, Date: _date, Attachments, ...summary }) => ({
        ...summary,
        Attachments: Attachments.length,
        Snippet: snippet(Text, 250),
      })),
    }
  }
  app.get<{ Querystring: Page }>('/api/v1/messages', ({ query }) => answer(query, mails))
  app.get<{ Querystring: Page }>('/api/v1/search', ({ query }) =>
    answer(
      query,
      mails.filter((mail) => matches(mail, query.query ?? '')),
    ),
  )
  app.get<{ Params: { id: string } }>('/api/v1/message/:id', ({ params }, reply) => {
    const mail = params.id === 'latest' ? mails[0] : mails.find(({ ID }) => ID === params.id)
    return mail ?? reply.code(404).send({ Error: 'message not found' })
  })
  app.delete<{ Body: { IDs?: string[] } | undefined }>('/api/v1/messages', ({ body }, reply) => {
    const gone = body?.IDs?.length ? new Set(body.IDs) : undefined
    mails.splice(0, mails.length, ...(gone ? mails.filter(({ ID }) => !gone.has(ID)) : []))
    return reply.type('text/plain').send('ok')
  })
  app.get('/health/live', () => ({ status: 'ok' }))
}

function addPages(app: FastifyInstance, mails: readonly CaughtMail[]): void {
  app.get<{ Querystring: { query?: string } }>('/', ({ query: { query = '' } }, reply) => {
    const found = mails.filter((mail) => matches(mail, query))
    return reply.type('text/html').header('content-security-policy', pagePolicy).send(listPage(found, query))
  })
  app.get<{ Params: { id: string } }>('/view/:id', ({ params }, reply) => {
    const mail = mails.find(({ ID }) => ID === params.id)
    if (!mail) return reply.redirect('/')
    return reply.type('text/html').header('content-security-policy', pagePolicy).send(mailPage(mail))
  })
}
