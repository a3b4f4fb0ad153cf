import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, inTransaction, isPassingFault } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Work } from '@mart/service-kit/workers'
import type { Config } from './config.ts'
import { hears } from './events.ts'
import { type MailClient, mailClient } from './mail-client.ts'
import { type DueMessage, type Failure, failed, messageIdOf, type Outcome, putBack, sent } from './message.ts'
import { render } from './templates/render.ts'
import { blankLateMessages } from './use-cases/erase-person.ts'
import { settleMessages } from './use-cases/settle-messages.ts'
import { takeMessages } from './use-cases/take-messages.ts'

// What a crash between the server's yes and our commit may repeat at most.
const MAILS_AT_ONCE = 50
const LANES = 8
// The last mail is begun, and the last one is over, well before the lease is.
const BEGIN_WITHIN_MS = 60_000
const END_WITHIN_MS = 90_000
const LEASE_MS = 120_000

export function works(service: Service<Config>): Work[] {
  const { db, config, log } = service
  const client = mailClient({ url: config.SMTP_URL, from: config.MAIL_FROM })
  const { topics } = hears(service)
  // A log that is away brings no events, and stops no mails.
  const eventsWait = async () => (await log.lag('notification', topics).catch(() => [])).some(({ lag }) => lag > 0)
  return [
    {
      name: 'send mails',
      everyMs: 500,
      // A mail costs more than all that an order costs: while orders pour in, mails pause between batches.
      run: async (signal) => (await sendDueMails(service, client, signal)) && !(await eventsWait()),
    },
    { name: 'blank late messages', everyMs: 600_000, run: () => inTransaction(db, blankLateMessages) },
  ]
}

/** True when there may be more, and the mail server takes it. */
async function sendDueMails(
  { db, config }: Service<Config>,
  client: MailClient,
  signal: AbortSignal,
): Promise<boolean> {
  const beginBefore = Date.now() + BEGIN_WITHIN_MS
  const deadline = AbortSignal.timeout(END_WITHIN_MS)
  const due = await inTransaction(db, (tx) => takeMessages(tx, { atMost: MAILS_AT_ONCE, leaseMs: LEASE_MS }))
  if (due.length === 0) return false
  const waiting = [...due]
  const outcomes: Outcome[] = []
  const sendOneByOne = async () => {
    while (!signal.aborted && Date.now() < beginBefore) {
      const message = waiting.shift()
      if (!message) return
      const paced = sleep((LANES * 1_000) / config.MAILS_PER_SECOND, undefined, { signal }).catch(() => undefined)
      const failure = await send(client, message, deadline).catch(unwritable)
      const at = { now: new Date(), baseMs: config.MAIL_RETRY_BASE_MS }
      outcomes.push(failure ? failed(message, failure, at) : sent(message))
      await paced
    }
  }
  await Promise.all(Array.from({ length: LANES }, sendOneByOne))
  await settle(db, [...outcomes, ...waiting.map(putBack)], signal)
  return due.length === MAILS_AT_ONCE && outcomes.some((outcome) => outcome.status === 'sent')
}

async function send(client: MailClient, message: DueMessage, deadline: AbortSignal): Promise<Failure | null> {
  const mail = render(message)
  if (!mail || message.recipient === null) {
    return { isPermanent: false, code: 'no_recipient', text: 'Its order was not heard of yet: nobody to write to.' }
  }
  const { recipient, recipient_name: recipientName } = message
  return await client.send({ ...mail, messageId: messageIdOf(message), recipient, recipientName }, deadline)
}

const unwritable = (error: Error): Failure => ({ isPermanent: false, code: 'unwritable', text: error.message })

/** What the server took must not be sent again because our database was away for a moment. */
async function settle(db: Database, outcomes: readonly Outcome[], signal: AbortSignal): Promise<void> {
  for (let triesLeft = 30; ; triesLeft -= 1) {
    try {
      return await inTransaction(db, (tx) => settleMessages(tx, outcomes))
    } catch (error) {
      if (!isPassingFault(error) || triesLeft === 0 || signal.aborted) throw error
      await sleep(500)
    }
  }
}
