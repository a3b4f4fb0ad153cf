import type { Term } from './question.ts'
import type { Phrase, Synonyms } from './synonyms.ts'
import { consonantsOf, isSlip, isUrdu, lexemeOf, slipsBetween } from './word-forms.ts'

/** A word of the shop's that resembles a mistyped one, or begins with it. */
export interface Resembling {
  readonly word: string
  readonly sound: string
}

/** What the shop's own words say about a term that none of them is. */
export interface Clues {
  readonly alike: readonly Resembling[]
  /** Some word begins like this. */
  readonly goesOn: boolean
  /** The words that it may have been written together of. */
  readonly splits: readonly Phrase[]
}

/** The phrases that a term stands for, and those that it may stand for; a word that ends in `*` is only begun. */
export interface Group {
  readonly sure: readonly Phrase[]
  readonly perhaps: readonly Phrase[]
  /** How much the latter count. */
  readonly credit: number
  readonly weight: number
  readonly isWord: boolean
  /** It needs no guess. */
  readonly isKnown: boolean
}

/** What is only near to a word that we know. */
const NEAR = 0.4

const MAX_GUESSES = 5
const MIN_SPLIT = 3
/** Of a word that is the end of another: brush, of toothbrush. */
const MIN_END = 4
/** A short word resembles too many in the list of synonyms. */
const MIN_LISTED = 5

/** Where a word may have been written together of two. */
export function splitsOf({ text }: Pick<Term, 'text'>): Phrase[] {
  const letters = [...text]
  if (letters.length < 2 * MIN_SPLIT || /\p{N}/u.test(text)) return []
  return Array.from({ length: letters.length - 2 * MIN_SPLIT + 1 }, (_, index) => {
    const at = index + MIN_SPLIT
    return [letters.slice(0, at).join(''), letters.slice(at).join('')].map(lexemeOf)
  })
}

/** What the shop's words say of a term: itself, what it makes with its neighbours, what means the same or nearly so. */
export function groupOf(term: Term, known: ReadonlySet<string>): Group {
  const { weight, isWord, lexeme, joined } = term
  const ofTheShop = (phrases: readonly Phrase[]) => phrases.filter((phrase) => phrase.every((word) => known.has(word)))
  const others = ofTheShop([...joined.map((word) => [word]), ...term.same])
  const near = isWord ? ofTheShop(term.near) : term.near
  const isKnown = !isWord || known.has(lexeme) || others.length > 0 || near.length > 0
  return { sure: [[lexeme], ...others], perhaps: near, credit: NEAR, weight, isWord, isKnown }
}

/** What a term that is none of the shop's words was probably meant to be, as far as these clues go. */
export const guessed = (group: Group, term: Term, clues: Clues, synonyms: Synonyms): Group => ({
  ...group,
  perhaps: guessesAt(term, clues, synonyms),
  credit: 1,
})

/** The guessed words that only the list of synonyms has, so far. */
export const unprovenWords = ({ perhaps }: Group, { alike }: Pick<Clues, 'alike'>): string[] =>
  perhaps.flat().filter((word) => !word.endsWith('*') && !alike.some((ofTheShop) => ofTheShop.word === word))

/** Without the guesses that hold one of these words, which are none of the shop's: it may be that nothing is left. */
export const without = (group: Group, strange: ReadonlySet<string>): Group => ({
  ...group,
  perhaps: group.perhaps.filter((phrase) => !phrase.some((word) => strange.has(word))),
})

/** No product can have it. */
export const isHopeless = ({ isKnown, perhaps }: Group): boolean => !isKnown && perhaps.length === 0

function guessesAt(term: Term, { alike, goesOn, splits }: Clues, synonyms: Synonyms): Phrase[] {
  const listed = synonyms.words.map(({ lexeme, sound }) => ({ word: lexeme, sound }))
  const meaningsOf = (words: readonly string[]) =>
    [...new Set(words)].slice(0, MAX_GUESSES).flatMap((word) => [[word], ...(synonyms.meanings.get(word)?.same ?? [])])

  const same = [...alike, ...listed].filter(({ sound }) => soundsAs(term.sound, sound))
  const begun = goesOn && term.mayGoOn ? [[`${term.lexeme}*`]] : []
  const ended = alike.filter(({ sound }) => term.sound.length >= MIN_END && sound.endsWith(term.sound))
  if (same.length > 0 || begun.length > 0 || ended.length > 0)
    return [...meaningsOf([...same, ...ended].map(({ word }) => word)), ...begun]

  const slips = [...alike, ...listed.filter(({ sound }) => sound.length >= MIN_LISTED)]
    .filter(({ sound }) => isSlip(term.sound, sound))
    .map(({ word, sound }) => ({
      word,
      inSound: slipsBetween(term.sound, sound),
      all: slipsBetween(term.lexeme, word),
    }))
    .sort((one, other) => one.inSound - other.inSound || one.all - other.all)
  const nearest = slips.filter(({ inSound }) => inSound === slips[0]!.inSound)
  return nearest.length > 0 ? meaningsOf(nearest.map(({ word }) => word)) : [...splits]
}

const soundsAs = (typed: string, meant: string): boolean =>
  typed === meant
    ? typed.length > 1
    : isUrdu(typed) !== isUrdu(meant) && consonantsOf(typed).length > 2 && consonantsOf(typed) === consonantsOf(meant)
