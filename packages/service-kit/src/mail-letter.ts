import { escapeHtml, oneLine } from './mail-text.ts'

export type MailLanguage = 'en' | 'ur'

interface Link {
  readonly label: string
  readonly url: string
}

/** What a mail says, before it is HTML or text. None of it is markup: `mailOf` escapes it all. */
export interface Letter {
  readonly subject: string
  readonly heading: string
  readonly paragraphs: readonly string[]
  /** What stands at the start and at the end of each row. */
  readonly rows?: readonly (readonly [string, string])[]
  readonly link?: Link
  /** Below the link. */
  readonly closing?: string
}

export interface Mail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

interface Setting {
  readonly language: MailLanguage
  /** At the end of all: where one can read more. */
  readonly more?: Link | null
}

/** A letter as a mail, its plain text beside its HTML. */
export const mailOf = (letter: Letter, setting: Setting): Mail => ({
  subject: oneLine(letter.subject),
  text: textOf(letter, setting),
  html: htmlOf(letter, setting),
})

function textOf({ heading, paragraphs, rows = [], link, closing }: Letter, { more }: Setting): string {
  const parts = [
    oneLine(heading),
    ...paragraphs.map(oneLine),
    rows.map(([start, end]) => `${oneLine(start)}: ${oneLine(end)}`).join('\n'),
    link ? `${link.label}:\n${oneLine(link.url)}` : '',
    closing ? oneLine(closing) : '',
    more ? `${more.label}:\n${more.url}` : '',
    '-- \nAI Mart',
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

// The shop's colours (apps/web/ui/tokens.css). A program that knows no style sheet shows the light ones, written at each place.
const dark = `@media (prefers-color-scheme: dark) {
.ground { background: #0f1512 !important; color: #e9efeb !important }
.card { background: #161e1a !important; border-color: #2b3831 !important }
.green { color: #5fd0a6 !important }
.soft { color: #a3b1a9 !important }
.line { border-color: #2b3831 !important }
.button { background: #5fd0a6 !important; color: #06251a !important }
}`

const looks = {
  en: {
    attributes: 'lang="en" dir="ltr"',
    font: "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif",
    lineHeight: 1.5,
    headingHeight: 1.3,
    start: 'left',
    end: 'right',
  },
  ur: {
    attributes: 'lang="ur" dir="rtl"',
    font: "'Jameel Noori Nastaleeq','Noto Nastaliq Urdu','Noto Naskh Arabic',Tahoma,Arial,sans-serif",
    lineHeight: 1.9,
    headingHeight: 1.7,
    start: 'right',
    end: 'left',
  },
} as const

function htmlOf(letter: Letter, { language, more }: Setting): string {
  const { subject, heading, paragraphs, rows = [], link, closing } = letter
  const { attributes, font, lineHeight, headingHeight, start } = looks[language]
  const ground = `background:#fbfaf7;color:#15201a;font-family:${font};font-size:16px;line-height:${lineHeight}`
  return `<!doctype html>
<html ${attributes}>
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>
:root { color-scheme: light dark }
${dark}
</style></head>
<body class="ground" ${attributes} style="margin:0;padding:0;${ground}">
<table role="presentation" class="ground" style="width:100%;border-collapse:collapse;${ground}"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" ${attributes} style="width:100%;max-width:600px;border-collapse:separate"><tr>
<td class="card" style="padding:28px 24px;background:#ffffff;border:1px solid #e3e5df;border-radius:14px;text-align:${start}">
<p class="green" style="margin:0 0 16px;color:#0b6b4d;font-weight:600;font-size:15px" lang="en">AI Mart</p>
<h1 style="margin:0 0 16px;font-size:24px;line-height:${headingHeight};font-weight:600">${inline(heading, language)}</h1>
${paragraphs.map((text) => `<p style="margin:0 0 14px">${inline(text, language)}</p>`).join('\n')}
${rows.length > 0 ? table(rows, language) : ''}
${link ? button(link, language) : ''}
${closing ? `<p class="soft" style="margin:20px 0 0;color:#55635b;font-size:15px">${inline(closing, language)}</p>` : ''}
${more ? `<p style="margin:20px 0 0"><a class="green" href="${escapeHtml(more.url)}" style="color:#0b6b4d;font-weight:600">${escapeHtml(more.label)}</a></p>` : ''}
</td></tr></table>
</td></tr></table>
</body>
</html>
`
}

/** What has letters of English alone is marked as such between Urdu: a product's name, a carrier's. */
function inline(text: string, language: MailLanguage): string {
  const isEnglish = language === 'ur' && /\p{Script=Latin}/u.test(text) && !/\p{Script=Arabic}/u.test(text)
  return isEnglish ? `<bdi lang="en" dir="ltr">${escapeHtml(text)}</bdi>` : escapeHtml(text)
}

function table(rows: NonNullable<Letter['rows']>, language: MailLanguage): string {
  const { start, end } = looks[language]
  const cell = (text: string, align: string, more = '') =>
    `<td class="line" style="padding:8px 0;border-bottom:1px solid #e3e5df;text-align:${align};vertical-align:top${more}">${inline(text, language)}</td>`
  return `<table style="width:100%;margin:18px 0;border-collapse:collapse">
${rows.map((row) => `<tr>${cell(row[0], start)}${cell(row[1], end, `;padding-${start}:16px`)}</tr>`).join('\n')}
</table>`
}

/** A link that is none of the web's could run a script: it is shown as text. */
const button = ({ label, url }: Link, language: MailLanguage) =>
  /^https?:\/\//i.test(url)
    ? `<p style="margin:22px 0 12px"><a class="button" href="${escapeHtml(url)}" style="display:inline-block;padding:12px 22px;background:#0b6b4d;color:#ffffff;border-radius:8px;font-weight:600;text-decoration:none">${escapeHtml(label)}</a></p>
<p class="soft" dir="ltr" style="margin:0;font-size:13px;line-height:1.5;color:#55635b;word-break:break-all;text-align:${looks[language].start}">${escapeHtml(url)}</p>`
    : `<p style="margin:22px 0">${escapeHtml(label)}: ${escapeHtml(url)}</p>`
