import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const shipped = join(import.meta.dirname, '../../../deploy/observability/alertmanager.yaml')

export interface AlertMails {
  /** `smtp://` or `smtps://`, with user and password where there are some. */
  readonly smtpUrl: string
  readonly to: string
  readonly from: string | undefined
}

/** Alertmanager's configuration as containers have it, with this mart's mail server and staff. */
export function alertMails({ smtpUrl, to, from }: AlertMails) {
  const { global, receivers: _, ...rest } = parse(readFileSync(shipped, 'utf8')) as Record<string, object>
  const { protocol, hostname, port, username, password } = new URL(smtpUrl)
  const isSecure = protocol === 'smtps:'
  return {
    ...rest,
    global: {
      ...global,
      smtp_smarthost: `${hostname}:${port || (isSecure ? 465 : 587)}`,
      ...(from && { smtp_from: from }),
      smtp_require_tls: !isSecure && username !== '', // the mail catcher has no TLS, and needs no login
      ...(username && {
        smtp_auth_username: decodeURIComponent(username),
        smtp_auth_password: decodeURIComponent(password),
      }),
    },
    receivers: [{ name: 'staff', email_configs: [{ to, send_resolved: true }] }],
  }
}
