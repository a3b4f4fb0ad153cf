import type { Question } from './question.ts'
import { type Group, isHopeless } from './spelling.ts'
import type { Phrase } from './synonyms.ts'

/** The lexemes by which a product is ranked for one group of words. */
export interface Ranked {
  /** Tsqueries. */
  readonly sure: string
  readonly perhaps: string
  /** A tsquery's rank is divided by how many lexemes it has: this takes that back. */
  readonly sureTimes: number
  readonly perhapsTimes: number
  /** How much this group decides. */
  readonly weight: number
}

/** A query as PostgreSQL is asked it. */
export interface Search {
  /** The first level that can find anything. */
  readonly start: number
  /** Tsqueries, from all of the words down to some of them: the first that finds anything counts. */
  readonly levels: readonly string[]
  readonly groups: readonly Ranked[]
  /** The only word that can be found, if there is but one. */
  readonly only: string | undefined
  /** What is found by this comes first: the name or SKU itself. */
  readonly whole: string
  /** A mean rank of the groups below this is that of words which are only mentioned. */
  readonly weak: number
}

const WEAK = 0.28
const AMOUNT_WEIGHT = 0.6
/** So many products are too many to be ranked for a word that another one narrows down. */
export const MANY = 1_000

export function searchOf(question: Question, groups: readonly Group[]): Search {
  const mayBeWeak = groups.filter(({ isWord }) => isWord).length > 1
  const weak = mayBeWeak
    ? groups.reduce((sum, { weight }) => sum + weight * Math.log(WEAK), 0)
    : Number.NEGATIVE_INFINITY
  const whole = wholeOf(question)
  const levels = levelsOf(groups, groups, whole)
  // Where the whole query is a name or a SKU, hopeless words do not matter: that is found on every level.
  const start = Math.min(groups.filter(isHopeless).length, levels.length - 1)
  return { start, levels, whole, groups: groups.map(ranked), only: onlyWord(groups), weak }
}

function onlyWord(groups: readonly Group[]): string | undefined {
  const [group, ...others] = groups.filter((one) => !isHopeless(one))
  const [word, ...more] = group ? [...group.sure, ...group.perhaps].flat() : []
  return others.length > 0 || more.length > 0 || word?.endsWith('*') ? undefined : word
}

/**
 * The same search for its levels below the first: words that fewer products have decide more, amounts least. `found`
 * says how many products have each group, counted up to `MANY`.
 */
export function weighed(question: Question, groups: readonly Group[], found: readonly number[]): Search {
  const search = searchOf(question, groups)
  const isRare = (_: unknown, index: number) => found[index]! > 0 && found[index]! < MANY
  const rare = groups.filter(isRare)
  const most = Math.max(...found)
  return {
    ...search,
    levels: levelsOf(groups, rare.length > 0 ? rare : groups, search.whole),
    groups: search.groups.map((group, index) => ({
      ...group,
      weight: groups[index]!.isWord ? Math.log(2 + most / (1 + found[index]!)) : AMOUNT_WEIGHT,
    })),
  }
}

const wholeOf = ({ compact, looksLikeSku }: Question): string =>
  `'=${compact}'|'#${compact}'${looksLikeSku && compact.length > 2 ? ':*' : ''}`

/**
 * All groups; all but one, but two, …, down to half of them; then one, if it is what the thing is called; at last any
 * mention of one, unless the shop does not know what else was asked for. One alone is one of `rare`.
 */
function levelsOf(groups: readonly Group[], rare: readonly Group[], whole: string): string[] {
  if (groups.length === 0) return [whole]
  const all = groups.map((group) => anyOf([...group.sure, ...group.perhaps]))
  const half = Math.ceil(groups.length / 2)
  const levels = Array.from({ length: groups.length - Math.max(half, 2) + 1 }, (_, dropped) =>
    atLeast(groups.length - dropped, all),
  )
  if (groups.length === 1) return [`${all[0]}|${whole}`]
  const inName = (phrases: readonly Phrase[]) => anyOf(phrases, half > 1 ? 'AB' : 'ABC')
  const one = rare.map(({ sure, perhaps }) => inName(half > 1 ? sure : [...sure, ...perhaps]))
  const mentions = rare.map((group) => anyOf([...group.sure, ...group.perhaps]))
  const any = groups.every((group) => group.isKnown) ? [mentions.join('|')] : []
  return [...levels, [levels[0], ...one].join('|'), ...any].map((level) => `${level}|${whole}`)
}

function atLeast(many: number, parts: readonly string[]): string {
  const [first, ...others] = parts
  if (many === parts.length) return parts.join('&')
  if (many === 1) return `(${parts.join('|')})`
  return `(${first}&${atLeast(many - 1, others)}|${atLeast(many, others)})`
}

const anyOf = (phrases: readonly Phrase[], weights = ''): string =>
  `(${[...new Set(phrases.map((phrase) => phrase.map((word) => operand(word, weights)).join('&')))].join('|')})`

const operand = (word: string, weights = ''): string => {
  const [begun, ends] = word.endsWith('*') ? [word.slice(0, -1), '*'] : [word, '']
  return `'${begun}'${ends || weights ? `:${ends}${weights}` : ''}`
}

function ranked({ sure, perhaps, credit, weight }: Group): Ranked {
  const [surely, guessed] = [sure, perhaps].map((phrases) => [...new Set(phrases.flat())])
  return {
    sure: surely!.map((word) => operand(word)).join('|'),
    perhaps: guessed!.map((word) => operand(word)).join('|'),
    sureTimes: surely!.length,
    perhapsTimes: credit * guessed!.length,
    weight,
  }
}
