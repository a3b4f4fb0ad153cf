import { randomUUID } from 'node:crypto'
import { newShopper } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'
import { signatureHeader } from '@mart/simulators/stripe/webhooks'
import postgres from 'postgres'
import { type LoadResult, load } from './load.ts'
import type { Page, Provider } from './mart-queries.ts'
import { openPages, paidOrders, placeCardOrders } from './paid-orders.ts'
import { against, below, type Line, ms, rate } from './table.ts'
import { between, type Pgbench, pgbench, pgbenchLine } from './yardsticks.ts'

export interface PaymentFigures {
  /** Before and after. */
  readonly yardstick: readonly [Pgbench, Pgbench]
  readonly distinct: LoadResult
  /** Every webhook comes twice. */
  readonly repeated: LoadResult
  readonly half: LoadResult
  /** Placed, paid on the simulator's page, told by its webhook and confirmed. */
  readonly confirmedPerSecond: Readonly<Record<Provider, number>>
}

interface PaymentBench {
  readonly superuserUrl: string
  readonly webhookSecret: string
  readonly skus: number
  readonly seconds: number
  readonly say: (line: string) => void
}

const DISTINCT = 1_000
const REPEATED = 500
const HALF = 750
const WARM = 200
const CONNECTIONS = 32
const ORDERS = 300

/** What the payment service carries: webhooks for pages that are open, and whole orders by the simulators. */
export async function benchPayments(mart: RunningMart, bench: PaymentBench): Promise<PaymentFigures> {
  const { superuserUrl, webhookSecret, skus, seconds, say } = bench
  const buyer = await newShopper(mart.addresses)
  const payments = postgres(mart.databaseUrls.payment, { max: 2 })
  try {
    const wanted = WARM + DISTINCT + REPEATED + HALF
    say(`opening ${wanted} pages to pay on`)
    await placeCardOrders(mart, buyer, { method: 'stripe', skus, count: wanted })
    const pages = await openPages(payments, 'stripe', { atLeast: wanted })
    const told = (texts: readonly string[], atMost?: number) => tell(mart, { texts, webhookSecret, rate: atMost })
    const next = (count: number) => pages.splice(0, count).map(completed)
    await told(next(WARM))
    say('yardstick: pgbench, 16 clients')
    const before = await pgbench({ superuserUrl, martPid: mart.pid }, seconds)
    say('webhooks, each another')
    const distinct = await told(next(DISTINCT))
    say('webhooks, each twice')
    const repeated = await told(twice(next(REPEATED)))
    say('webhooks at half of the best load')
    const half = await told(next(HALF), distinct.perSecond / 2)
    const confirmed = async (method: Provider) => {
      say(`orders paid at ${method}’s simulator`)
      const fresh = await newShopper(mart.addresses) // a token lives for minutes
      return await paidOrders(mart, fresh, { method, skus, count: ORDERS })
    }
    const confirmedPerSecond = { stripe: await confirmed('stripe'), payfast: await confirmed('payfast') }
    say('yardstick again')
    const after = await pgbench({ superuserUrl, martPid: mart.pid }, seconds)
    return { yardstick: [before, after], distinct, repeated, half, confirmedPerSecond }
  } finally {
    await payments.end()
  }
}

/** What was measured on one engine, each beside the yardstick of the same minutes. */
export function paymentLines(engine: string, figures: PaymentFigures): Line[] {
  const { yardstick, distinct, repeated, half, confirmedPerSecond } = figures
  const fair = { name: 'pgbench', perSecond: between(yardstick).tps }
  const of = (what: string) => `${engine}: ${what}`
  return [
    pgbenchLine(engine, yardstick),
    against(of('webhooks applied, each another payment'), distinct.perSecond, fair, 0.35),
    against(of('webhooks answered, half of them duplicates'), repeated.perSecond, fair, 0.3),
    { what: of('webhooks not answered with 200'), value: String(distinct.bad + repeated.bad + half.bad) },
    { what: of('webhook at half load, p50'), value: ms(half.p50Ms) },
    below(of('webhook at half load, p99'), half.p99Ms, 50, ms),
    { what: of('orders confirmed, paid on Stripe’s simulator'), value: rate(confirmedPerSecond.stripe) },
    { what: of('orders confirmed, paid on PayFast’s simulator'), value: rate(confirmedPerSecond.payfast) },
  ]
}

/** The event that Stripe sends when this page has been paid on. */
function completed({ id, session_id, amount }: Page): string {
  const session = {
    id: session_id,
    object: 'checkout.session',
    status: 'complete',
    payment_status: 'paid',
    payment_intent: `pi_${id}`,
    amount_total: amount,
    currency: 'pkr',
    client_reference_id: id,
    metadata: {},
  }
  const created = Math.floor(Date.now() / 1000)
  const type = 'checkout.session.completed'
  return JSON.stringify({ id: `evt_${randomUUID()}`, object: 'event', created, type, data: { object: session } })
}

/** Each of them, and again when some others have come between. */
const twice = (texts: readonly string[], apart = 50): string[] =>
  texts.flatMap((text, place) => [text, ...(place >= apart ? [texts[place - apart]!] : [])]).concat(texts.slice(-apart))

interface Telling {
  readonly texts: readonly string[]
  readonly webhookSecret: string
  readonly rate: number | undefined
}

function tell(mart: RunningMart, { texts, webhookSecret: secret, rate }: Telling): Promise<LoadResult> {
  let place = 0
  return load({
    url: `${mart.addresses.payment}/webhooks/stripe`,
    method: 'POST',
    connections: CONNECTIONS,
    seconds: 0,
    amount: texts.length,
    body: () => texts[place++ % texts.length]!,
    sign: (body) => ({ 'stripe-signature': signatureHeader(body, { secret, atS: Math.floor(Date.now() / 1000) }) }),
    ...(rate && { rate }),
  })
}
