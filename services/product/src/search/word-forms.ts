import pluralize from 'pluralize'
import { stemmer } from 'stemmer'
import { noiseWords } from './noise-words.ts'

pluralize.addIrregularRule('lens', 'lenses')

const MAX_KEPT = 50_000
const forms = new Map<string, { singular: string; lexeme: string }>()

function formsOf(word: string) {
  let known = forms.get(word)
  if (known === undefined) {
    const isEnglish = /^[a-z]{3,}$/.test(word)
    const singular = isEnglish ? pluralize.singular(word) : word
    const stem = isEnglish ? stemmer(singular) : word
    known = { singular, lexeme: noiseWords.has(stem) ? singular : stem }
    if (forms.size >= MAX_KEPT) forms.clear()
    forms.set(word, known)
  }
  return known
}

/** What stands for a word and all its inflections: of an English word the stem of its singular. */
export const lexemeOf = (word: string): string => formsOf(word).lexeme

const spellings: readonly (readonly [RegExp, string])[] = [
  [/ph/g, 'f'],
  [/t?ch+/g, 'C'],
  [/sh+/g, 's'],
  [/c(?=[eiy])/g, 's'],
  [/([^aeiou])e$/g, '$1'],
  [/c?k|c|q/g, 'k'],
  [/x/g, 'ks'],
  [/z/g, 's'],
  [/w/g, 'v'],
  [/([bdfgjkpt])h/g, '$1'],
  [/(?<!^)h$/g, ''],
  [/aa+/g, 'a'],
  [/a(?:[iy]e?|e)/g, 'e'],
  [/e[ea]+|i[ey]/g, 'i'],
  [/e[iy]/g, 'e'],
  [/o[ou]+/g, 'u'],
  [/y(?![aou])/g, 'i'],
  [/(.)\1+/g, '$1'],
]

/** How a word sounds, roughly: what is written in several ways (doodh dudh, cheeni chini, aata atta) is one. */
export function soundOf(word: string): string {
  const { singular } = formsOf(word)
  if (!/^[a-z]+$/.test(singular)) return singular
  return spellings.reduce((sound, [from, to]) => sound.replaceAll(from, to), singular)
}

const consonants = new Map(
  [
    'bب',
    'pپ',
    'tتٹط',
    'sثسشصذزضظ',
    'jجژ',
    'Cچ',
    'hحہ',
    'kخقک',
    'dدڈ',
    'rرڑ',
    'Sش',
    'gغگ',
    'fف',
    'lل',
    'mم',
    'nن',
  ].flatMap(([latin, ...others]) => others.map((letter) => [letter, latin!] as const)),
)

/** The consonants of a sound in Latin letters; Urdu writes few vowels, and so باسمتی and basmati are one. */
export function consonantsOf(sound: string): string {
  let known = skeletons.get(sound)
  if (known === undefined) {
    known = bareConsonants(sound)
    if (skeletons.size >= MAX_KEPT) skeletons.clear()
    skeletons.set(sound, known)
  }
  return known
}

const skeletons = new Map<string, string>()

function bareConsonants(sound: string): string {
  const bare = isUrdu(sound)
    ? [...sound]
        .map((letter) => consonants.get(letter) ?? '')
        .join('')
        .replaceAll(/(?<=[bdgjkptC])h/g, '')
    : sound.replaceAll(/[aeiouvy]/g, '')
  return bare.replace(/(?<=.)h$/, '').replaceAll(/(.)\1/g, '$1')
}

export const isUrdu = (word: string): boolean => /\p{Script=Arabic}/u.test(word)

/**
 * What a word is looked for under: its sound, that with any one letter left out (what is one slip away from another
 * shares one of these with it), and its consonants.
 */
export function nearKeys(sound: string): string[] {
  const letters = [...sound]
  if (letters.length < 3 || /\p{N}/u.test(sound)) return []
  const skeleton = consonantsOf(sound)
  const keys = [sound, ...letters.map((_, at) => letters.toSpliced(at, 1).join(''))]
  return [...new Set(skeleton.length < 3 ? keys : [...keys, `~${skeleton}`])]
}

/** How many letters were left out, put in, changed, or swapped with the next one. */
export function slipsBetween(one: string, other: string): number {
  const [a, b] = [[...one], [...other]]
  let [before, row]: number[][] = [[], b.map((_, j) => j).concat(b.length)]
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      next[j] = Math.min(row![j]! + 1, next[j - 1]! + 1, row![j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        next[j] = Math.min(next[j]!, before![j - 2]! + 1)
    }
    ;[before, row] = [row, next]
  }
  return row![b.length]!
}

/** Whether someone who wrote the one probably meant the other. A changed letter makes another word of a short one. */
export function isSlip(typed: string, meant: string): boolean {
  const [length, other] = [typed.length, meant.length]
  if (typed === meant) return length >= 2
  if (length < 3 || other < 3) return false
  const startsAlike = typed[0] === meant[0] || typed[0] === meant[1] || typed[1] === meant[0]
  if (!startsAlike) return false
  const slips = slipsBetween(typed, meant)
  if (length === 3) return slips === 1 && (other > length || [...typed].sort().join('') === [...meant].sort().join(''))
  return slips <= (Math.min(length, other) < 7 ? 1 : 2)
}
