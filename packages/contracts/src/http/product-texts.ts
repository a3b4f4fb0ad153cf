import { Type } from 'typebox'
import { Language } from '../language.ts'

export const line = (maxLength: number) =>
  Type.String({
    maxLength,
    // Blanks, one that is none, and whatever else; without a lookahead, which a test cannot turn into texts.
    pattern: '^[^\\S\\x00-\\x1f\\x7f-\\x9f]*[^\\s\\x00-\\x1f\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$',
    'x-must': 'must be one line that says something, without control characters',
  })
// PostgreSQL's text takes no NUL character.
export const text = (maxLength: number) =>
  Type.String({ maxLength, pattern: '^[^\\0]*$', 'x-must': 'must have no NUL character' })

/** Absolute, or from this shop's root; `//host` and `/\\host` would leave it. */
export const ImageUrl = Type.String({
  maxLength: 2_000,
  pattern: '^(https?://[^\\s\\x00-\\x1f\\x7f-\\x9f\\\\"<>]+|/(?![/\\\\])[^\\s\\x00-\\x1f\\x7f-\\x9f\\\\"<>]*)$',
  'x-must': 'must begin with https://, http:// or one /, and have no spaces, backslashes, quotes, < or >',
})

export const Options = Type.Record(Type.String(), line(200), {
  maxProperties: 20,
  propertyNames: line(50),
  examples: [{ size: '450 g' }],
})

const NamesInUrdu = (maxLength: number) =>
  Type.Object(
    { ur: Type.Optional(Type.Object({ name: Type.Optional(line(maxLength)) }, closed())) },
    { ...closed(), description: 'the name in other languages than English; given, it is the whole of it' },
  )
export const VariantTranslations = NamesInUrdu(200)
export const CategoryTranslations = NamesInUrdu(100)

export const ProductTranslations = Type.Object(
  {
    ur: Type.Optional(
      Type.Object({ name: Type.Optional(line(200)), description: Type.Optional(text(10_000)) }, closed()),
    ),
  },
  {
    ...closed(),
    description: 'the texts in other languages than English; given, it is the whole of it, and {} takes all away',
    examples: [{ ur: { name: 'ٹپال دانے دار چائے' } }],
  },
)

export const TextLanguage = Type.Enum(Language.enum, { description: 'in which the text beside it is' })
export const LanguageQuery = Type.Optional(
  Type.Enum(Language.enum, {
    description: 'ur: names and descriptions in Urdu where there are such; each says in which language it is',
  }),
)
export const TextsQuery = Type.Object({ language: LanguageQuery }, closed())

function closed() {
  return { additionalProperties: false } as const
}
