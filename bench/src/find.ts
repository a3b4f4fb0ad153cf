import { knownShopper } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'
import postgres from 'postgres'
import { load } from './load.ts'
import { below, type Line, ms } from './table.ts'

const ORDERS = 1_000_000
const CHUNK = 50_000
const SECONDS = 5
/** Staff of a shop with a million orders, at the same moment. */
const CONNECTIONS = 4
const MOST_MS = 20
const ASKED = 5_000
const firstNames = 'Ali Sana Bilal Nida Omar Hina Zara Imran Ayesha Usman Fatima Hamza Maryam Saad Iqra Tariq'.split(
  ' ',
)
const lastNames = 'Khan Malik Butt Sheikh Raza Qureshi Baig Chaudhry Siddiqui Awan Mirza Abbasi Ansari Shah'.split(' ')

interface Known {
  readonly number: string
  readonly email: string
  readonly phone: string
  readonly name: string
  readonly sku: string
  readonly day: string
}

/** How long staff wait for an order among a million, each asking for another. */
export async function findLines(mart: RunningMart, say: (line: string) => void): Promise<Line[]> {
  const db = postgres(mart.databaseUrls.order, { max: 1, connection: { statement_timeout: 0 } })
  try {
    say(`writing ${ORDERS.toLocaleString('en')} orders by SQL`)
    for (let from = 0; from < ORDERS; from += CHUNK) await writeOrders(db, from, from + CHUNK)
    await db`vacuum analyze orders, order_words`
    const known = await db<Known[]>`
      select number, contact ->> 'email' as email, shipping_address ->> 'phone' as phone, shipping_address ->> 'name' as name,
        lines -> 0 ->> 'sku' as sku, to_char(placed_at, 'YYYY-MM-DD') as day
      from orders tablesample bernoulli (${(100 * ASKED) / ORDERS})`
    const admin = await knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword)
    const ask = async (what: string, path: (one: Known) => string): Promise<Line> => {
      let place = 0
      const run = await load({
        url: mart.addresses.order,
        connections: CONNECTIONS,
        seconds: SECONDS,
        headers: { authorization: `Bearer ${admin.token}` },
        path: () => `/orders${path(known[place++ % known.length]!)}`,
      })
      if (run.bad > 0) throw new Error(`${run.bad} requests like ${path(known[0]!)} were not answered with 200`)
      const line = below(`orders found ${what}, p99`, run.p99Ms, MOST_MS, ms)
      return { ...line, ratio: `p50 ${ms(run.p50Ms)}` }
    }
    const query = (query: Record<string, string>) => `?${new URLSearchParams({ ...query })}`
    const lines: Line[] = []
    for (const [what, path] of Object.entries<(one: Known) => string>({
      'by number, as the id': ({ number }) => `/${number}`,
      'by number, searched': ({ number }) => query({ q: number }),
      'by e-mail': ({ email }) => query({ q: email }),
      'by phone': ({ phone }) => query({ q: phone }),
      'by a name that thousands have': ({ name }) => query({ q: name }),
      'by SKU': ({ sku }) => query({ q: sku }),
      'of a day, a method and a status': ({ day }) =>
        query({ from: day, to: day, payment_method: 'stripe', status: 'cancelled' }),
      'by the SKU that a tenth have, in the state that 1 in 10,000 is in': ({ day }) =>
        query({ q: 'BENCH-0', status: 'undelivered', to: day }),
      'by a common name and a common SKU': ({ name }) => query({ q: `${name.split(' ')[0]} BENCH-0` }),
      'by a name, since a day, cancelled and to be paid in cash': ({ name, day }) =>
        query({ q: name, from: day, status: 'cancelled', payment_method: 'cash_on_delivery' }),
    }))
      lines.push(await ask(what, path))
    return lines
  } finally {
    await db.end()
  }
}

/** Orders of two years, nothing of which has to do with anything else: one in ten holds the same SKU, one in 10,000 came back. */
async function writeOrders(db: postgres.Sql, from: number, to: number): Promise<void> {
  await db`
    insert into orders (id, number, customer_id, status, currency, lines, subtotal, shipping, total, payment_method,
      contact, shipping_address, placed_at, updated_at)
    select uuidv7(placed_at - now()), 'M-' || 1000000 + n, md5('customer ' || n / 5)::uuid,
      case when chance < 0.0001 then 'undelivered' when chance < 0.05 then 'cancelled' when chance < 0.07 then 'shipped'
        else 'delivered' end,
      'PKR',
      jsonb_build_array(jsonb_build_object('sku', 'BENCH-' || case when random() < 0.1 then 0 else random(1, 997) end,
        'name', 'Tea', 'quantity', 1, 'unit_price', 10000, 'total', 10000)),
      10000, 0, 10000,
      (array['cash_on_delivery', 'stripe', 'payfast'])[random(1, 3)],
      jsonb_build_object('name', who, 'email', 'buyer' || n / 5 || '@mart.example', 'phone', null, 'language', 'en'),
      jsonb_build_object('name', who, 'line1', '1 Mall Road', 'city', 'Lahore', 'country', 'PK',
        'phone', '+92300' || lpad((n / 5)::text, 7, '0')),
      placed_at, placed_at
    from (
      select n, random() as chance, now() - interval '730 days' * (1 - n / ${ORDERS}::float8) as placed_at,
        (${firstNames}::text[])[random(1, ${firstNames.length}::int)] || ' ' ||
          (${lastNames}::text[])[random(1, ${lastNames.length}::int)] as who
      from generate_series(${from}::int, ${to - 1}::int) n) made`
}
