import type { ServiceName } from '@mart/contracts/services'

/** Where to reach a mart: its services, and what stands in for a mail server and for payment providers, if it does. */
export type Addresses = Record<ServiceName, string> & { readonly mail?: string; readonly simulators?: string }

/** A mart as one sees it who is no part of it. */
export interface MartVisited {
  readonly addresses: Addresses
  readonly adminEmail: string
  readonly adminPassword: string
}
