import { newId } from '@mart/service-kit/ids'
import type { Service } from '@mart/service-kit/start-service'
import { APIError } from 'better-auth/api'
import { symmetricEncrypt } from 'better-auth/crypto'
import { generateExportedKeyPair, type JwtOptions } from 'better-auth/plugins/jwt'
import { accountGone, tokenSeconds } from './account.ts'
import { findClaims } from './account-queries.ts'
import type { Config } from './config.ts'
import { signerOf } from './signing-key.ts'
import { findSigningKeys } from './signing-key-queries.ts'
import type { KeyPair } from './signing-key-store.ts'

/** How better-auth signs tokens: what they say, for how long, by which key. */
export const tokensFrom = ({ db, config }: Service<Config>): JwtOptions => ({
  disableSettingJwtHeader: true,
  adapter: {
    // better-auth publishes every key, for a month the expired ones too, and signs by one that has not expired: that is
    // ours to choose.
    async getJwks() {
      const { keys, now } = await findSigningKeys(db)
      const signer = signerOf(keys, now)
      return keys.map((key) => ({ ...key, ...(key !== signer && { expiresAt: new Date(Date.now() - 1) }) }))
    },
  },
  jwt: {
    issuer: 'ai-mart',
    audience: 'ai-mart',
    async definePayload({ user, session }) {
      // Before the row is read, and to the millisecond: what takes a right back ends the tokens issued until then.
      const iat = Date.now() / 1000
      const found = await findClaims(db, user.id)
      if (!found) throw accountGone()
      const { has_second_factor, ...claims } = found
      if (config.STAFF_2FA === 'required' && claims.role !== 'customer' && !has_second_factor) {
        throw APIError.from('FORBIDDEN', {
          code: 'TWO_FACTOR_REQUIRED',
          message: 'This shop asks staff for a second factor: turn it on by POST /auth/two-factor/enable.',
        })
      }
      const auth_time = Math.floor(session.createdAt.getTime() / 1000)
      return { ...claims, auth_time, iat, exp: Math.floor(iat) + tokenSeconds(claims.role) }
    },
  },
})

/** A new key pair in better-auth's own manner, the private half encrypted with AUTH_SECRET. */
export async function makeKeyPair({ AUTH_SECRET }: Config): Promise<KeyPair> {
  const { publicWebKey, privateWebKey } = await generateExportedKeyPair()
  return {
    id: newId(),
    publicKey: JSON.stringify(publicWebKey),
    privateKey: JSON.stringify(await symmetricEncrypt({ key: AUTH_SECRET, data: JSON.stringify(privateWebKey) })),
    alg: 'EdDSA',
    crv: 'Ed25519',
  }
}
