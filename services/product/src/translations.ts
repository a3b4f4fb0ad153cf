import type { Language } from '@mart/contracts/language'

type Texts = Readonly<Record<string, string | undefined>>
export interface Translations<Given extends Texts> {
  readonly ur?: Given
}
type Name = { readonly name?: string }
export type NameTranslations = Translations<Name>
export type ProductTranslations = Translations<Name & { readonly description?: string }>

/** Without what is empty, in one order; undefined when nothing is left. */
export function tidyTranslations(given: ProductTranslations | undefined): ProductTranslations | undefined {
  const { name, description } = given?.ur ?? {}
  return name || description ? { ur: { ...(name && { name }), ...(description && { description }) } } : undefined
}

/** As what stands beside other fields; absent when there are none. */
export const translationsOf = (given: ProductTranslations | undefined) => {
  const translations = tidyTranslations(given)
  return translations ? { translations } : {}
}

/** A text for readers of a language, and in which it is: English where it has not been translated. */
export function textFor(language: Language, english: string, translated: string | undefined) {
  return language === 'ur' && translated
    ? ({ text: translated, language: 'ur' } as const)
    : ({ text: english, language: 'en' } as const)
}
