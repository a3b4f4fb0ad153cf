const NOWHERE = 'http://shop.invalid'

/** Where to go on: a path of the shop's own, or its front page for anything else. A browser takes `//host` and `/\host` for another site. */
export function nextPath(given: unknown): string {
  if (typeof given !== 'string' || given.length > 2_000 || !given.startsWith('/') || /[\\\p{Cc}]/u.test(given))
    return '/'
  const url = URL.parse(given, NOWHERE)
  // Without its dot segments `/.//host` is `//host`.
  if (url?.origin !== NOWHERE || url.pathname.startsWith('//')) return '/'
  return url.pathname + url.search
}
