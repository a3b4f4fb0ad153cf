import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Role } from './auth.ts'

export interface TestPerson {
  readonly id: string
  readonly role?: Role
  readonly email?: string
  readonly name?: string
  /** True when not given. */
  readonly emailVerified?: boolean
  /** None when not given, as in tokens of a user service of before. */
  readonly language?: string
  /** Seconds since 1970; a quarter of an hour from now when not given. */
  readonly expiresAt?: number
  /** Seconds since 1970; now when not given. */
  readonly issuedAt?: number
  readonly signedInAt?: number
  readonly audience?: string
}

export const testKeyId = 'test'

/** Signs tokens as the user service does, and serves their keys. */
export async function createTestKeys() {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA')
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: testKeyId, alg: 'EdDSA' }] })
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(jwks))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    tokenFor: ({ id, role = 'customer', email = `${id}@example.com`, name = 'Test Person', ...more }: TestPerson) =>
      new SignJWT({
        role,
        email,
        name,
        email_verified: more.emailVerified ?? true,
        language: more.language,
        auth_time: more.signedInAt ?? Math.floor(Date.now() / 1000),
      })
        .setProtectedHeader({ alg: 'EdDSA', kid: testKeyId })
        .setSubject(id)
        .setIssuer('ai-mart')
        .setAudience(more.audience ?? 'ai-mart')
        .setIssuedAt(more.issuedAt ?? Date.now() / 1000)
        .setExpirationTime(more.expiresAt ?? Math.floor(Date.now() / 1000) + 15 * 60)
        .sign(privateKey),
    close: () => server.close(),
  }
}
