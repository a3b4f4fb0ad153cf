import type { Draft } from '../message.ts'

/** What somebody may wait for at once; the oldest gives way to what he asks for beyond it. */
export const MOST_OF_A_MAILBOX = 20
export const ALERT_DAYS = 180
/** So long the mail names its recipient, who need not have an account with which he could be erased. */
export const SENT_DAYS = 30

/** Somebody wants one mail when it can be bought again. */
export interface StockAlert {
  readonly sku_key: string
  readonly email: string
  readonly language: string
  readonly person_id: string | null
}

/** An alert whose time has come, with what its mail says. */
export interface DueAlert extends StockAlert {
  readonly id: string
  readonly sku: string
  readonly name: string
  readonly name_ur: string | null
  readonly slug: string
}

export function backInStock(alert: DueAlert, { shopUrl, now }: { shopUrl: string | null; now: Date }) {
  const { id, sku, sku_key, name, name_ur, slug } = alert
  const page = shopUrl && `${shopUrl.replace(/\/+$/, '')}/p/${encodeURIComponent(slug)}?sku=${encodeURIComponent(sku)}`
  return {
    kind: 'back_in_stock',
    causeId: id,
    at: now,
    data: { sku_key, name, ...(name_ur && { translations: { ur: { name: name_ur } } }), url: page },
    personId: alert.person_id,
    orderId: null,
    orderNumber: null,
    recipient: alert.email,
    recipientName: null,
    language: alert.language,
  } satisfies Draft<'back_in_stock'>
}
