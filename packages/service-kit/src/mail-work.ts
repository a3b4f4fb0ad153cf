import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { defineInstrument, record } from './instruments.ts'
import { type MailFailure, type MailToSend, mailClient } from './mail-client.ts'
import { takeInTurn } from './mail-pace.ts'
import { inTransaction, isPassingFault, type Transaction } from './postgres.ts'
import type { Service } from './start-service.ts'
import { failSpan, inSpan, msSince, SpanKind, withTraces } from './tracing.ts'
import type { Work } from './workers.ts'

// What a crash between the server's yes and our commit may repeat at most.
const MAILS_AT_ONCE = 50
const LANES = 8
const steps = [1, 4, 20, 120, 720]

/** What a service that sends mails records. */
export const mailsHandedOver = defineInstrument({
  name: 'mails_total',
  help: 'Mails handed to the mail server: sent; refused for good; failed, which is tried again for a day',
  labels: ['outcome'],
  zeros: [{ outcome: 'sent' }, { outcome: 'refused' }, { outcome: 'failed' }],
})

/** Settings of a service that sends mails. */
export const mailSettings = {
  /** The mail catcher when not set, which production does not have. */
  SMTP_URL: Type.Optional(Type.String({ pattern: '^smtps?://', 'x-must': 'must begin with smtp:// or smtps://' })),
  MAIL_FROM: Type.String({ minLength: 3, maxLength: 300, default: 'AI Mart <shop@mart.local>' }),
  /** Mail servers refuse floods, and a mail costs as much as an order: what sells goes first. */
  MAILS_PER_SECOND: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
}

/** In production nobody may read mails but who they are for: no catcher there. */
export const mailProblems = ({ NODE_ENV, SMTP_URL }: { NODE_ENV?: string; SMTP_URL?: string }): string[] =>
  NODE_ENV === 'production' && !SMTP_URL
    ? ['SMTP_URL: is not set: production needs a mail server of its own, smtps://user:password@host:465 for example']
    : []

export interface MailTimes {
  /** After the taking: no mail is begun later, and none is under way later than that. */
  readonly beginWithinMs: number
  readonly endWithinMs: number
  /** For as long nobody else takes what was taken: well past the end of the last mail. */
  readonly leaseMs: number
}

const usualTimes: MailTimes = { beginWithinMs: 60_000, endWithinMs: 90_000, leaseMs: 120_000 }

/** How it went with a mail that was taken; `not_begun` is to be taken again at once. */
export type MailOutcome<Mail> =
  | { readonly mail: Mail; readonly was: 'sent' | 'not_begun' }
  | { readonly mail: Mail; readonly was: 'failed'; readonly failure: MailFailure; readonly retryInMs: number }

/** What a mail of a queue has at least. */
export interface QueuedMail {
  readonly id: string
  readonly kind: string
  readonly attempts: number
  readonly order_id?: string | null
  /** Of what caused it. */
  readonly traceparent?: string | null
}

export interface MailQueue<Mail> {
  /** Takes mails whose turn it is; nobody else takes them within `leaseMs`. `mayBeMore`: there may be others due. */
  readonly take: (
    tx: Transaction,
    limits: { atMost: number; leaseMs: number },
  ) => Promise<{ mails: readonly Mail[]; mayBeMore: boolean }>
  /** How it reads. What it throws is a failure to send it. */
  readonly write: (mail: Mail) => MailToSend | MailFailure | Promise<MailToSend | MailFailure>
  readonly settle: (tx: Transaction, outcomes: readonly MailOutcome<Mail>[]) => Promise<unknown>
  /** A first try that fails is repeated after this, the next after 4, 20, 120 and 720 times as long. */
  readonly retryBaseMs: number
  /** Whether to pause between two batches. */
  readonly isBusy?: () => Promise<boolean>
}

type Sender = Pick<
  Service<{ SMTP_URL?: string; MAIL_FROM: string; MAILS_PER_SECOND: number }>,
  'db' | 'config' | 'logger' | 'tracer'
>

/**
 * Sends the mails of a queue, evenly and no faster than MAILS_PER_SECOND, at all replicas together. A mail is begun only while the lease on it
 * lasts and ends before it does, so nobody sends it beside us. One is repeated, under the same Message-ID, only when the
 * server has not said yes after the last byte: it died, was cut off by the deadline, or we died before our commit.
 */
