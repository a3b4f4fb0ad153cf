// Forms of one letter: Arabic and Persian keyboards write Urdu's with letters of their own.
const forms = new Map(
  [
    'یيىېے',
    'کكڪ',
    'ہهھةۃە',
    'اٱ',
    'نں',
    'گݢ',
    '0٠۰',
    '1١۱',
    '2٢۲',
    '3٣۳',
    '4٤۴',
    '5٥۵',
    '6٦۶',
    '7٧۷',
    '8٨۸',
    '9٩۹',
    '.٫',
  ].flatMap(([one, ...others]) => others.map((other) => [other, one!] as const)),
)
for (const [letter, plain] of Object.entries({ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ł: 'l', ı: 'i' }))
  forms.set(letter, plain)
const otherForms = new RegExp(`[${[...forms.keys()].join('')}]`, 'gu')

/** Hamza that stands alone, the lengthening stroke, thousands separators, and what is not seen at all. */
const unseen = /[ءـ٬\p{M}\p{Cf}]/gu

/** The text as it is compared: lower-case, without accents, each letter and digit in one form. */
export const foldedText = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(unseen, '')
    .toLowerCase()
    .replaceAll(otherForms, (letter) => forms.get(letter)!)
    .replaceAll(/ی+/g, 'ی')
    .replaceAll(/['’ʼ`´]s(?![\p{L}\p{N}])/gu, '')
    .replaceAll(/['’ʼ`´]/g, '')

const MAX_WORD = 64

export interface Token {
  readonly text: string
  /** What stands between the word before and this one. */
  readonly gap: string
}

/** The words of a folded text; where letters and digits meet, one ends and another begins. */
export function tokensOf(folded: string): Token[] {
  const tokens: Token[] = []
  let end = 0
  for (const match of folded.matchAll(/\p{L}+|\p{N}+/gu)) {
    const text = [...match[0]].slice(0, MAX_WORD).join('')
    tokens.push({ text, gap: folded.slice(end, match.index) })
    end = match.index + match[0].length
  }
  return tokens
}

/** Nothing but the letters and digits of a folded text: `TEA-TD-450`, `tea td 450` and `TeaTD450` are one. */
export const compactOf = (folded: string): string =>
  [...folded.replaceAll(/[^\p{L}\p{N}]/gu, '')].slice(0, 200).join('')
