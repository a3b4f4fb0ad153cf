import type { App } from '@mart/service-kit/http-server'
import { record } from '@mart/service-kit/instruments'
import type { Service } from '@mart/service-kit/start-service'
import { addCourierCashRoutes } from './cash/http.ts'
import { type Config, shopOf } from './config.ts'
import { addBrowserRoutes } from './http/browser.ts'
import { addPaymentRoutes } from './http/payments.ts'
import { webhooksRefused } from './instruments.ts'
import { addPayfastWebhook } from './payfast/http.ts'
import { connectPayfast } from './payfast/payfast-client.ts'
import { addProviderEventRoutes } from './provider-events/http.ts'
import { addReconciliationRoutes } from './reconciliation/http.ts'
import { addRefundTaskRoutes } from './refunds/http.ts'
import { addStripeWebhook } from './stripe/http.ts'

export async function addRoutes(app: App, { db, config, logger, tracer }: Service<Config>): Promise<void> {
  const { payment, stripe, payfast, publicUrl, shopUrl } = shopOf(config)
  const countRefused = (provider: 'stripe' | 'payfast') => record(db, webhooksRefused, [{ provider }])
  addPaymentRoutes(app, { db, shop: payment, publicUrl })
  addRefundTaskRoutes(app, db)
  addCourierCashRoutes(app, { db, zone: config.SHOP_TIME_ZONE })
  addProviderEventRoutes(app, { db, logger })
  addReconciliationRoutes(app, db)
  const connected = payfast && { ...payfast, client: connectPayfast(payfast) }
  await addBrowserRoutes(app, { db, logger, publicUrl, shopUrl, payfast: connected })
  await addStripeWebhook(app, {
    db,
    logger,
    tracer,
    secrets: stripe?.webhookSecrets ?? [],
    countRefused: () => countRefused('stripe'),
  })
  await addPayfastWebhook(app, { db, logger, tracer, payfast, countRefused: () => countRefused('payfast') })
}
