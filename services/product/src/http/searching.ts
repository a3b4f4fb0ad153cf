import type { Database } from '@mart/service-kit/postgres'
import { type Question, readQuestion, type Term } from '../search/question.ts'
import { type Group, groupOf, guessed, isHopeless, splitsOf, unprovenWords, without } from '../search/spelling.ts'
import type { Synonyms } from '../search/synonyms.ts'
import { MANY, type Search, searchOf, weighed } from '../search/tsquery.ts'
import { nearKeys } from '../search/word-forms.ts'
import { farWords, foundBy, knownWords, nearWords } from '../word-queries.ts'

export interface Understood extends Search {
  /** What is asked when not all of the words are looked for. */
  readonly weigh: (status: string) => Promise<Search>
}

/** What PostgreSQL is asked for a query: its words as they are, as they were meant, and what means the same. */
export async function understand(db: Database, synonyms: Synonyms, query: string): Promise<Understood> {
  const question = readQuestion(query, synonyms)
  const asked = question.terms.flatMap(({ isWord, lexeme, joined, same, near }) =>
    isWord ? [lexeme, ...joined, ...same.flat(), ...near.flat()] : [],
  )
  const known = asked.length > 0 ? await knownWords(db, asked) : new Set<string>()
  const groups = question.terms.map(async (term) => {
    const group = groupOf(term, known)
    return group.isKnown || /\p{N}/u.test(term.text) ? group : guess(db, term, group, synonyms)
  })
  return understood(db, question, await Promise.all(groups))
}

function understood(db: Database, question: Question, groups: readonly Group[]): Understood {
  const search = searchOf(question, groups)
  const queries = search.groups.map(({ sure, perhaps }) => (perhaps ? `${sure}|${perhaps}` : sure))
  const weigh = async (status: string) => weighed(question, groups, await foundBy(db, { status, queries, limit: MANY }))
  return { ...search, weigh }
}

/** What costs more is asked only when what costs less tells nothing. */
async function guess(db: Database, term: Term, group: Group, synonyms: Synonyms): Promise<Group> {
  const { lexeme, sound } = term
  const near = { ...(await nearWords(db, { lexeme, keys: nearKeys(sound) })), splits: [] }
  const first = guessed(group, term, near, synonyms)
  if (!isHopeless(first)) {
    const unproven = unprovenWords(first, near)
    if (unproven.length === 0) return first
    const known = await knownWords(db, unproven)
    return without(first, new Set(unproven.filter((word) => !known.has(word))))
  }
  const splits = splitsOf(term)
  const [alike, halves] = await Promise.all([
    farWords(db, sound),
    splits.length > 0 ? knownWords(db, splits.flat()) : new Set<string>(),
  ])
  const areWords = splits.filter((split) => split.every((half) => halves.has(half)))
  return guessed(group, term, { alike, goesOn: false, splits: areWords }, synonyms)
}
