import { escapeHtml, plainName } from '@mart/service-kit/mail-text'

export type MailKind = 'verify_email' | 'reset_password'

/** How long a mailed link works, in seconds. */
export const linkSeconds: Record<MailKind, number> = { verify_email: 24 * 3600, reset_password: 3600 }

export interface MailText {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** The link that proves the address or sets a new password; a token behind `#` is in no server's log. */
export function linkOf(kind: MailKind, token: string, userUrl: string): string {
  const base = userUrl.replace(/\/$/, '')
  if (kind === 'reset_password') return `${base}/reset-password#token=${encodeURIComponent(token)}`
  return `${base}/auth/verify-email?${new URLSearchParams({ token, callbackURL: '/email-verified' })}`
}

const wording: Record<MailKind, { subject: string; why: string; button: string; until: string }> = {
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
}

/** `name` is null for an address that is not proven: what stands in it may be anybody's advertisement. */
export function mailText(kind: MailKind, { name, link }: { name: string | null; link: string }): MailText {
  const { subject, why, button, until } = wording[kind]
  const greeting = `Hello ${plainName(name ?? '')}`.trim()
  return {
    subject,
    text: `${greeting},\n\n${why}\n\n${link}\n\n${until}\n`,
    html: `<!doctype html>
<html lang="en"><body style="font-family: sans-serif; line-height: 1.5">
<p>${escapeHtml(greeting)},</p>
<p>${escapeHtml(why)}</p>
<p><a href="${escapeHtml(link)}">${escapeHtml(button)}</a></p>
<p>${escapeHtml(until)}</p>
</body></html>
`,
  }
}
