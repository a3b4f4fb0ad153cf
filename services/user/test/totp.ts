import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const STEP_MS = 30_000

/** The code of an authenticator app (RFC 6238, SHA-1, 6 digits, 30 s), some steps from now. */
export function totp(uri: string, steps = 0): string {
  const bits = [...new URL(uri).searchParams.get('secret')!.replace(/=+$/, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS) + steps))
  const mac = createHmac('sha1', key).update(counter).digest()
  const at = mac.at(-1)! & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** The code of the step before now. It is taken until this step ends, and at its end is waited for the next one. */
export async function totpBefore(uri: string): Promise<string> {
  const left = STEP_MS - (Date.now() % STEP_MS)
  if (left < 5_000) await sleep(left)
  return totp(uri, -1)
}
