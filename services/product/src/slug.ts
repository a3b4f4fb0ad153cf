const MAX_MADE_UP = 90

/** A slug from a name: "Café Crème 450 g" becomes "cafe-creme-450-g"; `fallback` when no Latin letter or digit is left. */
export function slugFrom(name: string, fallback: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/['’]/g, '')
  const slug = plain
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_MADE_UP)
    .replaceAll(/^-+|-+$/g, '')
  if (slug === '') return fallback
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(slug) ? `${fallback}-${slug}` : slug
}

/** The slug itself, or with the first number that nobody has. */
export function firstFree(slug: string, taken: ReadonlySet<string>): string {
  if (!taken.has(slug)) return slug
  let number = 2
  while (taken.has(`${slug}-${number}`)) number += 1
  return `${slug}-${number}`
}
