import type { Control } from './control.ts'
import type { Store } from './store.ts'
import type { Webhooks } from './webhooks.ts'

/** What every part of the simulator works with. */
export type Simulator = {
  apiKey: string
  /** Where a browser reaches the hosted pages; without a slash at the end. */
  publicUrl: string
  store: Store
  control: Control
} & Webhooks
