import type { Names } from '@mart/contracts/names'

const MOST = 100

/** What a list is sorted by in English. */
export const sortName = (name: string): string => bare(name).slice(0, MOST)

/** What it is sorted by in Urdu, in the order of its dictionaries; null for what has no name there. */
export function sortNameInUrdu({ translations }: Names): string | null {
  const name = translations?.ur?.name
  if (!name) return null
  const text = [...bare(name).replaceAll(unseen, '')].map((letter) => places.get(letter) ?? letter).join('')
  return (BEFORE_ENGLISH + text).slice(0, MOST)
}

/** Less than anything that a name begins with. */
const BEFORE_ENGLISH = '\u0001'

const bare = (name: string): string => name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** The lengthening stroke, joiners, marks of direction. */
const unseen = /[ـ\p{Cf}]/gu

// Unicode has the letters that Arabic lacks behind all that it has; those of Arabic keyboards stand beside their Urdu forms.
const alphabet = 'ا ب پ ت ٹ ث ج چ ح خ د ڈ ذ ر ڑ ز ژ س ش ص ض ط ظ ع غ ف ق کك گ ل م ن ں و ہه ھ ۃة ء یيى ے'.split(' ')
const digits = '0۰٠ 1۱١ 2۲٢ 3۳٣ 4۴٤ 5۵٥ 6۶٦ 7۷٧ 8۸٨ 9۹٩'.split(' ')

const FIRST_LETTER = 0x06_20
const places = new Map([
  ...alphabet.flatMap((forms, place) =>
    [...forms].map((form) => [form, String.fromCodePoint(FIRST_LETTER + place)] as const),
  ),
  ...digits.flatMap((forms) => [...forms].map((form) => [form, forms[0]!] as const)),
])
