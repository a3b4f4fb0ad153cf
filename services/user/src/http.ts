import type { App } from '@mart/service-kit/http-server'
import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import { createAuth } from './better-auth-client.ts'
import { makeKeyPair } from './better-auth-tokens-client.ts'
import type { Config } from './config.ts'
import { addAuthRoutes } from './http/auth.ts'
import { addLinkPages } from './http/link-pages.ts'
import { addMeRoutes } from './http/me.ts'
import { addUsersRoutes } from './http/users.ts'
import { makeFirstSigningKey } from './use-cases/renew-signing-keys.ts'
import { requestMail } from './use-cases/request-mail.ts'

export async function addRoutes(app: App, service: Service<Config>): Promise<void> {
  const auth = createAuth(service, (mail) => inTransaction(service.db, (tx) => requestMail(tx, mail)))
  await inTransaction(service.db, (tx) => makeFirstSigningKey(tx, () => makeKeyPair(service.config)))
  await auth.checkSigningKey()
  addAuthRoutes(app, auth, service)
  addLinkPages(app)
  addMeRoutes(app, service)
  addUsersRoutes(app, service)
}
