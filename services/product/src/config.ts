import type { ConfigOf } from '@mart/service-kit/config'
import { Type } from 'typebox'
import { parseSynonyms } from './search/synonyms.ts'

export const settings = {
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 8005 }),
  /** A folder of pictures served under /images/; not set: none are. */
  PRODUCT_IMAGES_DIR: Type.Optional(Type.String()),
  /** Lines like those of synonyms.txt, beside them; SEARCH_SYNONYMS_FILE names a file of them. */
  SEARCH_SYNONYMS: Type.Optional(Type.String()),
}

export type Config = ConfigOf<typeof settings>

export function synonymProblems({ SEARCH_SYNONYMS = '' }: Partial<Config>): string[] {
  try {
    parseSynonyms(SEARCH_SYNONYMS)
    return []
  } catch (error) {
    return [`SEARCH_SYNONYMS: ${(error as Error).message}`]
  }
}
