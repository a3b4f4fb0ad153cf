import { iso31661 } from 'iso-3166/1.js'
import { Type } from 'typebox'
import { emailAddress } from '../email.ts'
import { HOME_COUNTRY, phoneNumber } from '../phone.ts'
import type { TextForm } from './shared-shapes.ts'

// PostgreSQL and every screen take these, but a label, a mail header or a courier's list is broken or turned by them.
const breaksLines = /[\p{Cc}\p{Zl}\p{Zp}\u202d\u202e]/u
const breaksTexts = /[^\P{Cc}\n\t]|[\u202d\u202e]/u
// A letter, digit, mark of punctuation or symbol, but none that shows nothing: Hangul fillers, the empty braille cell.
const visible = /(?![\p{Default_Ignorable_Code_Point}\u2800])[\p{L}\p{N}\p{P}\p{S}]/u

const lineForm: TextForm = {
  code: 'one_line',
  must: 'must be one line of text that can be seen, without control characters',
  of: (text) => (breaksLines.test(text.trim()) || !visible.test(text) ? null : text.trim()),
}
const optionalLineForm: TextForm = {
  ...lineForm,
  of: (text, beside) => (text.trim() === '' ? '' : lineForm.of(text, beside)),
}
const textForm: TextForm = {
  code: 'text',
  must: 'must be text that can be seen, without control characters other than line breaks',
  of(text) {
    const lines = text.replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n').trim()
    return lines === '' || (visible.test(lines) && !breaksTexts.test(lines)) ? lines : null
  },
}
const phoneForm: TextForm = {
  code: 'phone',
  must: 'must be a phone number; one of another country than the address begins with + and the country code',
  of: (text, { country }) => phoneNumber(text, typeof country === 'string' ? country : HOME_COUNTRY),
}
const emailForm: TextForm = {
  code: 'email',
  must: 'must be an e-mail address like name@example.com, with Latin letters without accents before the @: not every mail server takes others there',
  of: (text) => emailAddress(text),
}

/** One line that says something, trimmed: a name, a street. Lengths are counted in Unicode code points, as everywhere. */
export const line = (maxLength: number) => Type.String({ 'x-form': lineForm, minLength: 1, maxLength })

/** The same where nothing may be said. */
export const emptyOrLine = (maxLength: number) => Type.String({ 'x-form': optionalLineForm, maxLength })

/** What may have line breaks, which become `\n`, and may be empty unless a least length is given: a note. */
export const text = (maxLength: number, minLength = 0) => Type.String({ 'x-form': textForm, minLength, maxLength })

/** In any writing; kept as E.164. A national number is read as of the `country` beside it, else of the shop's. */
export const Phone = Type.String({
  'x-form': phoneForm,
  minLength: 1,
  maxLength: 60,
  description: 'in any writing; kept and shown as E.164',
  examples: ['+923001234567', '0300 1234567'],
})

/** Where mails reach somebody; a domain in other letters is kept in its ASCII form. */
export const Email = Type.String({
  'x-form': emailForm,
  maxLength: 254,
  description: 'an e-mail address; a domain in other letters is kept and shown in its ASCII form (xn--…)',
  examples: ['sana@example.com'],
})

/** An assigned code of ISO 3166-1 alpha-2. */
export const Country = Type.Enum(
  iso31661.map((country) => country.alpha2),
  { description: 'ISO 3166-1 alpha-2', examples: ['PK'] },
)
