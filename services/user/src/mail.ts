import { escapeHtml, plainName } from '@mart/service-kit/mail-text'

type LinkKind = 'verify_email' | 'reset_password' | 'change_email'
export type MailKind = LinkKind | 'password_changed' | 'account_exists' | 'email_changed'

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

export const hasLink = (kind: MailKind): kind is LinkKind => 'button' in wording[kind]

export interface MailText {
  readonly subject: string
  readonly text: string
  readonly html: string
}

interface Places {
  readonly USER_URL: string
  readonly SHOP_URL?: string
}

/**
 * The link that proves the address or sets a new password: to the shop where there is one. Behind `#` a token is in nobody's
 * log, but only a script can read it; the shop's page works without, and the mart's own logs have no queries.
 */
export function linkOf(kind: LinkKind, token: string, { USER_URL, SHOP_URL }: Places): string {
  const base = USER_URL.replace(/\/$/, '')
  if (kind === 'reset_password') {
    const secret = new URLSearchParams({ token })
    return SHOP_URL ? `${SHOP_URL}/reset-password?${secret}` : `${base}/reset-password#${secret}`
  }
  const query = new URLSearchParams({ token, callbackURL: '/email-verified' })
  return `${SHOP_URL ? `${SHOP_URL}/api` : base}/auth/verify-email?${query}`
}

const wording: Record<LinkKind, { subject: string; why: string; button: string; until: string }> &
  Record<Exclude<MailKind, LinkKind>, { subject: string; why: string; until: string }> = {
  verify_email: {
    subject: 'Is this your e-mail address?',
    why: 'somebody, most likely you, opened an account at AI Mart with this address. Please confirm that it is yours:',
    button: 'Confirm my e-mail address',
    until:
      'The link works for 24 hours. If it was not you, do nothing. If you wanted a new password: confirm first, then ask for it once more.',
  },
  reset_password: {
    subject: 'Set a new password',
    why: 'somebody, most likely you, asked for a new password for your account at AI Mart:',
    button: 'Set a new password',
    until: 'The link works once, for one hour. If it was not you, do nothing: your password stays as it is.',
  },
  change_email: {
    subject: 'Is this your new e-mail address?',
    why: 'somebody, most likely you, wants to use this address for an account at AI Mart. Please confirm that it is yours:',
    button: 'Use this address',
    until: 'The link works once, for 24 hours. If it was not you, do nothing.',
  },
  password_changed: {
    subject: 'Your password was changed',
    why: 'the password of your account at AI Mart was changed just now, and all other sessions were ended.',
    until: 'If it was not you, set a new one now: choose "forgotten password" where you sign in.',
  },
  account_exists: {
    subject: 'You have an account already',
    why: 'somebody, most likely you, wanted to open an account at AI Mart with this address, but you have one already.',
    until:
      'Sign in as always, or choose "forgotten password" there. If it was not you, do nothing: nothing was changed.',
  },
  email_changed: {
    subject: 'Your e-mail address was changed',
    why: 'your account at AI Mart has another e-mail address from now on; this one is not used any more.',
    until: 'If it was not you, tell the shop at once: answer this mail.',
  },
}

/** `name` is null for an address that is not proven: what stands in it may be anybody's advertisement. */
export function mailText(kind: MailKind, { name, link }: { name: string | null; link: string | null }): MailText {
  const { subject, why, until } = wording[kind]
  const greeting = `Hello ${plainName(name ?? '')}`.trim()
  const button = hasLink(kind) ? wording[kind].button : ''
  return {
    subject,
    text: [`${greeting},`, why, ...(link === null ? [] : [link]), `${until}\n`].join('\n\n'),
    html: `<!doctype html>
<html lang="en"><body style="font-family: sans-serif; line-height: 1.5">
<p>${escapeHtml(greeting)},</p>
<p>${escapeHtml(why)}</p>
${link === null ? '' : `<p><a href="${escapeHtml(link)}">${escapeHtml(button)}</a></p>\n`}<p>${escapeHtml(until)}</p>
</body></html>
`,
  }
}