export function mailWork<Mail extends QueuedMail>(
  { db, config, logger, tracer }: Sender,
  queue: MailQueue<Mail>,
  times = usualTimes,
): Work {
  const client = mailClient({ url: config.SMTP_URL ?? 'smtp://127.0.0.1:1025', from: config.MAIL_FROM })
  const pauseMs = (LANES * 1_000) / config.MAILS_PER_SECOND

  const traces = new Map<string, string>()

  const send = (mail: Mail, deadline: AbortSignal): Promise<MailOutcome<Mail>> => {
    const { id, kind, order_id, attempts } = mail
    const ids = order_id ? { order_id } : {}
    const attributes = { 'mart.message_id': id, ...(order_id && { 'order.id': order_id }) }
    const wanted = {
      name: `mail ${kind}`,
      kind: SpanKind.CLIENT,
      parent: mail.traceparent ?? undefined,
      ids,
      attributes,
    }
    return inSpan(tracer, wanted, async (span) => {
      traces.set(id, span.traceparent)
      const outcome = await sendMail(mail, deadline)
      const about = { message_id: id, attempt: attempts + 1, ms: msSince(span) }
      if (outcome.was !== 'failed') logger.info(about, `mailed ${kind}`)
      else {
        // The server's own words would repeat the address.
        const { failure, retryInMs } = outcome
        const retry = failure.isPermanent ? {} : { retry_in_ms: retryInMs }
        logger.warn({ ...about, reason: failure.code, ...retry }, `mail ${kind} was not taken`)
        failSpan(span, failure.code)
      }
      return outcome
    })
  }

  const sendMail = async (mail: Mail, deadline: AbortSignal): Promise<MailOutcome<Mail>> => {
    const failure = await Promise.resolve(mail)
      .then(queue.write)
      .then((written) => ('code' in written ? written : client.send(written, deadline)))
      .catch((error: Error): MailFailure => ({ isPermanent: false, code: 'unwritable', text: error.message }))
    const step = steps[Math.min(mail.attempts, steps.length - 1)] ?? 1
    return failure ? { mail, was: 'failed', failure, retryInMs: step * queue.retryBaseMs } : { mail, was: 'sent' }
  }

  /** What the server took must not be sent again because our database was away for a moment. */
  const settle = async (outcomes: readonly MailOutcome<Mail>[], until: number, signal: AbortSignal) => {
    for (;;) {
      try {
        return await withTraces(traces, () => inTransaction(db, (tx) => queue.settle(tx, outcomes)))
      } catch (error) {
        if (!isPassingFault(error) || performance.now() > until || signal.aborted) throw error
        await sleep(500)
      }
    }
  }

  const take = (tx: Transaction) => queue.take(tx, { atMost: MAILS_AT_ONCE, leaseMs: times.leaseMs })

  return {
    name: 'send mails',
    everyMs: 500,
    async run(signal) {
      const takenAt = performance.now()
      const deadline = AbortSignal.timeout(times.endWithinMs)
      const { mails, mayBeMore, aheadMs } = await inTransaction(db, (tx) =>
        takeInTurn(tx, config.MAILS_PER_SECOND, take),
      )
      if (mails.length > 0) await sleep(aheadMs, undefined, { signal }).catch(() => undefined)
      const waiting = [...mails]
      const outcomes: MailOutcome<Mail>[] = []
      const sendOneByOne = async () => {
        while (!signal.aborted && performance.now() - takenAt < times.beginWithinMs) {
          const mail = waiting.shift()
          if (!mail) return
          const paced = sleep(pauseMs, undefined, { signal }).catch(() => undefined)
          outcomes.push(await send(mail, deadline))
          await paced
        }
      }
      await Promise.all(Array.from({ length: LANES }, sendOneByOne))
      const notBegun = waiting.map((mail) => ({ mail, was: 'not_begun' as const }))
      const all = [...outcomes, ...notBegun]
      if (all.length > 0) await settle(all, takenAt + times.leaseMs, signal)
      record(
        db,
        mailsHandedOver,
        outcomes.map((one) => ({ outcome: one.was === 'failed' && one.failure.isPermanent ? 'refused' : one.was })),
      )
      traces.clear()
      const serverTakesThem = mails.length === 0 || outcomes.some(({ was }) => was === 'sent')
      return mayBeMore && serverTakesThem && !(await queue.isBusy?.())
    },
  }
}
