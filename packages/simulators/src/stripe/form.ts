/** What a form or a query says, every leaf a string: `line_items[0][quantity]=2` is `{line_items: {0: {quantity: '2'}}}`. */
export type Form = string | FormFields
export type FormFields = { [name: string]: Form }

const bracketed = /^([^[\]]+)((?:\[[^[\]]*\])*)$/

export function parseForm(text: string): FormFields {
  const root = emptyFields()
  for (const [name, value] of new URLSearchParams(text)) {
    const [, first, rest = ''] = bracketed.exec(name) ?? [null, name, '']
    put(
      root,
      [
        first ?? name,
        ...rest
          .slice(1, -1)
          .split('][')
          .slice(rest ? 0 : 1),
      ],
      value,
    )
  }
  return root
}

/** The same text for the same parameters, whatever their order. */
export function canonical(form: Form): string {
  if (typeof form === 'string') return JSON.stringify(form)
  const pairs = Object.entries(form).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${canonical(value)}`).join()}}`
}

function put(fields: FormFields, [key = '', ...rest]: string[], value: string): void {
  const name = key === '' ? String(Object.keys(fields).length) : key
  if (rest.length === 0) {
    fields[name] = value
    return
  }
  const found = fields[name]
  const inner = typeof found === 'object' ? found : emptyFields()
  fields[name] = inner
  put(inner, rest, value)
}

// Without a prototype, a parameter called __proto__ or constructor is a name like any other.
function emptyFields(): FormFields {
  return Object.create(null) as FormFields
}
