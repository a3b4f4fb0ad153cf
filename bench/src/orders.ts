import { setTimeout as sleep } from 'node:timers/promises'
import { type Shopper, someAddress } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'
import postgres from 'postgres'
import { type LoadResult, load } from './load.ts'
import { countConfirmations, countConfirmed, countPlaced, type SettleTimes, settleTimes } from './mart-queries.ts'
import { skuOf } from './shelves.ts'

export interface OrderRun {
  readonly accepted: LoadResult
  readonly confirmed: number
  /** From the first request until the last order was confirmed and its message written, all six services running. */
  readonly confirmedPerSecond: number
  readonly settle: SettleTimes
  /** What was still to do when the load ended. */
  readonly backlogSeconds: number
}

export interface Demand {
  readonly skus: number
  readonly connections: number
  readonly seconds: number
  /** Requests a second in all; without it as many as go. */
  readonly rate?: number
  /** Milliseconds from one request to the next, instead of the same for each. */
  readonly gapMs?: () => number
}

/** Places orders of two lines, cash on delivery, over the first `skus` SKUs. */
export function placeOrders(mart: RunningMart, buyer: Shopper, { skus, ...demand }: Demand): Promise<LoadResult> {
  const pick = () => skuOf(Math.floor(Math.random() * skus))
  const body = () => {
    const first = pick()
    let second = pick()
    while (skus > 1 && second === first) second = pick()
    const lines = [...new Set([first, second])].map((sku) => ({ sku, quantity: 1 }))
    return JSON.stringify({ lines, currency: 'PKR', payment_method: 'cash_on_delivery', shipping_address: someAddress })
  }
  const headers = { authorization: `Bearer ${buyer.token}` }
  return load({ url: `${mart.addresses.order}/orders`, method: 'POST', headers, body, ...demand })
}

/** Places orders and waits until the last one is confirmed and its message written. */
export async function orderRun(mart: RunningMart, buyer: Shopper, demand: Demand): Promise<OrderRun> {
  const orders = postgres(mart.databaseUrls.order, { max: 1 })
  const messages = postgres(mart.databaseUrls.notification, { max: 1 })
  const startedAt = new Date()
  const accepted = await placeOrders(mart, buyer, demand)
  const loadEndedAt = Date.now()
  // Requests that were under way when the load stopped are orders too.
  while ((await countPlaced(orders)) > 0) await sleep(20)
  const confirmed = await countConfirmed(orders, startedAt)
  while ((await countConfirmations(messages, startedAt)) < confirmed) await sleep(20)
  const endedAt = Date.now()
  const settle = await settleTimes(orders, startedAt)
  await Promise.all([orders.end(), messages.end()])
  return {
    accepted,
    confirmed,
    confirmedPerSecond: confirmed / ((endedAt - startedAt.getTime()) / 1000),
    settle,
    backlogSeconds: (endedAt - loadEndedAt) / 1000,
  }
}
