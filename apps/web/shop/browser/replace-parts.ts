/**
 * Makes the cart in the header, and whatever is marked `data-part`, what another page has under the same id. What is on both stays the
 * very same element: it keeps the focus, what is chosen and unfolded, and a screen reader hears what changes in it. A form that
 * somebody is at stays as it is, unless it is the one that was `answered`. False when the other page has none of these parts.
 */
export function replaceParts(html: string, answered?: HTMLFormElement): boolean {
  const page = new DOMParser().parseFromString(html, 'text/html')
  const focused = document.activeElement
  const place = placeOf(focused)
  let isThere = false
  for (const next of page.querySelectorAll('#cart-link, [data-part][id]')) {
    const part = document.getElementById(next.id)
    if (!part) continue
    become(part, next, answered)
    isThere ||= part.matches('[data-part]')
  }
  focusNear(focused, place)
  return isThere
}

/** As it would be sent. */
export const bodyOf = (form: HTMLFormElement, submitter: HTMLElement | null = null): URLSearchParams =>
  new URLSearchParams(new FormData(form, submitter) as unknown as Record<string, string>)

/** It is being sent, something is typed in it, now or before the page came, or what was wrong with it is told there. */
function isInUse(form: HTMLFormElement): boolean {
  const asItCame = form.cloneNode(true) as HTMLFormElement
  asItCame.reset()
  const isTypedIn = String(bodyOf(asItCame)) !== String(bodyOf(form))
  if (isTypedIn || form.matches('[aria-busy], [data-begun=true]')) return true
  return form.querySelector('[aria-invalid], [role=alert]') !== null
}

function become(old: Element, next: Element, answered?: HTMLFormElement): void {
  const isForm = old instanceof HTMLFormElement
  if (isForm && old !== answered && isInUse(old)) return
  takeAttributes(old, next)
  let at = old.firstChild
  const removeUntil = (end: ChildNode | null) => {
    while (at !== end) {
      const gone = at!
      at = gone.nextSibling
      gone.remove()
    }
  }
  for (const child of [...next.childNodes]) {
    let same = at
    while (same && !isAlike(same, child)) same = same.nextSibling
    if (!same) {
      old.insertBefore(child, at)
      continue
    }
    removeUntil(same)
    if (same instanceof Element) become(same, child as Element, answered)
    else if (same.nodeValue !== child.nodeValue) same.nodeValue = child.nodeValue
    at = same.nextSibling
  }
  removeUntil(null)
  // What was typed before is what its fields say now.
  if (isForm) old.reset()
}

/** By what one tells elements of a kind apart. */
const marks = ['id', 'data-key', 'action', 'href', 'name']
const isAlike = (one: Node, other: Node) =>
  one.nodeName === other.nodeName &&
  !(one instanceof Element && marks.some((mark) => one.getAttribute(mark) !== (other as Element).getAttribute(mark)))

/** What the person or a script here has set. */
const keptAttributes = new Set(['open', 'tabindex'])

function takeAttributes(old: Element, next: Element): void {
  for (const { name } of [...old.attributes])
    if (!next.hasAttribute(name) && !keptAttributes.has(name)) old.removeAttribute(name)
  for (const { name, value } of next.attributes)
    if (old.getAttribute(name) !== value && !keptAttributes.has(name)) old.setAttribute(name, value)
}

type Place = readonly { readonly parent: Element; readonly index: number }[]

/** Where it is, from the inside out. */
function placeOf(element: Element | null): Place {
  const parent = element?.parentElement
  if (!element || !parent) return []
  return [{ parent, index: [...parent.children].indexOf(element) }, ...placeOf(parent)]
}

/** Where what had the focus is gone: at the line in its place or around it, but at no other button, which Enter would press. */
function focusNear(focused: Element | null, place: Place): void {
  const near = place.find(({ parent }) => parent.isConnected)
  if (!near || focused?.isConnected) return
  const inItsPlace = near.parent.children[near.index] ?? near.parent.lastElementChild
  const target = (inItsPlace?.matches('li') ? inItsPlace : near.parent) as HTMLElement
  target.tabIndex = -1
  target.focus()
}
