import type { NameTranslations, ProductTranslations } from '../translations.ts'
import { compactOf, foldedText, type Token, tokensOf } from './letters.ts'
import { noiseWords } from './noise-words.ts'
import { quantitiesIn } from './quantities.ts'
import { lexemeOf } from './word-forms.ts'

/** What a product is; the rest of its name; its variants and categories; its description. */
type Weight = 'A' | 'B' | 'C' | 'D'

export interface Searchable {
  readonly name: string
  readonly description: string
  readonly variants: readonly {
    readonly sku: string
    readonly name: string
    readonly options: Readonly<Record<string, string>>
    readonly translations?: NameTranslations
  }[]
  readonly translations?: ProductTranslations | null
  readonly categories: readonly string[]
  /** The categories that these are a part of. */
  readonly aboveCategories: readonly string[]
}

const MAX_POSITIONS = 200

/** Before what stands behind these, a name has said what the thing is: gulab jamun in syrup. */
const turns = new Set(['in', 'with', 'for', 'without', 'from', 'by', 'to'])

export interface ListingWords {
  /** The text of a tsvector: lexemes with places and weights. Whole names begin with `=` there, SKUs with `#`. */
  readonly tsvector: string
  /** A word for each lexeme that may be mistyped. */
  readonly spellings: ReadonlyMap<string, string>
}

export function wordsOfListing(listed: Searchable): ListingWords {
  const { variants, categories, aboveCategories } = listed
  const { name, description } = listed.translations?.ur ?? {}
  const names = [listed.name, name].filter((one) => one !== undefined).map(foldedText)
  const places = new Map<string, string[]>()
  let position = 0
  const spellings = new Map<string, string>()
  const add = (weight: Weight, words: readonly string[]) => {
    for (const word of words) {
      const lexeme = lexemeOf(word)
      if (/^[^=#]/.test(word) && !spellings.has(lexeme)) spellings.set(lexeme, word)
      position += 1
      const ofLexeme = places.get(lexeme) ?? []
      if (ofLexeme.length < MAX_POSITIONS) ofLexeme.push(`${position}${weight}`)
      places.set(lexeme, ofLexeme)
    }
  }
  for (const folded of names) {
    const { what, more } = partsOfName(folded)
    add('A', what)
    add('B', more)
    add('A', [`=${compactOf(folded)}`])
  }
  for (const { sku } of variants) add('A', partsOfSku(foldedText(sku)))
  for (const { name, options, translations } of variants)
    for (const text of [name, ...Object.values(options), translations?.ur?.name ?? '']) add('C', wordsAndAmounts(text))
  for (const text of categories) add('C', wordsAndAmounts(text))
  for (const text of [...aboveCategories, listed.description, description ?? ''])
    add(
      'D',
      wordsAndAmounts(text).filter((word) => !noiseWords.has(word)),
    )
  add(
    'C',
    names.flatMap((folded) => quantitiesIn(folded).quantities.map(({ text }) => text)),
  )
  return { tsvector: [...places].map(([lexeme, at]) => `'${lexeme}':${at.join(',')}`).join(' '), spellings }
}

function wordsAndAmounts(text: string): string[] {
  const folded = foldedText(text)
  const tokens = tokensOf(folded)
  const { quantities } = quantitiesIn(folded)
  return [
    ...tokens.map((token) => token.text),
    ...joined(tokens, (gap) => gap === ''),
    ...quantities.flatMap(({ text, number }) => (number ? [text, number] : [text])),
  ]
}

/** What is written in one word here may be looked for in two, and the other way round. */
function joined(tokens: readonly Token[], isJoint: (gap: string) => boolean): string[] {
  return tokens.slice(1).flatMap(({ text, gap }, index) => {
    const before = tokens[index]!.text
    const isLongNumber = /\d{3}/.test(before + text) && gap !== ''
    return isJoint(gap) && !isLongNumber ? [before + text] : []
  })
}

/** The last word of a name's first part says what the thing is, and so does what stands in brackets. */
function partsOfName(folded: string): { what: string[]; more: string[] } {
  const aliases: Token[] = []
  const rest = folded.replaceAll(/[([{]([^)\]}]*)[)\]}]/g, (_, inside: string) => {
    aliases.push(...tokensOf(inside))
    return ' , '
  })
  const first =
    quantitiesIn(rest)
      .rest.split(/[,;|:–—]|\s-\s/)
      .find((part) => tokensOf(part).length > 0) ?? ''
  const tokens = tokensOf(first)
  const turn = tokens.findIndex(({ text }, index) => index > 0 && turns.has(text))
  const words = (turn > 0 ? tokens.slice(0, turn) : tokens).filter(({ text }) => /\p{L}/u.test(text))
  const head = words.at(-1)
  const all = tokensOf(folded)
  const isWhat = ({ text }: Token) => text === head?.text || aliases.some((alias) => alias.text === text)
  return {
    what: all.filter(isWhat).map(({ text }) => text),
    more: [
      ...all.filter((token) => !isWhat(token)).map(({ text }) => text),
      ...joined(all, (gap) => /^[\s\-/&.+]*$/.test(gap)),
    ],
  }
}

/** A SKU is looked for whole, or from one of its parts on: `TEA-TD-450` by TEA-TD and by TD-450 too. */
function partsOfSku(folded: string): string[] {
  const parts = folded.match(/[\p{L}\p{N}]+/gu) ?? []
  const starts = parts.slice(0, Math.max(1, parts.length - 1))
  return starts.map((_, index) => `#${compactOf(parts.slice(index).join(''))}`)
}
