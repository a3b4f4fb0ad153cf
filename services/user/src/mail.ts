import { Refusal } from '@mart/service-kit/errors'
import { type Mail, type MailLanguage, mailOf } from '@mart/service-kit/mail-letter'
import { plainName } from '@mart/service-kit/mail-text'
import type { MailCount } from '@mart/service-kit/unproven-mails'
import { type LinkKind, type MailKind, mailWords } from './mail-words.ts'

export type { MailKind } from './mail-words.ts'

const DAY_S = 24 * 3600

/** How long a mailed link works, or a mail without one is worth sending, in seconds. */
export const linkSeconds: Record<MailKind, number> = {
  verify_email: DAY_S,
  reset_password: 3600,
  change_email: DAY_S,
  password_changed: 3 * DAY_S,
  account_exists: DAY_S,
  email_changed: 3 * DAY_S,
}

export const hasLink = (kind: MailKind): kind is LinkKind => mailWords.en.mails[kind].button !== undefined

/**
 * Whether one more link for a new password goes to a proven address, which anybody may ask for: three an hour, and after
 * ten in a day one an hour. So the owner always has one that works, whoever asks in his name.
 */
export const mayReset = ({ hour, day }: MailCount): boolean => hour < 3 && (day < 10 || hour < 1)

/** Of one account, so that it cannot write to one stranger after the other. */
const NEW_ADDRESSES_A_DAY = 5

/** Throws Refusal 429 when it has had as many. */
export function checkNewAddress({ day }: MailCount): void {
  if (day < NEW_ADDRESSES_A_DAY) return
  const message = `${NEW_ADDRESSES_A_DAY} links to a new e-mail address were mailed within a day: try again tomorrow.`
  throw new Refusal(429, 'too_many_mails', message, { headers: { 'retry-after': '3600' } })
}

interface Places {
  readonly USER_URL: string
  readonly SHOP_URL?: string
}

/**
 * The link that proves the address or sets a new password: to the shop where there is one. Behind `#` a token is in nobody's
 * log, but only a script can read it; the shop's page works without, and the mart's own logs have no queries.
 */
export function linkOf(
  kind: LinkKind,
  { token, language }: { token: string; language: MailLanguage },
  { USER_URL, SHOP_URL }: Places,
): string {
  const base = USER_URL.replace(/\/$/, '')
  // The shop knows by itself in which language its visitor reads.
  const inUrdu = language === 'ur' && !SHOP_URL ? '?language=ur' : ''
  if (kind === 'reset_password') {
    const secret = new URLSearchParams({ token })
    return SHOP_URL ? `${SHOP_URL}/reset-password?${secret}` : `${base}/reset-password${inUrdu}#${secret}`
  }
  const query = new URLSearchParams({ token, callbackURL: `/email-verified${inUrdu}` })
  return `${SHOP_URL ? `${SHOP_URL}/api` : base}/auth/verify-email?${query}`
}

/** `name` is null for an address that is not proven: what stands in it may be anybody's advertisement. */
export function mailText(
  kind: MailKind,
  { name, link, language }: { name: string | null; link: string | null; language: MailLanguage },
): Mail {
  const { greeting, mails } = mailWords[language]
  const { subject, why, until, button = '' } = mails[kind]
  return mailOf(
    {
      subject,
      heading: subject,
      paragraphs: [greeting(plainName(name ?? '')), why],
      ...(link === null ? {} : { link: { label: button, url: link } }),
      closing: until,
    },
    { language },
  )
}
