import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Work } from '@mart/service-kit/workers'
import type { Config } from './config.ts'
import { addUpShelfCounts } from './use-cases/add-up-shelf-counts.ts'
import { renewStaleListings } from './use-cases/renew-stale-listings.ts'
import { unstageForgotten } from './use-cases/stage-import.ts'

const PRODUCTS_PER_TRANSACTION = 200

export const works = ({ db }: Service<Config>): Work[] => [
  {
    name: 'renew listings',
    everyMs: 500,
    run: () => inTransaction(db, (tx) => renewStaleListings(tx, PRODUCTS_PER_TRANSACTION)),
  },
  { name: 'add up shelf counts', everyMs: 5_000, run: () => inTransaction(db, addUpShelfCounts) },
  { name: 'drop forgotten imports', everyMs: 600_000, run: () => inTransaction(db, unstageForgotten) },
]
