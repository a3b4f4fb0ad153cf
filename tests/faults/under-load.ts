import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Shopper } from '@mart/demo/shopper'
import type { Mart } from '@mart/local/mart'
import { eventually } from '@mart/service-kit/eventually'
import { openAuditedDatabases } from '@mart/tools/books/audited-databases'
import { type MartUnderTest, startMartUnderTest } from '../journeys/mart-under-test.ts'

const LANES = 4
const PAUSE_MS = 80
const SETTLES_MS = 90_000
/** Beyond the 120 s for which a killed notification service holds the mails that it was sending. */
const MAILS_COME_MS = 150_000

export const startMartWithFaults = (brokers: 1 | 3 = 1): Promise<MartUnderTest> =>
  startMartUnderTest({ engine: 'kafka', brokers, env: { MART_PROCESSES: 'each' } })

export interface Rush {
  /** The ids of the orders that were answered 201 so far. */
  readonly accepted: readonly string[]
  /** What was answered instead, a line each. */
  readonly refused: readonly string[]
  /** Sends no more. */
  readonly end: () => Promise<void>
}

/** Sends orders on a few lanes until it is ended; what is refused is sent again with its key. */
export function startRush(buyers: readonly Shopper[], skus: readonly string[]): Rush {
  const over = new AbortController()
  const accepted: string[] = []
  const refused: string[] = []
  const lane = async (number: number) => {
    for (let n = 0; !over.signal.aborted; await sleep(PAUSE_MS)) {
      const lines = [{ sku: skus[n % skus.length]!, quantity: 1 }]
      const payment_method = n % 10 === 0 ? 'stripe' : 'cash_on_delivery'
      const buyer = buyers[(n + number) % buyers.length]!
      const key = `${startedAt} lane ${number}, order ${n}`
      const answer = await buyer
        .order({ lines, payment_method }, key)
        .catch((error: unknown) => ({ status: 0, body: String(error) }))
      if (answer.status === 201) accepted.push(answer.body.id)
      else refused.push(`${answer.status} ${JSON.stringify(answer.body)}`)
      if (answer.status === 201) n += 1
    }
  }
  const startedAt = Date.now()
  const lanes = Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)))
  return {
    accepted,
    refused,
    async end() {
      over.abort()
      await lanes
    },
  }
}

/** Every accepted order is final or waits for a person, and the books agree: nothing lost, nothing doubled. */
export async function settles(under: MartUnderTest, buyer: Shopper, accepted: readonly string[]): Promise<void> {
  const waiting = accepted.values()
  const look = async () => {
    for (const id of waiting) await buyer.waitFor(id, ['confirmed', 'cancelled', 'awaiting_payment'], SETTLES_MS)
  }
  await Promise.all(Array.from({ length: 8 }, look))
  assert.equal(new Set(accepted).size, accepted.length)
  await under.booksHold({ patienceMs: MAILS_COME_MS })
}

/** One number from a service's database. */
export async function count(mart: Mart, service: 'order' | 'inventory', query: string): Promise<number> {
  const ledgers = openAuditedDatabases(mart.databaseUrls)
  try {
    const [row] = await ledgers[service].unsafe<{ n: number }[]>(query)
    return row!.n
  } finally {
    await ledgers.close()
  }
}

export const ordersConfirmed = (mart: Mart) =>
  count(mart, 'order', `select count(*) as n from orders where status = 'confirmed'`)

export const ordersUnsent = (mart: Mart) => count(mart, 'order', 'select count(*) as n from outbox')

/** Resolves with how many seconds it took until the order service has said everything. */
export async function drains(mart: Mart): Promise<number> {
  const since = Date.now()
  await eventually(async () => (await ordersUnsent(mart)) === 0, 'the outbox of order is empty', SETTLES_MS)
  return (Date.now() - since) / 1_000
}

export function tell(t: TestContext, seen: Readonly<Record<string, number>>): void {
  t.diagnostic(
    Object.entries(seen)
      .map(([what, n]) => `${what}: ${n}`)
      .join(', '),
  )
}
