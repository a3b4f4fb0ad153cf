const MOST_GRAPHEMES = 80
const MOST_READ = 1_000
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

const bidi = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text on one line, without control characters, broken characters and marks that turn the direction of writing. */
export const oneLine = (text: string): string =>
  text
    .replaceAll(bidi, '')
    .replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()

// Invisible signs, but for joiners inside a word that is written with them or an emoji, and an emoji's own variant.
const invisible =
  /(?!(?<=[\p{Lo}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u200c\u200d](?=[\p{Lo}\p{M}\p{Extended_Pictographic}]))(?!(?<=\p{Extended_Pictographic})\ufe0f)\p{Default_Ignorable_Code_Point}/gu
const blank = /[\p{Cc}\p{Cs}\p{Co}\p{Z}\u2800]+/gu
const joiners = /[\u200c\u200d]/g

const link = /@|\/\/|\\\\|^[^\p{L}]*www\d*[.\u3002]|^[^\p{L}]*[a-z][a-z\d+.-]+:\S/iu
const dots = /[.\u3002]+/gu
const dotInside = /[^\s.\u3002][.\u3002]+[\p{L}\p{N}]/u
const phone = /[+(]?\p{Nd}(?:[\s()./-]*\p{Nd}){5,}/gu
const heapOfMarks = /(\p{M}{4})\p{M}+/gu

/**
 * What somebody wrote himself, fit for a mail: on one line, cut after 80 graphemes, without invisible signs, and without
 * anything that a mail program makes a link of (web and mail addresses, bare domains in any script). Empty when nothing
 * is left.
 */
export const withoutLinks = (text: string): string => withWords(visible(text))

/** The same for the name of a person: without telephone numbers too. */
export const plainName = (name: string): string => withWords(visible(name).replaceAll(phone, ' '))

// NFKC makes one of the many ways to write a letter or a dot.
const visible = (text: string) =>
  text
    .slice(0, MOST_READ)
    .normalize('NFKC')
    .replaceAll(blank, ' ')
    .replaceAll(invisible, '')
    .replaceAll(heapOfMarks, '$1')

function withWords(text: string): string {
  const short = cut(text.split(' ').map(withoutLink).filter(Boolean).join(' '))
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(short) ? short : ''
}

/** "Dr.Khan" and "J.R.R." stay, a space after each dot; what could be a domain goes. */
function withoutLink(word: string): string {
  const bare = word.replaceAll(joiners, '')
  if (link.test(bare)) return ''
  if (!dotInside.test(bare)) return word
  const parts = bare.split(dots).filter(Boolean)
  const isInitials = parts.slice(1).every((part) => /^\P{L}*\p{L}\p{M}*\P{L}*$/u.test(part))
  return isInitials || /^\p{Lu}/u.test(parts.at(-1) ?? '') ? bare.replaceAll(dots, '. ').trim() : ''
}

function cut(text: string): string {
  let short = ''
  let count = 0
  for (const { segment } of graphemes.segment(text)) {
    if (count === MOST_GRAPHEMES) break
    short += segment
    count += 1
  }
  return short.trim()
}

const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text that HTML shows as it is, in an attribute too. */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => signs[sign] ?? '')
