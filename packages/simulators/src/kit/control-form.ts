import type { ControlOf, Rules } from './control.ts'
import { type Html, html } from './html.ts'

/** The control as a form for a person; what is wrong is in it as text, and `fromForm` reads it. */
export const controlForm = <R extends Rules>(action: string, rules: R, control: ControlOf<R>): Html =>
  html`<form method="post" action="${action}"><table>${Object.entries(control).map(
    ([name, value]) =>
      html`<tr><td><label for="${name}">${name}</label></td><td>${field(name, value, rules[name]?.choices)}</td></tr>`,
  )}</table>
<button>Set</button> <button class="quiet" name="calm" value="yes">All calm</button></form>`

/** What a person has set in the form. */
export function fromForm<R extends Rules>(rules: R, form: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (form['calm']) return {}
  const set = Object.entries(form).filter(([name]) => Object.hasOwn(rules, name))
  return Object.fromEntries(set.map(([name, text]) => [name, readText(String(text), rules[name]?.calm)]))
}

function field(
  name: string,
  value: unknown,
  choices: readonly string[] | undefined = typeof value === 'boolean' ? ['false', 'true'] : undefined,
) {
  const shown = typeof value === 'object' ? JSON.stringify(value) : String(value)
  if (!choices) return html`<input id="${name}" name="${name}" value="${shown}" autocomplete="off">`
  const options = choices.map((one) => option(one, one === shown))
  return html`<select id="${name}" name="${name}">${options}</select>`
}

const option = (text: string, isChosen: boolean): Html =>
  isChosen ? html`<option selected>${text}</option>` : html`<option>${text}</option>`

function readText(text: string, calm: unknown): unknown {
  if (typeof calm === 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    return text // refused by the rule, which names it
  }
}
