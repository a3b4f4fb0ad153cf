const MAX_TERMS = 8
const MAX_WORD = 64
const MAX_POSITIONS = 200

/** What is looked for: a part of a word, and how many letters of it may be wrong. */
export interface SearchTerm {
  readonly term: string
  readonly slips: number
}

/** Lower-case words without accents and punctuation; both what is searched and what is asked for goes through here. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/['’]/g, '')
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [...word].slice(0, MAX_WORD).join(''))
}

/** The words of a query, without the s of a plural ("eggs" also finds "egg"): words are looked for by their beginning. */
export function searchTerms(query: string): SearchTerm[] {
  const terms = [...new Set(wordsOf(query).map((word) => (/^[a-z]{2,}[^s]s$/.test(word) ? word.slice(0, -1) : word)))]
  return terms.slice(0, MAX_TERMS).map((term) => ({ term, slips: slipsIn(term) }))
}

/** None where a changed letter makes another word: in numbers and short words. */
function slipsIn(term: string): number {
  if (/\p{N}/u.test(term) || term.length < 4) return 0
  return term.length < 6 ? 1 : 2
}

export interface Spelling {
  readonly term: string
  /** Some word begins like this. */
  readonly known: boolean
  /** The words that an unknown term was probably meant to be. */
  readonly alike: readonly string[]
}

/**
 * A tsquery that asks for every term, spelled as it is or as it was probably meant. A term that resembles nothing is
 * left out; null when that leaves none.
 */
export function tsqueryOf(spellings: readonly Spelling[]): string | null {
  const parts = spellings.flatMap(({ term, known, alike }) => {
    if (known) return term.length > 1 ? `'${term}':*` : `'${term}'`
    return alike.length > 0 ? `(${alike.map((word) => `'${word}'`).join('|')})` : []
  })
  return parts.length > 0 ? parts.join('&') : null
}

export type Weight = 'A' | 'B' | 'C' | 'D'

/** The text of a tsvector of words with their places, from texts in the order of their weight. */
export function tsvectorOf(texts: readonly { weight: Weight; text: string }[]): string {
  const places = new Map<string, string[]>()
  let position = 0
  for (const { weight, text } of texts) {
    for (const word of wordsOf(text)) {
      position += 1
      const ofWord = places.get(word) ?? []
      if (ofWord.length < MAX_POSITIONS) ofWord.push(`${position}${weight}`)
      places.set(word, ofWord)
    }
  }
  return [...places].map(([word, at]) => `'${word}':${at.join(',')}`).join(' ')
}

/** The words of a tsvector text. */
export const wordsIn = (tsvector: string): string[] => [...tsvector.matchAll(/'([^']+)'/g)].map((match) => match[1]!)
