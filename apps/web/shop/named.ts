import type { Language } from '../ui/format.ts'

/** What staff have named; in English where there is no translation. */
export interface Named {
  readonly name: string
  readonly name_language: Language
}
