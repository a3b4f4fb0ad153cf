import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Work } from '@mart/service-kit/workers'
import { makeKeyPair } from './better-auth-tokens-client.ts'
import type { Config } from './config.ts'
import { keyTimes } from './signing-key.ts'
import { renewSigningKeys } from './use-cases/renew-signing-keys.ts'

/** Makes, revokes and drops signing keys, by the clock and when `npm run rotate-keys` asks. */
export function renewingKeys(service: Service<Config>, times = keyTimes(service.config.SIGNING_KEY_DAYS)): Work {
  const { db, config, logger } = service
  return {
    name: 'signing-keys',
    everyMs: 5_000,
    async run() {
      const makePair = () => makeKeyPair(config)
      const { revoked, dropped, made, madeId } = await inTransaction(db, (tx) =>
        renewSigningKeys(tx, { times, makePair }),
      )
      if (revoked.length > 0) logger.warn({ keys: revoked }, 'signing keys were revoked: their tokens are refused')
      if (made)
        logger.info({ key: madeId, why: made.why, signs_from: made.signsFrom }, 'a new signing key is published')
      if (dropped.length > 0) logger.info({ keys: dropped }, 'signing keys that signed until lately were dropped')
    },
    onReady(wake) {
      db.listen('signing_keys', wake, wake).catch((error: unknown) =>
        logger.warn({ err: error }, 'signing keys are looked after every 5 seconds only'),
      )
    },
  }
}
