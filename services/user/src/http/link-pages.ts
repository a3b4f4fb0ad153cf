import { createHash } from 'node:crypto'
import type { App } from '@mart/service-kit/http-server'

const script = `
const form = document.querySelector('form')
const said = document.querySelector('#said')
const token = new URLSearchParams(location.hash.slice(1)).get('token')
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const newPassword = form.elements.password.value
  const answer = await fetch('auth/reset-password', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, newPassword }),
  })
  const { message } = await answer.json()
  form.hidden = answer.ok
  said.textContent = answer.ok ? 'Your new password is set. Please sign in with it.' : message || 'That did not work.'
})
`
const style =
  'body { font: 1.1rem/1.5 sans-serif; max-width: 30rem; margin: 4rem auto } input, button { font: inherit }'

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; connect-src 'self'; ` +
    `base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
}

const page = (title: string, body: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} · AI Mart</title><style>${style}</style></head>
<body><h1>${title}</h1>${body}</body></html>
`

const verified = page('Thank you', '<p>Your e-mail address is confirmed. You can close this page.</p>')
const notVerified = page(
  'This link does not work',
  '<p>It is too old or was changed on its way. Sign in and ask for another one.</p>',
)
const resetForm = page(
  'Set a new password',
  `<form><p><label>New password, 8 to 128 characters<br>
<input type="password" name="password" minlength="8" maxlength="128" autocomplete="new-password" required></label></p>
<p><button>Set it</button></p></form><p id="said" role="status"></p><script>${script}</script>`,
)

/** What the links in mails show in a browser. */
export function addLinkPages(app: App): void {
  const schema = { hide: true }
  app.get<{ Querystring: { error?: string } }>('/email-verified', { schema }, (request, reply) =>
    reply.headers(headers).send(request.query.error ? notVerified : verified),
  )
  app.get('/reset-password', { schema }, (_, reply) => reply.headers(headers).send(resetForm))
}
