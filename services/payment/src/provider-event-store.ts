import type { Transaction } from '@mart/service-kit/postgres'

export interface ProviderEvent {
  readonly provider: 'stripe'
  readonly id: string
  readonly type: string
  readonly payload: object
}

export type Outcome = 'applied' | 'not_ours'

/** Whether it was stored before. Lock the payment it is about first, or two at once both look new. */
export async function isStored(tx: Transaction, { provider, id }: ProviderEvent): Promise<boolean> {
  const rows = await tx`select from provider_events where provider = ${provider} and event_id = ${id}`
  return rows.length > 0
}

export async function storeEvent(
  tx: Transaction,
  { provider, id, type, payload }: ProviderEvent,
  { outcome, paymentId }: { outcome: Outcome; paymentId: string | null },
): Promise<void> {
  await tx`
    insert into provider_events (provider, event_id, type, payment_id, outcome, payload)
    values (${provider}, ${id}, ${type}, ${paymentId}, ${outcome}, ${withoutPeople(payload)}::text::jsonb)
    on conflict do nothing`
}

const people = new Set(
  `customer_details customer_email receipt_email billing_details shipping shipping_details collected_information
  email name phone address client_secret`.split(/\s+/),
)

/** Who paid stays with the provider: nothing personal is kept that would have to be found and blanked later. */
const withoutPeople = (payload: object): string =>
  JSON.stringify(payload, (key, value: unknown) => {
    if (people.has(key)) return undefined
    return typeof value === 'string' ? value.replaceAll('\0', '') : value // jsonb takes no NUL
  })

/** This mart's name in the metadata of a provider whose account others may share. */
export async function readMartId(tx: Transaction): Promise<string> {
  const [mart] = await tx<{ id: string }[]>`select id from mart`
  return mart!.id
}
