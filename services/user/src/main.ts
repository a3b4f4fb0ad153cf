import { usersTopic } from '@mart/contracts/events/user-events'
import { handlerTable } from '@mart/service-kit/handlers'
import { mailProblems, mailsHandedOver } from '@mart/service-kit/mail-work'
import { inTransaction } from '@mart/service-kit/postgres'
import { runService } from '@mart/service-kit/run-services'
import { defineService, type Service } from '@mart/service-kit/start-service'
import { type Config, settings } from './config.ts'
import { gauges } from './gauges.ts'
import { addRoutes } from './http.ts'
import { makeFirstAdmin } from './use-cases/make-first-admin.ts'
import { works } from './worker.ts'

export const user = defineService({
  name: 'user',
  description: 'Accounts, sessions and tokens, profiles, addresses, roles.',
  topic: usersTopic,
  settings,
  checks: [mailProblems],
  migrations: new URL('../migrations/', import.meta.url),
  prepare,
  addRoutes,
  consumes: () => handlerTable([], []),
  works,
  instruments: [mailsHandedOver],
  gauges,
})

async function prepare({ db, config, logger }: Service<Config>): Promise<void> {
  const { MART_ADMIN_EMAIL: email, MART_ADMIN_PASSWORD: password } = config
  if (!email || !password) return
  const outcome = await inTransaction(db, (tx) => makeFirstAdmin(tx, { email, password }))
  if (outcome === 'made') logger.info('the first admin was made')
  if (outcome === 'email_taken') {
    logger.error('There is no admin: MART_ADMIN_EMAIL belongs to an account that was signed up. Set another one.')
  }
}

if (import.meta.main) await runService(user)
