import { createHash } from 'node:crypto'
import { type Html, html } from '../kit/html.ts'
import { type CaughtMail, snippet, written } from './caught-mail.ts'

const SHOWN = 100
// Not while somebody types a search.
const refreshScript = `setInterval(() => document.activeElement.name === 'query' || location.reload(), 4000)`

/** The content security policy of both pages: what a mail brings may be shown, never run. */
export const pagePolicy = [
  "default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:; form-action 'self'; frame-src 'self'",
  `script-src 'sha256-${createHash('sha256').update(refreshScript).digest('base64')}'`,
].join('; ')

/** The newest mails; the page loads itself anew. */
export function listPage(mails: readonly CaughtMail[], query: string): string {
  const rows = mails.slice(0, SHOWN).map(
    (mail) => html`<li><a href="/view/${mail.ID}"><b>${mail.Subject || '(no subject)'}</b>
      <span>${mail.To.map(written).join(', ')}</span><time>${readable(mail.Created)}</time>
      <p>${snippet(mail.Text, 160)}</p></a></li>`,
  )
  const none = query ? 'No mail fits.' : 'No mail yet. Whatever the mart sends shows up here.'
  const count = mails.length > SHOWN ? `the newest ${SHOWN} of ${mails.length}` : String(mails.length)
  return page(
    `Mail (${mails.length})`,
    html`<header><h1>Mail <small>${count}</small></h1>
      <form><input name="query" value="${query}" placeholder="to:ayesha@mart.example subject:confirmed" aria-label="Search">
      <button>Search</button></form></header>
      ${rows.length > 0 ? html`<ul>${rows}</ul>` : html`<p class="none">${none}</p>`}`,
    html`<noscript><meta http-equiv="refresh" content="4"></noscript><script>${{ markup: refreshScript }}</script>`,
  )
}

/** One mail: its HTML in a frame that runs nothing, its text below. */
export function mailPage(mail: CaughtMail): string {
  const facts: [string, string][] = [
    ['From', written(mail.From)],
    ['To', mail.To.map(written).join(', ')],
    ['Cc', mail.Cc.map(written).join(', ')],
    ['Bcc', mail.Bcc.map(written).join(', ')],
    ['Date', readable(mail.Date)],
    ['Attachments', mail.Attachments.map(({ FileName, ContentType }) => FileName || ContentType).join(', ')],
  ]
  // Links open beside the page; the frame itself may neither run a script nor send a form.
  const frame = html`<iframe title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox"
    srcdoc="${`<base target="_blank">${mail.HTML}`}"></iframe>`
  const text = html`<pre>${mail.Text}</pre>`
  return page(
    mail.Subject,
    html`<p><a href="/">← All mail</a></p><h1>${mail.Subject || '(no subject)'}</h1>
      <dl>${facts.filter(([, value]) => value).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
      ${mail.HTML ? html`${frame}<details><summary>As text</summary>${text}</details>` : text}`,
  )
}

const page = (title: string, body: Html, head: Html = html``): string =>
  html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">${head}<style>${style}</style></head>
    <body>${body}</body></html>`.markup

const readable = (time: string) => time.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')

const style: Html = {
  markup: `
  :root { color-scheme: light dark; --line: #8883; --quiet: #888; --accent: #0a7d5a }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 0 auto; padding: 1.5rem }
  header { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: baseline; justify-content: space-between }
  h1 { font-size: 1.3rem; margin: 0 } small, time, dt, .none { color: var(--quiet); font-weight: normal }
  a { color: var(--accent) } form { display: flex; gap: .5rem; flex: 1 1 20rem; max-width: 28rem }
  input { flex: 1 } input, button { font: inherit; padding: .25rem .6rem }
  ul { list-style: none; padding: 0; border-top: 1px solid var(--line) } li { border-bottom: 1px solid var(--line) }
  li a { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: .6rem .4rem; color: inherit; text-decoration: none }
  li a:hover { background: #8881 } li span { grid-row: 2; color: var(--quiet) } li time { grid-row: 1; grid-column: 2 }
  li p { grid-column: 1 / 3; margin: 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; color: var(--quiet) }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem 1rem } dd { margin: 0 }
  iframe { width: 100%; height: 65vh; border: 1px solid var(--line); border-radius: 6px; background: #fff }
  pre { white-space: pre-wrap; padding: 1rem; border: 1px solid var(--line); border-radius: 6px } details { margin-top: 1rem }
  `,
}
