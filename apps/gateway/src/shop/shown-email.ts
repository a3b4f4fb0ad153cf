import { domainToUnicode } from 'node:url'

/** An address as its owner writes it: its domain is kept in the ASCII form. */
export const shownEmail = (address: string): string =>
  address.replace(/@(.+)$/, (_, domain: string) => `@${domainToUnicode(domain) || domain}`)
