import { readFileSync } from 'node:fs'
import type { ServiceName } from '@mart/contracts/services'
import type { Engine } from '../order-bench.ts'

/** CPU milliseconds on the machine that was measured. */
export interface ServiceCosts {
  /** Of a transaction, however much is done in it: in the service's thread and in its database. */
  readonly step: { readonly thread: number; readonly database: number }
  /** Of each event more in it. */
  readonly event: { readonly thread: number; readonly database: number }
  /** In a second in which nothing happens. */
  readonly idle: { readonly thread: number; readonly database: number }
}

export interface Costs {
  readonly services: Readonly<Record<ServiceName, ServiceCosts>>
  /** Of an order that is placed, beside its transaction's step. */
  readonly door: { readonly thread: number; readonly database: number }
  /** Of an event in an outbox, beside the steps: both statements on the outbox, and the append. */
  readonly relay: { readonly thread: number; readonly database: number; readonly log: number }
  /** Of the embedded log's database, or of the broker. */
  readonly log: { readonly step: number; readonly read: number; readonly idle: number }
  /** Of a mail, in all the places together. */
  readonly mail: { readonly thread: number; readonly database: number; readonly log: number; readonly others: number }
  /** What PostgreSQL does beside its sessions, for an order: WAL, checkpoints, vacuum. */
  readonly postgres: { readonly order: number; readonly idle: number }
  /** Of a request, where the load comes from. */
  readonly generator: number
  /** From the end of the work of a transaction until its log is on disk. */
  readonly commitMs: number
}

/** What an order leaves behind. */
export interface Kept {
  /** By database; of its largest tables, too. */
  readonly databases: Readonly<
    Record<string, { rows: number; bytes: number; tables: Readonly<Record<string, number>> }>
  >
  readonly walBytes: number
  /** By topic. */
  readonly topics: Readonly<Record<string, { events: number; bytes: number }>>
}

/** Events of a partition that a group had not committed yet, of all groups and partitions, looked at again and again. */
export interface PartitionLag {
  readonly mean: number
  readonly most: number
}

/** A load that was measured: what the costs were made of, and what they are compared with. */
export interface Load {
  readonly ordersPerSecond: number
  /** Cores that others on the machine kept busy meanwhile. */
  readonly othersCores: number
  readonly lagOfPartition: PartitionLag
  /** CPU milliseconds an order, by what spent them; transactions an order, by database. */
  readonly cpuMs: Readonly<Record<string, number>>
  readonly transactions: Readonly<Record<string, number>>
}

export interface Measured {
  readonly at: string
  readonly machine: string
  readonly loadAverage: string
  readonly costs: Costs
  readonly kept: Kept
  readonly loads: readonly Load[]
}

export const measuredFile = new URL('../../measured.json', import.meta.url)

export const readMeasured = (): Partial<Record<Engine, Measured>> => JSON.parse(readFileSync(measuredFile, 'utf8'))
