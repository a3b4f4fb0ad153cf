import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min'

/** The country that a number without its country code is read by, where nothing says another: the shop's own. */
export const HOME_COUNTRY = 'PK'

/**
 * A phone number in any writing as E.164 (`+923001234567`), or null when it can be none: digits of any script,
 * punctuation, a trunk 0 in brackets. One without its country code is read as of `country` (ISO 3166-1 alpha-2). An
 * extension has no place in E.164, so a number with one is null. Possible is a matter of length: what is newly assigned
 * need not be known here.
 */
export function phoneNumber(text: string, country: string = HOME_COUNTRY): string | null {
  // Marks that a copied number brings along, such as the direction in which it was shown.
  const bare = text.replaceAll(/\p{Cf}/gu, '').trim()
  const phone = parsePhoneNumberFromString(bare, {
    extract: false,
    ...(isSupportedCountry(country) ? { defaultCountry: country as CountryCode } : {}),
  })
  if (!phone?.isPossible() || phone.ext || /^(\d)\1*$/.test(phone.nationalNumber)) return null
  return phone.number
}
