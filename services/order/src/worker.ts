import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Work } from '@mart/service-kit/workers'
import { dropUnused } from './carts/use-cases.ts'
import type { Config } from './config.ts'
import { forgetGuests } from './use-cases/forget-guests.ts'
import { cancelOverdue } from './use-cases/move-orders.ts'

/** The order service alone owns the clock of a payment. */
export const works = ({ db, config }: Service<Config>): Work[] => [
  {
    name: 'payment timeouts',
    everyMs: 1_000,
    run: async () => (await inTransaction(db, (tx) => cancelOverdue(tx, config.PAYMENT_WINDOW_S * 1000))) > 0,
  },
  {
    name: 'guests to forget',
    everyMs: 60_000,
    run: () => inTransaction(db, (tx) => forgetGuests(tx, config.GUEST_DATA_DAYS)),
  },
  { name: 'unused carts', everyMs: 10 * 60_000, run: () => inTransaction(db, dropUnused) },
]
