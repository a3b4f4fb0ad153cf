import { Refusal } from '@mart/service-kit/errors'

/** The versions that a caller will overwrite; `any` for whichever there is. */
export type Versions = 'any' | ReadonlySet<number>

/** Reads an If-Match header (RFC 9110 §13.1.1); null when there is none. A tag that is none of ours matches nothing. */
export function versionsFrom(ifMatch: string | undefined): Versions | null {
  if (ifMatch === undefined) return null
  if (ifMatch.trim() === '*') return 'any'
  return new Set([...ifMatch.matchAll(/(?<!W\/)"(\d{1,9})"/g)].map((match) => Number(match[1])))
}

/** Throws Refusal 428 when the request does not say which version it changes. */
export function requiredVersions(ifMatch: string | undefined): Versions {
  const versions = versionsFrom(ifMatch)
  if (versions) return versions
  throw new Refusal(428, 'if_match_required', 'Say by If-Match which version you change: the ETag that you were given.')
}

/** Throws Refusal 412 when `version` is none of those that the caller meant. */
export function checkVersion(version: number, versions: Versions): void {
  if (versions === 'any' || versions.has(version)) return
  throw new Refusal(412, 'stale', `It was changed meanwhile and is at version ${version}: read it again.`, {
    headers: { etag: etagOf(version) },
  })
}

export const etagOf = (version: number): string => `"${version}"`
