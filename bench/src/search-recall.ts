import { readFileSync } from 'node:fs'

export const FIRST = 5
export const WANTED_RECALL = 0.95
/** So many answers, at most, are an honest answer to a query for what is not sold. */
export const AT_MOST_FOR_NOTHING = 5

export interface SearchQuery {
  readonly query: string
  /** The slugs that must be among the first five; none: it is not sold. */
  readonly wanted: readonly string[]
  /** The search was built without looking at how this one does. */
  readonly isHeldOut: boolean
}

export interface Recall {
  readonly queries: number
  readonly recall: number
  readonly heldOutRecall: number
  /** Queries for what is not sold that were answered with more than a few products. */
  readonly strays: readonly string[]
  readonly misses: readonly {
    readonly query: string
    readonly missing: readonly string[]
    readonly isHeldOut: boolean
  }[]
}

/** Reads `bench/search-queries.tsv`, which says at its top what it holds. */
export function readSearchQueries(): SearchQuery[] {
  return readFileSync(new URL('../search-queries.tsv', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.includes('\t') && !line.startsWith('#'))
    .map((line, index) => {
      const [query = '', wanted = ''] = line.split('\t')
      return { query, wanted: wanted === '-' ? [] : wanted.split(' '), isHeldOut: index % 3 === 2 }
    })
}

/**
 * Asks every query of the list. `ask` gives the slugs of the first products that a query is answered with, one more
 * than `AT_MOST_FOR_NOTHING` at least.
 */
export async function measureRecall(ask: (query: string) => Promise<readonly string[]>): Promise<Recall> {
  const tries = []
  for (const { query, wanted, isHeldOut } of readSearchQueries()) {
    const found = await ask(query)
    const missing = wanted.filter((slug) => !found.slice(0, FIRST).includes(slug))
    tries.push({ query, wanted, isHeldOut, found: found.length, missing })
  }
  const sold = tries.filter(({ wanted }) => wanted.length > 0)
  return {
    queries: tries.length,
    recall: recallOf(sold),
    heldOutRecall: recallOf(sold.filter(({ isHeldOut }) => isHeldOut)),
    strays: tries
      .filter(({ wanted, found }) => wanted.length === 0 && found > AT_MOST_FOR_NOTHING)
      .map(({ query }) => query),
    misses: sold.filter(({ missing }) => missing.length > 0),
  }
}

function recallOf(tries: readonly { wanted: readonly string[]; missing: readonly string[] }[]): number {
  const count = (pick: 'wanted' | 'missing') => tries.reduce((sum, one) => sum + one[pick].length, 0)
  return 1 - count('missing') / count('wanted')
}
