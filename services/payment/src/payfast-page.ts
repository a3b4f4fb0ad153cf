import { randomBytes } from 'node:crypto'
import type { BuyerPage } from './buyer-pages.ts'

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string) => text.replace(/[&<>"']/g, (letter) => escapes[letter] ?? letter)

/** The page that sends the buyer's browser on with PayFast's form; without scripts he presses its button. */
export function payfastPage(action: string, form: Readonly<Record<string, string>>): BuyerPage {
  const nonce = randomBytes(16).toString('base64')
  const fields = Object.entries(form).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  )
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>To PayFast · AI Mart</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#1c1c1c}button{font:inherit;padding:.6rem 1.4rem}</style>
<h1>One moment</h1>
<p>You are taken to PayFast’s page.</p>
<form id="pay" method="post" action="${escaped(action)}" accept-charset="utf-8">
${fields.join('\n')}
<button>Go on to PayFast</button>
</form>
<script nonce="${nonce}">document.getElementById('pay').submit()</script>
</html>
`
  const contentPolicy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src 'nonce-${nonce}'`,
    `form-action ${new URL(action).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { status: 200, html, contentPolicy }
}
