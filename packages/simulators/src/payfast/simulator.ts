import type { Deliveries } from '../kit/deliveries.ts'
import type { Control } from './control.ts'
import type { Store } from './store.ts'

/** What every part of the simulator works with. */
export type Simulator = {
  merchantId: string
  securedKey: string
  store: Store
  control: Control
  deliveries: Deliveries
}

/** What every path of this simulator begins with. */
export const PREFIX = '/payfast'
