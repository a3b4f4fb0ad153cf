import type { Transaction } from '@mart/service-kit/postgres'
import { mailboxOf } from '@mart/service-kit/unproven-mails'
import type { DueAlert, StockAlert } from './stock-alert.ts'

/** Keeps an alert, of a mailbox the newest `most`. One that is here already counts from now on. */
export async function putAlert(
  tx: Transaction,
  { sku_key, email, language, person_id }: StockAlert,
  most: number,
): Promise<void> {
  const mailbox = mailboxOf(email)
  await tx`select pg_advisory_xact_lock(hashtextextended(${`alerts of ${mailbox}`}, 0))`
  await tx`
    insert into stock_alerts as known (sku_key, mailbox, email, language, person_id)
    values (${sku_key}, ${mailbox}, ${email}, ${language}, ${person_id})
    on conflict (sku_key, mailbox) do update
    set asked_at = now(), person_id = coalesce(known.person_id, excluded.person_id)`
  await tx`
    delete from stock_alerts where id in (
      select id from stock_alerts where mailbox = ${mailbox} order by asked_at desc, id desc offset ${most})`
}

/** What was taken too early is an alert again. */
export async function putBackAlerts(tx: Transaction, alerts: readonly StockAlert[]): Promise<void> {
  await tx`
    insert into stock_alerts (sku_key, mailbox, email, language, person_id)
    select * from unnest(
      ${alerts.map(({ sku_key }) => sku_key)}::text[], ${alerts.map(({ email }) => mailboxOf(email))}::text[],
      ${alerts.map(({ email }) => email)}::text[], ${alerts.map(({ language }) => language)}::text[],
      ${alerts.map(({ person_id }) => person_id)}::uuid[])
    on conflict (sku_key, mailbox) do nothing`
}

/** Takes the oldest alerts of these SKUs, as far as they are for sale. */
export async function takeAlerts(tx: Transaction, keys: readonly string[], limit: number): Promise<DueAlert[]> {
  return await tx<DueAlert[]>`
    delete from stock_alerts a using known_skus k
    where k.sku_key = a.sku_key and a.id in (
      select id from stock_alerts join known_skus using (sku_key)
      where sku_key = any(${[...keys]}::text[]) and for_sale order by asked_at limit ${limit})
    returning a.id, a.sku_key, a.email, a.language, a.person_id, k.sku, k.name, k.name_ur, k.slug`
}

/** Drops a batch of those that wait for longer than that. Returns how many there were. */
export async function dropOldAlerts(tx: Transaction, days: number, limit: number): Promise<number> {
  const { count } = await tx`
    delete from stock_alerts where id = any(array(
      select id from stock_alerts where asked_at < now() - ${days} * interval '1 day' limit ${limit}))`
  return count
}

/** What this person has asked for, and what anybody has for the address that he has proven to be his. */
export async function dropAlertsOf(tx: Transaction, personId: string): Promise<void> {
  const [proven] = await tx<{ address: string | null }[]>`
    select address from proven_addresses where person_id = ${personId}`
  const address = proven?.address ?? null
  await tx`
    delete from stock_alerts
    where person_id = ${personId}
      or (mailbox = ${address === null ? null : mailboxOf(address)} and lower(email) = ${address})`
}
