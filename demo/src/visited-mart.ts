import type { ServiceName } from '@mart/contracts/services'

/**
 * Where to reach a mart: its shop window, its services; what stands in for a mail server and for payment providers, if it does; with
 * --observe the page that leads to all that is seen of it, its logs and its metrics.
 */
export type Addresses = Record<ServiceName, string> & {
  readonly shop?: string
  readonly mail?: string
  readonly simulators?: string
  readonly observability?: string
  readonly logs?: string
  readonly metrics?: string
}

/** A mart as one sees it who is no part of it. */
export interface MartVisited {
  readonly addresses: Addresses
  readonly adminEmail: string
  readonly adminPassword: string
}
