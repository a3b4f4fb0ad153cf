const PAUSE_MS = 120
const MOST = 6

interface Found {
  readonly items: readonly { readonly slug: string; readonly name: string; readonly name_language: string }[]
}

/** Products as one types, as a combo box with a list (WAI-ARIA 1.2): arrows choose, Enter goes there, Escape closes. */
export function suggestWords(form: HTMLFormElement): void {
  const input = form.querySelector('input')!
  const list = document.createElement('ul')
  list.id = 'suggestions'
  list.role = 'listbox'
  list.ariaLabel = form.dataset['label'] ?? input.labels?.[0]?.textContent ?? ''
  list.hidden = true
  form.append(list)
  input.role = 'combobox'
  input.setAttribute('aria-autocomplete', 'list')
  input.setAttribute('aria-controls', list.id)
  input.setAttribute('aria-expanded', 'false')

  let chosen = -1
  let timer = 0
  let asked = new AbortController()
  const options = () => [...list.children] as HTMLElement[]
  const show = (isOpen: boolean) => {
    list.hidden = !isOpen
    input.setAttribute('aria-expanded', String(isOpen))
    if (!isOpen) choose(-1)
  }
  const choose = (index: number) => {
    chosen = index
    options().forEach((option, at) => {
      option.ariaSelected = String(at === index)
    })
    if (index < 0) input.removeAttribute('aria-activedescendant')
    else input.setAttribute('aria-activedescendant', options()[index]!.id)
  }
  const look = async () => {
    asked.abort()
    asked = new AbortController()
    const words = input.value.trim()
    if (words.length < 2) return show(false)
    try {
      const { lang } = document.documentElement
      const query = new URLSearchParams({ q: words, limit: String(MOST), language: lang })
      const answer = await fetch(`/api/products?${query}`, { signal: asked.signal })
      if (!answer.ok) return show(false)
      const { items } = (await answer.json()) as Found
      list.replaceChildren(...items.map(optionOf))
      show(items.length > 0)
    } catch {
      // Aborted by the next letter, or the network is away: the search button is still there.
    }
  }
  input.addEventListener('input', () => {
    clearTimeout(timer)
    timer = window.setTimeout(look, PAUSE_MS)
  })
  input.addEventListener('keydown', (event) => {
    const { length } = options()
    if (list.hidden || length === 0) return
    if (event.key === 'ArrowDown') choose((chosen + 1) % length)
    else if (event.key === 'ArrowUp') choose((chosen - 1 + length) % length)
    else if (event.key === 'Escape') show(false)
    else if (event.key === 'Enter' && chosen >= 0) location.assign(options()[chosen]!.querySelector('a')!.href)
    else return
    event.preventDefault()
  })
  form.addEventListener('focusout', (event) => {
    if (!form.contains(event.relatedTarget as Node | null)) show(false)
  })
}

function optionOf({ slug, name, name_language }: Found['items'][number], index: number): HTMLElement {
  const option = document.createElement('li')
  option.role = 'option'
  option.id = `suggestion-${index}`
  option.ariaSelected = 'false'
  const link = document.createElement('a')
  link.href = `/p/${encodeURIComponent(slug)}`
  link.tabIndex = -1
  link.textContent = name
  link.lang = name_language
  link.dir = 'auto'
  option.append(link)
  return option
}
