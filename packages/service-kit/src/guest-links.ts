import { createHmac, timingSafeEqual } from 'node:crypto'
import { listed } from './config.ts'

/** What lets a guest at his order, and nobody at another; decision 23. */
export interface GuestLinks {
  /** 256 bits, base64url; always the same for an order. */
  readonly secretOf: (orderId: string) => string
  readonly isOf: (orderId: string, shown: string) => boolean
  /** Stands for a text where that itself must not be kept. */
  readonly pseudonymOf: (text: string) => string
}

const LEAST_LENGTH = 32

/** What is wrong with GUEST_LINK_SECRET, a line each. */
export const guestLinkProblems = ({ GUEST_LINK_SECRET = '' }: { readonly GUEST_LINK_SECRET?: string }): string[] =>
  listed(GUEST_LINK_SECRET).some((secret) => secret.length < LEAST_LENGTH)
    ? [`GUEST_LINK_SECRET: each must have at least ${LEAST_LENGTH} characters`]
    : []

/** By secrets like "new,old": the first makes links, all are good. Null when none is set: then there are no guests. */
export function guestLinks(setting: string): GuestLinks | null {
  const secrets = listed(setting)
  const [newest] = secrets
  if (!newest) return null
  const made = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest()
  const ofOrder = (secret: string, orderId: string) => made(secret, `order ${orderId}`).toString('base64url')
  return {
    secretOf: (orderId) => ofOrder(newest, orderId),
    isOf: (orderId, shown) => secrets.some((secret) => isSame(ofOrder(secret, orderId), shown)),
    pseudonymOf: (text) => made(newest, `pseudonym ${text}`).toString('base64url'),
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
