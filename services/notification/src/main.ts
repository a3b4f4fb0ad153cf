import { notificationsTopic } from '@mart/contracts/events/notification-events'
import { guestLinkProblems } from '@mart/service-kit/guest-links'
import { mailProblems, mailsHandedOver } from '@mart/service-kit/mail-work'
import { runService } from '@mart/service-kit/run-services'
import { defineService } from '@mart/service-kit/start-service'
import { settings } from './config.ts'
import { consumes } from './events.ts'
import { gauges } from './gauges.ts'
import { addRoutes } from './http.ts'
import { works } from './worker.ts'

export const notification = defineService({
  name: 'notification',
  description: 'What the mart tells people: mails about orders and payments, sent once each, and who wants which.',
  topic: notificationsTopic,
  settings,
  checks: [mailProblems, guestLinkProblems],
  migrations: new URL('../migrations/', import.meta.url),
  addRoutes,
  consumes,
  works,
  instruments: [mailsHandedOver],
  gauges,
})

if (import.meta.main) await runService(notification)
