export interface SigningKey {
  readonly id: string
  readonly signsFrom: Date
  /** What an operator asked for; `revoke`: it has leaked. */
  readonly endAsked: 'replace' | 'revoke' | null
}

export interface KeyTimes {
  /** After it began to sign a new one is made. */
  readonly renewedAfterMs: number
  /** In the key set before it signs, so that whoever keeps the set knows it by then. */
  readonly publishedAheadMs: number
  /** In the key set after it has signed its last token. */
  readonly keptForMs: number
}

const MINUTE_MS = 60_000

/**
 * Our services keep a key set for 5 minutes, other people's libraries for 10. The last tokens live for 15 minutes, and
 * clocks may differ by one.
 */
export const keyTimes = (renewedAfterDays: number): KeyTimes => ({
  renewedAfterMs: renewedAfterDays * 24 * 60 * MINUTE_MS,
  publishedAheadMs: 15 * MINUTE_MS,
  keptForMs: 30 * MINUTE_MS,
})

export type WhyNew = 'first' | 'age' | 'asked' | 'revoked'

export interface KeySteps {
  readonly revoked: readonly string[]
  readonly dropped: readonly string[]
  readonly made: { readonly why: WhyNew; readonly signsFrom: Date } | null
}

/** Which of the keys, in the order in which they sign, signs now. */
export const signerOf = <Key extends Pick<SigningKey, 'signsFrom'>>(keys: readonly Key[], now: Date): Key | undefined =>
  keys.findLast(({ signsFrom }) => signsFrom <= now) ?? keys[0]

/** What is due now with the keys, in the order in which they sign. */
export function keySteps(keys: readonly SigningKey[], now: Date, times: KeyTimes): KeySteps {
  const revoked = keys.filter(({ endAsked }) => endAsked === 'revoke').map(({ id }) => id)
  const left = keys.filter(({ id }) => !revoked.includes(id))
  const signer = signerOf(left, now)
  if (!signer) return { revoked, dropped: [], made: { why: revoked.length > 0 ? 'revoked' : 'first', signsFrom: now } }
  const at = left.indexOf(signer)
  const dropped = left
    .slice(0, at)
    .filter((_, index) => now.getTime() - left[index + 1]!.signsFrom.getTime() >= times.keptForMs)
  const isOld = now.getTime() - signer.signsFrom.getTime() >= times.renewedAfterMs
  const why = signer.endAsked ? 'asked' : isOld ? 'age' : null
  const isNext = at < left.length - 1
  return {
    revoked,
    dropped: dropped.map(({ id }) => id),
    made: why && !isNext ? { why, signsFrom: new Date(now.getTime() + times.publishedAheadMs) } : null,
  }
}
