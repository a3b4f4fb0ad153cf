import { type Served, type ServeOptions, serve } from './kit/serve.ts'
import { type PayfastOptions, payfastStandIn } from './payfast/main.ts'
import { type StripeOptions, stripeStandIn } from './stripe/main.ts'

export type SimulatorsOptions = ServeOptions & {
  /** Not given: Stripe is not simulated. */
  readonly stripe?: StripeOptions | undefined
  /** Not given: PayFast is not simulated. */
  readonly payfast?: PayfastOptions | undefined
}

/** Starts what stands in for payment providers, all on one port. Rejects when the port is taken or a state file cannot be read. */
export const startSimulators = ({ stripe, payfast, ...where }: SimulatorsOptions): Promise<Served> =>
  serve(where, [...(payfast ? [payfastStandIn(payfast)] : []), ...(stripe ? [stripeStandIn(stripe)] : [])])
