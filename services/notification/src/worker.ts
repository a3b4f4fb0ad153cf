import { guestLinks } from '@mart/service-kit/guest-links'
import type { MailFailure, MailToSend } from '@mart/service-kit/mail-client'
import { type MailOutcome, type MailTimes, mailWork } from '@mart/service-kit/mail-work'
import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Work } from '@mart/service-kit/workers'
import type { Config } from './config.ts'
import { consumes } from './events.ts'
import { type DueMessage, failed, messageIdOf, type Outcome, putBack, sent } from './message.ts'
import { type OrderLink, orderLinks } from './order-links.ts'
import { forgetOldAlerts, tellOfStock } from './stock-alerts/use-cases.ts'
import { render } from './templates/render.ts'
import { claimMessages } from './use-cases/claim-messages.ts'
import { blankLateMessages } from './use-cases/erase-person.ts'
import { recordOutcomes } from './use-cases/record-outcomes.ts'

export function works(service: Service<Config>, times?: MailTimes): Work[] {
  const { db, config, log } = service
  const { topics } = consumes(service)
  const queue = {
    retryBaseMs: config.MAIL_RETRY_BASE_MS,
    take: claimMessages,
    write: writerWith(orderLinks(config.SHOP_URL, guestLinks(config.GUEST_LINK_SECRET)?.secretOf)),
    settle: (tx, outcomes) => recordOutcomes(tx, outcomes.map(outcomeOf)),
    // A mail costs more than all that an order costs: while orders pour in, mails pause between batches.
    // A log that is away brings no events, and stops no mails.
    isBusy: async () => (await log.lag('notification', topics).catch(() => [])).some(({ lag }) => lag > 0),
  } satisfies Parameters<typeof mailWork<DueMessage>>[1]
  return [
    mailWork<DueMessage>(service, queue, times),
    { name: 'blank late messages', everyMs: 600_000, run: () => inTransaction(db, blankLateMessages) },
    {
      name: 'stock alerts',
      everyMs: 2_000,
      run: () => inTransaction(db, (tx) => tellOfStock(tx, config.SHOP_URL ?? null)),
    },
    { name: 'old stock alerts', everyMs: 600_000, run: () => inTransaction(db, forgetOldAlerts) },
  ]
}

const writerWith =
  (orderLink: OrderLink) =>
  (message: DueMessage): MailToSend | MailFailure => {
    const mail = render(message, orderLink(message))
    const { recipient } = message
    if (!mail || recipient === null) {
      return { isPermanent: false, code: 'no_recipient', text: 'Its order was not heard of yet: nobody to write to.' }
    }
    const { name, ...text } = mail
    return { ...text, messageId: messageIdOf(message), to: { name, address: recipient } }
  }

function outcomeOf(outcome: MailOutcome<DueMessage>): Outcome {
  const { mail, was } = outcome
  if (was === 'failed') return failed(mail, outcome.failure, { now: new Date(), retryInMs: outcome.retryInMs })
  return was === 'sent' ? sent(mail) : putBack(mail)
}
