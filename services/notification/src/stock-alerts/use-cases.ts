import type { DataOf } from '@mart/contracts/events/define-event'
import type { StockAvailabilityChanged } from '@mart/contracts/events/inventory-events'
import type { PublishedProduct } from '@mart/contracts/events/product-events'
import { skuKey } from '@mart/contracts/sku'
import { conflict, invalidInput } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import { traceparentFor } from '@mart/service-kit/tracing'
import { addMessages, blankOldAlerts } from '../message-store.ts'
import { clearToTell, isForSale, lockIfOut, lockToTell, lookAgain, saveSkus, saveStock } from './sku-store.ts'
import { ALERT_DAYS, backInStock, MOST_OF_A_MAILBOX, SENT_DAYS } from './stock-alert.ts'
import { dropOldAlerts, putAlert, takeAlerts } from './stock-alert-store.ts'

interface Wish {
  readonly sku: string
  readonly email: string
  readonly language: string
  readonly personId: string | null
}

/**
 * Somebody wants a mail when it can be bought again; asked again it is the same. Throws Refusal 422 for what is not sold,
 * 409 for what can be bought now: of that nobody is mailed.
 */
export async function askForAlert(tx: Transaction, { sku, email, language, personId }: Wish): Promise<void> {
  const key = skuKey(sku)
  if (!(await isForSale(tx, key))) {
    throw invalidInput([{ field: 'sku', code: 'unknown_sku', message: `there is no ${sku} here` }])
  }
  if (!(await lockIfOut(tx, key))) throw conflict('available_now', `${sku} can be bought now: nobody need wait for it.`)
  await putAlert(tx, { sku_key: key, email, language, person_id: personId }, MOST_OF_A_MAILBOX)
}

/** What is sold now; who waited for what was not may be told. */
export async function learnSkus(tx: Transaction, products: readonly PublishedProduct[]): Promise<void> {
  await lookAgain(tx, await saveSkus(tx, products, 'for_sale'))
}

export async function unlearnSkus(tx: Transaction, products: readonly PublishedProduct[]): Promise<void> {
  await saveSkus(tx, products, 'retired')
}

export async function learnStock(
  tx: Transaction,
  said: readonly DataOf<typeof StockAvailabilityChanged>[],
): Promise<void> {
  await saveStock(tx, new Map(said.map(({ sku, availability }) => [skuKey(sku), availability === 'out'])))
}

const SKUS = 50
const ALERTS = 200

/**
 * Writes down the mails about what can be bought again, a batch of them: an alert is gone with that, so it is one mail,
 * however often stock says it and at however many replicas. True when there may be more.
 */
export async function tellOfStock(tx: Transaction, shopUrl: string | null): Promise<boolean> {
  const keys = await lockToTell(tx, SKUS)
  if (keys.length === 0) return false
  const alerts = await takeAlerts(tx, keys, ALERTS)
  const now = new Date()
  if (alerts.length > 0) {
    await addMessages(
      tx,
      alerts.map((alert) => ({
        ...backInStock(alert, { shopUrl, now }),
        uselessBecause: null,
        traceparent: traceparentFor(alert.sku_key),
      })),
    )
  }
  if (alerts.length === ALERTS) return true
  await clearToTell(tx, keys)
  return keys.length === SKUS
}

const OLD_ALERTS = 1_000

/** Nobody waits for ever, and nobody's address stays here for having waited. True when there may be more. */
export async function forgetOldAlerts(tx: Transaction): Promise<boolean> {
  await blankOldAlerts(tx, SENT_DAYS)
  return (await dropOldAlerts(tx, ALERT_DAYS, OLD_ALERTS)) === OLD_ALERTS
}
