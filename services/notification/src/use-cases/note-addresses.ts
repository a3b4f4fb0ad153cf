import type { Transaction } from '@mart/service-kit/postgres'
import { traceparentFor } from '@mart/service-kit/tracing'
import { isTooOld, type ToldAddress, welcome } from '../message.ts'
import { addMessages } from '../message-store.ts'
import { putAddresses } from '../person-store.ts'

/** Remembers whose address is proven, and welcomes whoever has proven one for the first time. */
export async function noteAddresses(tx: Transaction, told: readonly ToldAddress[]): Promise<void> {
  const lastOfEach = [...new Map(told.map((one) => [one.personId, one])).values()]
  const newcomers = await putAddresses(tx, lastOfEach)
  const now = new Date()
  await addMessages(
    tx,
    lastOfEach
      .filter(({ personId }) => newcomers.has(personId))
      .map((one) => ({
        ...welcome(one),
        uselessBecause: isTooOld(one.at, now) ? 'too_old' : null,
        traceparent: traceparentFor(one.personId),
      })),
  )
}
