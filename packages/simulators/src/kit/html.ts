/** Markup whose inserted values are escaped, unless they are markup themselves. */
export type Html = { markup: string }

export function html(parts: TemplateStringsArray, ...values: (string | number | null | Html | Html[])[]): Html {
  return {
    markup: parts.map((part, place) => part + (place < values.length ? insert(values[place] ?? null) : '')).join(''),
  }
}

export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body><main>${body}</main></body>
</html>
`.markup
}

function insert(value: string | number | null | Html | Html[]): string {
  if (value === null) return ''
  if (Array.isArray(value)) return value.map((one) => one.markup).join('\n')
  return typeof value === 'object' ? value.markup : escaped(String(value))
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

const style: Html = {
  markup: `
body { margin: 0; background: #f4f5f8; color: #1f2733; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 42rem; margin: 2rem auto; padding: 1.5rem 2rem; background: #fff; border-radius: 12px; box-shadow: 0 1px 4px #0002 }
h1 { font-size: 1.3rem } h2 { font-size: 1.05rem; margin-top: 2rem }
.amount { font-size: 2rem; font-weight: 600; margin: 0 }
.note { color: #5b6472; font-size: .9rem } .error { color: #b3261e; font-weight: 600 }
table { width: 100%; border-collapse: collapse; font-size: .95rem } td, th { padding: .3rem .5rem .3rem 0; text-align: left; vertical-align: top } td:last-child { text-align: right }
form { margin: 1rem 0 } td form { margin: 0 } label { display: block; margin-bottom: .3rem }
input, select { font: inherit; padding: .5rem; border: 1px solid #c3c9d4; border-radius: 6px; box-sizing: border-box; width: 100% }
button { font: inherit; padding: .55rem 1rem; margin-top: .6rem; border: 0; border-radius: 6px; background: #4f46e5; color: #fff; cursor: pointer }
button.quiet { background: #e7e9f0; color: #1f2733 } td button { margin: 0; padding: .15rem .6rem; font-size: .85rem }
code, pre { background: #f0f1f5; border-radius: 4px; padding: .1rem .3rem; font-size: .85rem } pre { padding: .8rem; overflow: auto }
`,
}
