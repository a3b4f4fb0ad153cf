export interface AlertMails {
  /** `smtp://` or `smtps://`, with user and password where there are some. */
  readonly smtpUrl: string
  readonly to: string
  readonly from: string | undefined
}

/** Alertmanager's configuration: what fires is mailed to the staff, and that it is over. */
export function alertMails({ smtpUrl, to, from = 'AI Mart <alerts@mart.local>' }: AlertMails) {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl)
  const isSecure = protocol === 'smtps:'
  return {
    global: {
      smtp_smarthost: `${hostname}:${port || (isSecure ? 465 : 587)}`,
      smtp_from: from,
      smtp_require_tls: !isSecure && username !== '', // the mail catcher has no TLS, and needs no login
      ...(username && {
        smtp_auth_username: decodeURIComponent(username),
        smtp_auth_password: decodeURIComponent(password),
      }),
    },
    route: {
      receiver: 'staff',
      group_by: ['alertname', 'service'],
      group_wait: '5s',
      group_interval: '1m',
      repeat_interval: '12h',
    },
    // While a service does not answer, what else is wrong with it says nothing new.
    inhibit_rules: [
      {
        source_matchers: ['alertname="MartServiceDown"'],
        target_matchers: ['alertname!="MartServiceDown"'],
        equal: ['service'],
      },
    ],
    receivers: [{ name: 'staff', email_configs: [{ to, send_resolved: true }] }],
  }
}
