import { type Static, Type } from 'typebox'
import type { Language } from './language.ts'

/** What something is called: in English, and in Urdu where it has a name there. */
export const names = {
  name: Type.String(),
  translations: Type.Optional(
    Type.Object(
      { ur: Type.Optional(Type.Object({ name: Type.Optional(Type.String()) })) },
      { description: 'the name in other languages than English' },
    ),
  ),
}
const Names = Type.Object(names)
export type Names = Readonly<Static<typeof Names>>

/** Of something that has a name, this alone. */
export const namesOf = ({ name, translations }: Names): Names => ({ name, ...(translations && { translations }) })

/** The name for readers of a language, and in which it is: in English where there is no other. */
export function nameFor(language: Language, { name, translations }: Names) {
  const inUrdu = language === 'ur' ? translations?.ur?.name : undefined
  return inUrdu ? { name: inUrdu, name_language: 'ur' as const } : { name, name_language: 'en' as const }
}

/**
 * What a variant is called where it stands without its product. In Urdu as soon as the product is: what says only how much
 * there is of it ("450 g") may stay as it is.
 */
export function namesOfVariant(product: Names, variant: Names | null): Names {
  const inUrdu = product.translations?.ur?.name
  const both = (of: string, which: string | undefined, comma: string) => (which ? `${of}${comma}${which}` : of)
  return {
    name: both(product.name, variant?.name, ', '),
    ...(inUrdu && {
      translations: { ur: { name: both(inUrdu, variant ? nameFor('ur', variant).name : '', '، ') } },
    }),
  }
}
