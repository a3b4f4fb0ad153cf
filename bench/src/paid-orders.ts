import { setTimeout as sleep } from 'node:timers/promises'
import { payByPayfast, type Shopper, someAddress } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'
import postgres from 'postgres'
import { type LoadResult, load } from './load.ts'
import { countConfirmed, countOpenPages, type Page, type Provider, readOpenPages } from './mart-queries.ts'
import { skuOf } from './shelves.ts'

interface Orders {
  readonly method: Provider
  readonly skus: number
  readonly count: number
}

const CONNECTIONS = 32
const PAYERS = 16

export function placeCardOrders(mart: RunningMart, buyer: Shopper, orders: Orders): Promise<LoadResult> {
  const body = () => {
    const lines = [{ sku: skuOf(Math.floor(Math.random() * orders.skus)), quantity: 1 }]
    return JSON.stringify({ lines, currency: 'PKR', payment_method: orders.method, shipping_address: someAddress })
  }
  return load({
    url: `${mart.addresses.order}/orders`,
    method: 'POST',
    headers: { authorization: `Bearer ${buyer.token}` },
    body,
    connections: CONNECTIONS,
    seconds: 0,
    amount: orders.count,
  })
}

/** The pages that are open, once there are so many. */
export async function openPages(
  payments: postgres.Sql,
  method: Provider,
  { atLeast }: { atLeast: number },
): Promise<Page[]> {
  while ((await countOpenPages(payments, method)) < atLeast) await sleep(50)
  return await readOpenPages(payments, method)
}

/** Orders a second: from the first that is placed to the last that its payment has confirmed. */
export async function paidOrders(mart: RunningMart, buyer: Shopper, orders: Orders): Promise<number> {
  const db = postgres(mart.databaseUrls.order, { max: 1 })
  const startedAt = new Date()
  try {
    await Promise.all([placeCardOrders(mart, buyer, orders), payAll(mart, orders)])
    for (;;) {
      const confirmed = await countConfirmed(db, startedAt)
      if (confirmed >= orders.count) return confirmed / ((Date.now() - startedAt.getTime()) / 1000)
      await sleep(20)
    }
  } finally {
    await db.end()
  }
}

/** Pays on every page as soon as it is open. */
async function payAll(mart: RunningMart, { method, count }: Orders): Promise<void> {
  const db = postgres(mart.databaseUrls.payment, { max: 1 })
  const paid = new Set<string>()
  while (paid.size < count) {
    const pages = (await openPages(db, method, { atLeast: 1 })).filter(({ id }) => !paid.has(id))
    const pending = [...pages]
    const payer = async () => {
      for (let page = pending.pop(); page; page = pending.pop()) await pay(page, method)
    }
    await Promise.all(Array.from({ length: PAYERS }, payer))
    for (const { id } of pages) paid.add(id)
  }
  await db.end()
}

async function pay({ url }: Page, method: Provider): Promise<void> {
  if (method === 'payfast') return void (await payByPayfast(url))
  const body = new URLSearchParams({ card_number: '4242424242424242' })
  const { status } = await fetch(url, { method: 'POST', body, redirect: 'manual' })
  if (status !== 303) throw new Error(`Stripe’s page answered ${status}`)
}
