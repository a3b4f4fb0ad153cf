import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Shopper } from '@mart/demo/shopper'

const UNDER_WAY_AT_MOST = 300
const AGAIN_MS = 500

/** Orders that are placed at an even rate until it is ended. */
export interface Ordering {
  /** The ids of the orders that were answered 201. */
  readonly accepted: readonly string[]
  /** What was answered instead, a line each; the same request is sent again until it is accepted. */
  readonly failed: readonly string[]
  rate: number
  /** Sends no more, and waits for what is under way. */
  readonly end: () => Promise<void>
}

/** Places `rate` orders a second, cash on delivery, one in ten by Stripe, each when it is due. */
export function startOrdering(buyers: readonly Shopper[], skus: readonly string[], rate: number): Ordering {
  const accepted: string[] = []
  const failed: string[] = []
  const underWay = new Set<Promise<void>>()
  let isOver = false
  const place = async (n: number) => {
    const buyer = buyers[n % buyers.length]!
    const lines = [{ sku: skus[n % skus.length]!, quantity: 1 }]
    const payment_method = n % 10 === 0 ? 'stripe' : 'cash_on_delivery'
    for (const key = randomUUID(); ; await sleep(AGAIN_MS)) {
      const answer = await buyer
        .order({ lines, payment_method }, key)
        .catch((error: Error) => ({ status: 0, body: `${error.message}: ${String(error.cause)}` }))
      if (answer.status === 201) return void accepted.push(answer.body.id)
      failed.push(`${new Date().toISOString()} ${answer.status} ${JSON.stringify(answer.body)}`)
    }
  }
  const ordering = {
    accepted,
    failed,
    rate,
    async end() {
      isOver = true
      await paced
      await Promise.all(underWay)
    },
  }
  const pace = async () => {
    for (let n = 0; !isOver; n += 1) {
      await sleep(1_000 / ordering.rate)
      if (underWay.size >= UNDER_WAY_AT_MOST) continue
      const one = place(n).finally(() => underWay.delete(one))
      underWay.add(one)
    }
  }
  const paced = pace()
  return ordering
}
