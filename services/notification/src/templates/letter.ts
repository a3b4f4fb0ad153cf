import type { MessageKind } from '@mart/contracts/http/notification-shapes'
import type { Money } from '@mart/contracts/money'
import { escapeHtml, oneLine } from '@mart/service-kit/mail-text'
import type { MessageData } from '../message.ts'

/** What a template is given. */
export interface Facts<Kind extends MessageKind> {
  readonly data: MessageData[Kind]
  readonly orderNumber: string
  /** "Hello Ayesha," */
  readonly greeting: string
  /** The recipient may read what was typed in by whoever placed the order: addresses, for one. */
  readonly isProven: boolean
  /** An amount for people, in their language. */
  readonly money: (amount: Money) => string
}

export type LettersFor<Kind extends MessageKind> = { readonly [K in Kind]: (facts: Facts<K>) => Letter }

/** What a mail says, before it is HTML or text. None of it is markup: `mailOf` escapes it all. */
export interface Letter {
  readonly subject: string
  readonly heading: string
  readonly paragraphs: readonly string[]
  /** What stands on the left and on the right of each row. */
  readonly rows?: readonly (readonly [string, string])[]
  readonly link?: { readonly label: string; readonly url: string }
}

export interface Mail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** A letter as a mail, with its plain text beside its HTML; at the end of both the page of its order. */
export function mailOf(letter: Letter, orderUrl: string | null): Mail {
  return { subject: oneLine(letter.subject), text: textOf(letter, orderUrl), html: htmlOf(letter, orderUrl) }
}

function textOf({ heading, paragraphs, rows = [], link }: Letter, orderUrl: string | null): string {
  const parts = [
    oneLine(heading),
    ...paragraphs.map(oneLine),
    rows.map(([left, right]) => `${oneLine(left)}: ${oneLine(right)}`).join('\n'),
    link ? `${link.label}:\n${oneLine(link.url)}` : '',
    orderUrl ? `${TO_ORDER}:\n${orderUrl}` : '',
    '-- \nAI Mart',
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

const TO_ORDER = 'Your order in the shop'

const font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"

function htmlOf({ subject, heading, paragraphs, rows = [], link }: Letter, orderUrl: string | null): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px 12px;background:#f4f4f0;color:#22261f;${font};font-size:16px;line-height:1.5">
<div style="max-width:560px;margin:0 auto;padding:28px;background:#ffffff;border-radius:10px">
<p style="margin:0 0 20px;color:#2f6b3c;font-weight:600">AI Mart</p>
<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3">${escapeHtml(heading)}</h1>
${paragraphs.map((text) => `<p style="margin:0 0 14px">${escapeHtml(text)}</p>`).join('\n')}
${rows.length > 0 ? table(rows) : ''}
${link ? button(link) : ''}
${orderUrl ? orderLink(orderUrl) : ''}
</div>
</body>
</html>
`
}

const table = (rows: NonNullable<Letter['rows']>) =>
  `<table style="width:100%;margin:18px 0;border-collapse:collapse">
${rows.map(([left, right]) => `<tr>${cell(left, 'left')}${cell(right, 'right')}</tr>`).join('\n')}
</table>`

const cell = (text: string, align: 'left' | 'right') =>
  `<td style="padding:7px 0;border-bottom:1px solid #e6e6df;text-align:${align};vertical-align:top">${escapeHtml(text)}</td>`

const orderLink = (url: string) =>
  `<p style="margin:22px 0 0"><a href="${escapeHtml(url)}" style="color:#2f6b3c">${TO_ORDER}</a></p>`

/** A link that is none of the web's could run a script: it is shown as text. */
const button = ({ label, url }: NonNullable<Letter['link']>) =>
  /^https?:\/\//i.test(url)
    ? `<p style="margin:22px 0"><a href="${escapeHtml(url)}" style="display:inline-block;padding:12px 22px;background:#2f6b3c;color:#ffffff;border-radius:6px;text-decoration:none">${escapeHtml(label)}</a></p>
<p style="margin:0;font-size:13px;color:#6b7066;word-break:break-all">${escapeHtml(url)}</p>`
    : `<p style="margin:22px 0">${escapeHtml(label)}: ${escapeHtml(url)}</p>`
