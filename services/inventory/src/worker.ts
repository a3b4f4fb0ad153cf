import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Work } from '@mart/service-kit/workers'
import type { Config } from './config.ts'
import { repeatAvailability } from './use-cases/repeat-availability.ts'

const SKUS_AT_ONCE = 500

export const works = ({ db }: Service<Config>): Work[] => [
  {
    name: 'repeat availability',
    everyMs: 60_000,
    run: async () => (await inTransaction(db, (tx) => repeatAvailability(tx, SKUS_AT_ONCE))) === SKUS_AT_ONCE,
  },
]
