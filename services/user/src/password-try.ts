import { createHmac } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { Refusal } from '@mart/service-kit/errors'

/** How many tries are free, and how long the next one waits after that: 4 s, 8 s, 16 s, … up to a quarter of an hour. */
export const FREE_TRIES = 5
export const FIRST_WAIT_S = 4
export const MAX_WAIT_S = 900

/**
 * Names one who tries the password of an account: the account and where he comes from together, so that nobody locks out
 * its owner, nor everybody behind his own proxy. An IPv6 network counts as one address.
 */
export function whoTries(secret: string, account: string, from: string): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify([account.trim().toLowerCase(), networkOf(from)]))
    .digest('base64url')
}

function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail = ''] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  const missing = 8 - groups.length - tail.split(':').filter(Boolean).length
  const all = address.includes('::') ? [...groups, ...Array<string>(missing).fill('0'), ...tail.split(':')] : groups
  return all.slice(0, 4).join(':')
}

export const tooManyTries = (seconds: number): Refusal =>
  new Refusal(429, 'too_many_tries', `Too many wrong tries: try again in ${seconds} s.`, {
    headers: { 'retry-after': String(seconds) },
  })
