import { compactOf, foldedText, type Token, tokensOf } from './letters.ts'
import { noiseWords } from './noise-words.ts'
import { quantitiesIn } from './quantities.ts'
import { MAX_PHRASE, type Meaning, phraseKey, type Synonyms } from './synonyms.ts'
import { lexemeOf, soundOf } from './word-forms.ts'

const MAX_TERMS = 8

/** A word of a query, or an amount. */
export interface Term extends Meaning {
  readonly text: string
  readonly lexeme: string
  readonly sound: string
  /** What it makes with its neighbours, written as one: it counts when there is such a word. */
  readonly joined: readonly string[]
  /** An amount needs no spelling. */
  readonly isWord: boolean
  /** It may be only the beginning of what was meant. */
  readonly mayGoOn: boolean
  /** How much it decides about what is closest. */
  readonly weight: number
}

/** The word that says what the thing is, as the last one does, or the last before these: oil for frying. */
const HEAD_WEIGHT = 1.5
const turns = new Set(['for', 'with', 'to', 'in', 'when', 'that', 'which'])

export interface Question {
  readonly terms: readonly Term[]
  /** The whole query without spaces and signs, which a product's name or SKU may be. */
  readonly compact: string
  readonly looksLikeSku: boolean
}

/** What is asked for: the words that say something, with all that the synonyms know of them. */
export function readQuestion(query: string, { meanings }: Pick<Synonyms, 'meanings'>): Question {
  const folded = foldedText(query)
  const { quantities, rest } = quantitiesIn(folded)
  const all = tokensOf(rest)
  const tokens = all.filter(({ text }) => !noiseWords.has(text))
  const turn = all.findIndex(({ text }) => turns.has(text))
  const head = all.slice(0, turn < 0 ? undefined : turn).findLast((token) => tokens.includes(token)) ?? tokens.at(-1)
  const words = tokens.map((token, index): Term => {
    const { text } = token
    const [before, behind] = [tokens[index - 1]?.text, tokens[index + 1]?.text]
    const pairs = [before && before + text, behind && text + behind].filter((pair) => pair !== undefined)
    const phrases = phrasesAt(tokens, index).flatMap((phrase) => meanings.get(phraseKey(phrase)) ?? [])
    return {
      text,
      lexeme: lexemeOf(text),
      sound: soundOf(text),
      joined: pairs.map(lexemeOf),
      same: phrases.flatMap(({ same }) => same),
      near: phrases.flatMap(({ near }) => near),
      isWord: true,
      mayGoOn: index === tokens.length - 1 ? text.length > 1 : text.length > 3,
      weight: token === head ? HEAD_WEIGHT : 1,
    }
  })
  const amounts = quantities.map(
    ({ text, number }): Term => ({
      text,
      lexeme: text,
      sound: text,
      joined: [],
      same: [],
      near: number ? [[number]] : [],
      isWord: false,
      mayGoOn: false,
      weight: 1,
    }),
  )
  return {
    terms: [...words, ...amounts].slice(0, MAX_TERMS),
    compact: compactOf(folded),
    looksLikeSku: /[\d._/+-]/.test(folded),
  }
}

/** Every run of words that this one is in, itself first. */
function phrasesAt(tokens: readonly Token[], index: number): string[][] {
  const phrases: string[][] = []
  for (let length = 1; length <= MAX_PHRASE; length += 1)
    for (let start = Math.max(0, index - length + 1); start <= index && start + length <= tokens.length; start += 1)
      phrases.push(tokens.slice(start, start + length).map(({ text }) => text))
  return phrases
}
