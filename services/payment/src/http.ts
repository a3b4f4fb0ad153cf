import type { App } from '@mart/service-kit/http-server'
import type { Service } from '@mart/service-kit/start-service'
import { type Config, shopOf } from './config.ts'
import { addBrowserRoutes } from './http/browser.ts'
import { addPaymentRoutes } from './http/payments.ts'
import { addRefundTaskRoutes } from './http/refund-tasks.ts'
import { addStripeWebhook } from './http/webhooks.ts'

export async function addRoutes(app: App, { db, config, logger }: Service<Config>): Promise<void> {
  const { payment, stripe, publicUrl } = shopOf(config)
  addPaymentRoutes(app, { db, shop: payment, publicUrl })
  addRefundTaskRoutes(app, db)
  addBrowserRoutes(app, db)
  await addStripeWebhook(app, { db, logger, secrets: stripe?.webhookSecrets ?? [] })
}
