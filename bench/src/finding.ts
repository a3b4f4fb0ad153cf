import type { RunningMart } from '@mart/local/mart-file'
import type { Shopper } from '@mart/local/shopper'
import postgres from 'postgres'
import { below, type Line, ms } from './table.ts'

const ORDERS = 1_000_000
const CHUNK = 50_000
const TIMES = 100

/** How long staff wait for one page of a million orders, by each thing that they look for, one after the other. */
export async function benchFinding(
  mart: RunningMart,
  signIn: () => Promise<Shopper>,
  say: (line: string) => void,
): Promise<Line[]> {
  const db = postgres(mart.databaseUrls.order, { max: 1, onnotice: () => undefined })
  try {
    say(`filling in ${ORDERS} orders`)
    for (let from = 0; from < ORDERS; from += CHUNK) await fill(db, from)
    await db`vacuum analyze orders`
    await db`vacuum analyze order_words`
    const staff = await signIn() // a token lives for minutes
    const lines: Line[] = []
    say('looking for them')
    for (const [what, query] of Object.entries(searches)) {
      const times: number[] = []
      for (let n = 0; n < TIMES; n += 1) times.push(await timeOf(staff, query((n * 7_919) % ORDERS)))
      times.sort((a, b) => a - b)
      const [p50, p99] = [times[Math.floor(TIMES * 0.5)]!, times[Math.floor(TIMES * 0.99)]!]
      lines.push(below(`orders by ${what}, p99 of ${ORDERS} (p50 ${ms(p50)})`, p99, 20, ms))
    }
    return lines
  } finally {
    await db.end()
  }
}

async function timeOf(staff: Shopper, path: string): Promise<number> {
  const startedAt = performance.now()
  const { status, body } = await staff.api('order', 'GET', path)
  if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`)
  return performance.now() - startedAt
}

/** What the n-th order is known by; `fill` says the same in SQL. */
const searches: Readonly<Record<string, (n: number) => string>> = {
  'number, as its id': (n) => `/orders/M-9${n}`,
  number: (n) => `/orders?q=M-9${n}`,
  'e-mail': (n) => `/orders?q=buyer${n % 150_000}@example.com`,
  phone: (n) => `/orders?q=0300${String(n % 150_000).padStart(7, '0')}`,
  'name and surname': (n) => `/orders?q=first${n % 150}%20last${n % 1_000}`,
  'a name that one in 150 has': (n) => `/orders?q=first${n % 150}`,
  'two common names that nobody has together': (n) => `/orders?q=first${n % 150}%20last${(n + 1) % 1_000}`,
  'a SKU in one of ten': () => '/orders?q=sku-0',
  'a SKU in one of 2,000': (n) => `/orders?q=sku-${1 + (n % 2_000)}`,
  'a common SKU, status and method': (n) =>
    `/orders?q=sku-0&status=${statuses[n % 4]}&payment_method=${methods[n % 3]}`,
  'a common SKU within a month': (n) => `/orders?q=sku-0&${month(n)}`,
  'status and method': (n) => `/orders?status=${statuses[n % 4]}&payment_method=${methods[n % 3]}`,
  'a rare status, method and month': (n) => `/orders?status=undelivered&payment_method=${methods[n % 3]}&${month(n)}`,
  'method within a month': (n) => `/orders?payment_method=${methods[n % 3]}&${month(n)}`,
  'nothing: the newest 100': () => '/orders?limit=100',
}

const statuses = ['delivered', 'cancelled', 'shipped', 'undelivered']
const methods = ['payfast', 'stripe', 'cash_on_delivery']
const month = (n: number) => {
  const first = Date.UTC(2025, n % 12, 1)
  const day = (at: number) => new Date(at).toISOString().slice(0, 10)
  return `from=${day(first)}&to=${day(first + 27 * 86_400_000)}`
}

async function fill(db: postgres.Sql, from: number): Promise<void> {
  await db`
    insert into orders (id, number, customer_id, status, currency, lines, subtotal, shipping, total, payment_method,
      payment_status, contact, shipping_address, placed_at, updated_at)
    select uuidv7(), 'M-9' || n, md5((n % 150000)::text)::uuid,
      case when n % 500 = 0 then 'undelivered' when n % 10 = 1 then 'cancelled' when n % 50 = 2 then 'shipped'
        else 'delivered' end,
      'PKR', jsonb_build_array(
        jsonb_build_object('sku', 'SKU-' || (1 + n % 2000), 'name', 'Thing', 'quantity', 1, 'unit_price', 1000),
        jsonb_build_object('sku', case when n % 10 = 3 then 'SKU-0' else 'SKU-' || (2001 + n % 7000) end,
          'name', 'Other', 'quantity', 2, 'unit_price', 500)),
      2000, 0, 2000, (array['payfast', 'stripe', 'cash_on_delivery'])[1 + n % 3], 'succeeded',
      jsonb_build_object('name', 'First' || n % 150 || ' Last' || n % 1000, 'email', 'buyer' || n % 150000 || '@example.com',
        'phone', '+92300' || lpad((n % 150000)::text, 7, '0'), 'language', 'en'),
      jsonb_build_object('name', 'First' || n % 150 || ' Last' || n % 1000, 'line1', '1 Mall Road', 'city', 'Lahore',
        'country', 'PK', 'phone', '+92300' || lpad((n % 150000)::text, 7, '0')),
      timestamptz '2025-01-01' + n * interval '31 seconds', now()
    from generate_series(${from}::int, ${from + CHUNK - 1}::int) n`
}
