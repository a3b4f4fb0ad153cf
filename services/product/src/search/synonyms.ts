import { foldedText, tokensOf } from './letters.ts'
import { noiseWords } from './noise-words.ts'
import { lexemeOf, soundOf } from './word-forms.ts'

/** The words of a phrase, as lexemes. */
export type Phrase = readonly string[]

export interface Meaning {
  readonly same: readonly Phrase[]
  /** What it may also be looked for under, though that means more or less. */
  readonly near: readonly Phrase[]
}

export interface Synonyms {
  /** By phrase key. */
  readonly meanings: ReadonlyMap<string, Meaning>
  /** The single words that are looked for under these meanings. */
  readonly words: readonly { readonly lexeme: string; readonly sound: string }[]
}

/** So many words, at most, without those that say nothing. */
export const MAX_PHRASE = 4

/** Phrases are one whatever the order of their words; in those of several words, what sounds alike is one, too. */
export const phraseKey = (words: readonly string[]): string =>
  words.length === 1 ? lexemeOf(words[0]!) : words.map(soundOf).sort().join(' ')

/** Reads lines of `a, b, c` and `a, b => c, d`, which `;` ends, too; `#` begins a comment. Throws Error naming the first line that is neither. */
export function parseSynonyms(text: string): Synonyms {
  const written = new Map<string, { same: string[][]; near: string[][] }>()
  const words = new Map<string, string>()
  text.split(/[\n;]/).forEach((given, index) => {
    const line = given.replace(/#.*/, '').trim()
    if (line === '') return
    const sides = line.split('=>').map((side) => side.split(/[,،]/).map(wordsOf))
    const [asked = [], found] = sides
    const isWrong = sides.length > 2 || (found === undefined && asked.length < 2)
    if (isWrong || sides.flat().some((phrase) => phrase.length === 0 || phrase.length > MAX_PHRASE))
      throw new Error(
        `line ${index + 1}, "${line}": write "a, b" or "a, b => c", with at most ${MAX_PHRASE} words in a part`,
      )
    for (const phrase of asked) {
      const others = (found ?? asked).filter((other) => phraseKey(other) !== phraseKey(phrase))
      // A phrase may be written as one word, too.
      const keys = new Set([phraseKey(phrase), phraseKey([phrase.join('')])])
      for (const key of keys) {
        const meaning = written.get(key) ?? { same: [], near: [] }
        written.set(key, meaning)
        meaning[found ? 'near' : 'same'].push(...others)
      }
      if (phrase.length === 1) words.set(lexemeOf(phrase[0]!), soundOf(phrase[0]!))
    }
  })
  const lexemes = (phrases: readonly string[][]) => phrases.map((phrase) => phrase.map(lexemeOf))
  const meanings = new Map<string, Meaning>()
  for (const [key, { same, near }] of written) {
    const nearToSame = same.flatMap((phrase) => written.get(phraseKey(phrase))?.near ?? [])
    meanings.set(key, { same: lexemes(same), near: lexemes([...near, ...nearToSame]) })
  }
  return { meanings, words: [...words].map(([lexeme, sound]) => ({ lexeme, sound })) }
}

const wordsOf = (text: string): string[] =>
  tokensOf(foldedText(text)).flatMap(({ text }) => (noiseWords.has(text) ? [] : text))
