import { createHash } from 'node:crypto'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'

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
  const { done, failed } = form.dataset
  form.hidden = answer.ok
  // What was wrong is said in English alone.
  said.textContent = answer.ok ? done : (document.documentElement.lang === 'en' && message) || failed
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

interface Words {
  readonly thanks: string
  readonly confirmed: string
  readonly deadLink: string
  readonly askAgain: string
  readonly title: string
  readonly newPassword: string
  readonly set: string
  readonly done: string
  readonly failed: string
}

const english: Words = {
  thanks: 'Thank you',
  confirmed: 'Your e-mail address is confirmed. You can close this page.',
  deadLink: 'This link does not work',
  askAgain: 'It is too old or was changed on its way. Sign in and ask for another one.',
  title: 'Set a new password',
  newPassword: 'New password, 8 to 128 characters',
  set: 'Set it',
  done: 'Your new password is set. Please sign in with it.',
  failed: 'That did not work.',
}

const urdu: Words = {
  thanks: 'شکریہ',
  confirmed: 'آپ کی ای میل کی تصدیق ہو گئی۔ اب یہ صفحہ بند کر دیں۔',
  deadLink: 'یہ لنک کام نہیں کرتا',
  askAgain: 'یہ بہت پرانا ہے یا راستے میں بدل گیا۔ سائن ان کریں اور دوسرا منگوائیں۔',
  title: 'نیا پاس ورڈ لگائیں',
  newPassword: 'نیا پاس ورڈ، 8 سے 128 حروف',
  set: 'لگائیں',
  done: 'آپ کا نیا پاس ورڈ لگ گیا۔ براہِ کرم اسی سے سائن ان کریں۔',
  failed: 'یہ نہیں ہو سکا: لنک پرانا ہے، یا پاس ورڈ بہت چھوٹا یا بہت عام ہے۔',
}

/** The pages in a language. */
function pagesIn(lang: 'en' | 'ur', words: Words) {
  const page = (title: string, body: string) => `<!doctype html>
<html lang="${lang}" dir="${lang === 'ur' ? 'rtl' : 'ltr'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} · AI Mart</title><style>${style}</style></head>
<body><h1>${title}</h1>${body}</body></html>
`
  return {
    verified: page(words.thanks, `<p>${words.confirmed}</p>`),
    notVerified: page(words.deadLink, `<p>${words.askAgain}</p>`),
    resetForm: page(
      words.title,
      `<form data-done="${words.done}" data-failed="${words.failed}"><p><label>${words.newPassword}<br>
<input type="password" name="password" minlength="8" maxlength="128" autocomplete="new-password" dir="ltr" required></label></p>
<p><button>${words.set}</button></p></form><p id="said" role="status"></p><script>${script}</script>`,
    ),
  }
}

const pages = { en: pagesIn('en', english), ur: pagesIn('ur', urdu) }

interface Asked {
  readonly Querystring: { readonly error?: string; readonly language?: string }
}
const pagesFor = ({ query }: FastifyRequest<Asked>) => pages[query.language === 'ur' ? 'ur' : 'en']

/** What the links in mails show in a browser. */
export function addLinkPages(app: App): void {
  const schema = { hide: true }
  app.get<Asked>('/email-verified', { schema }, (request, reply) => {
    const { verified, notVerified } = pagesFor(request)
    return reply.headers(headers).send(request.query.error ? notVerified : verified)
  })
  app.get<Asked>('/reset-password', { schema }, (request, reply) =>
    reply.headers(headers).send(pagesFor(request).resetForm),
  )
}
