import { dictionary } from '@zxcvbn-ts/language-common'

const common = new Set(dictionary['passwords-common'])

const AROUND = 6
const DISGUISES = [
  { '@': 'a', '4': 'a', '3': 'e', '0': 'o', $: 's', '5': 's', '7': 't', '1': 'i', '!': 'i' },
  { '@': 'a', '4': 'a', '3': 'e', '0': 'o', $: 's', '5': 's', '7': 't', '1': 'l', '!': 'l' },
] as Record<string, string>[]

/**
 * Why this password is among the first that are guessed, or null. Looked up in a list of the 49,000 most common ones, also
 * disguised (`P@ssw0rd2024!`), besides repetitions, sequences, digits alone and the person's own name or address.
 */
export function whyCommon(password: string, own: readonly string[] = []): string | null {
  const text = password.normalize('NFKC').toLowerCase()
  if (new Set(text).size < 5) return 'It repeats a few characters.'
  if (/^\d{1,13}$/.test(text)) return 'It is made of digits alone: everybody can try all of them.'
  if (isSequence(text)) return 'Its characters follow each other.'
  const words = coresOf(text)
  if (words.some((word) => common.has(word))) return 'It is one of the passwords that are tried first.'
  const names = own.flatMap(partsOf)
  if (words.some((word) => names.includes(word))) return 'It is your own name or e-mail address.'
  return null
}

/** What a disguised text may be made of: without what stands around its letters, once when repeated, its letters back. */
function coresOf(text: string): string[] {
  const unit = /^(.{4,}?)\1+$/.exec(text)?.[1] ?? text
  const bare = unit.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  const found = [text, unit, unit.replace(/[\s._-]/g, ''), ...(unit.length - bare.length <= AROUND ? [bare] : [])]
  return found.flatMap((word) => [
    word,
    ...DISGUISES.map((disguise) => word.replace(/[^a-z]/g, (c) => disguise[c] ?? c)),
  ])
}

function isSequence(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0)!)
  const step = codes[1]! - codes[0]!
  return Math.abs(step) === 1 && codes.every((code, at) => at === 0 || code - codes[at - 1]! === step)
}

const partsOf = (own: string): string[] => {
  const text = own.normalize('NFKC').toLowerCase()
  return [text, text.split('@')[0]!, ...text.split(/[^\p{L}\p{N}]+/u), text.replace(/[^\p{L}]/gu, '')].filter(
    (part) => part.length > 3,
  )
}
