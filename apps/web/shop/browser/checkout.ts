import { toFirstFault } from './faults.ts'
import { nextTry, sendAsEver } from './live-forms.ts'
import { bodyOf, replaceParts } from './replace-parts.ts'

const TRY_AGAIN_MS = 3_000

/**
 * Sends a form with `data-once` beside the page until the shop answers: while the network is away, what was typed stays, and since
 * the form has the key of its order, that is made once however often it is sent.
 */
export function sendOnce(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    // A button that leads elsewhere takes what is typed along.
    if (!form.matches('[data-once]') || event.submitter?.hasAttribute('formaction')) return
    event.preventDefault()
    if (form.ariaBusy !== 'true') void send(form, event.submitter)
  })
}

async function send(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  form.ariaBusy = 'true'
  const { url, redirected, text } = await untilAnswered(form, submitter)
  form.ariaBusy = null
  if (redirected) return location.assign(url)
  // Not a page of this form: the browser may show it.
  if (!replaceParts(text, form)) return sendAsEver(form, submitter)
  for (const part of document.querySelectorAll<HTMLDetailsElement>('.part:has(.fault)')) part.open = true
  toFirstFault()
}

async function untilAnswered(form: HTMLFormElement, submitter: HTMLElement | null) {
  const away = form.querySelector<HTMLElement>('[data-away]')
  while (true) {
    try {
      const body = bodyOf(form, submitter)
      const answer = await fetch(form.action, { method: 'post', body, headers: { accept: 'text/html' } })
      const text = await answer.text()
      if (answer.status < 500) return { url: answer.url, redirected: answer.redirected, text }
    } catch {
      // The network is away.
    }
    if (away) away.hidden = false
    await nextTry(TRY_AGAIN_MS)
  }
}

/** A part of the checkout that is filled in closes to a line of it when one goes on to the next; what is missing opens it. */
export function closeFilledParts(): void {
  const whenPartOf = (type: string, work: (part: HTMLDetailsElement, event: FocusEvent) => void) =>
    document.addEventListener(
      type,
      (event) => {
        const part = (event.target as Element).closest<HTMLDetailsElement>('details.part')
        if (part) work(part, event as FocusEvent)
      },
      { capture: true },
    )
  whenPartOf('toggle', sumUp)
  whenPartOf('focusout', (part, { relatedTarget: next }) => {
    const goesOn = next instanceof HTMLElement && next.closest('form') === part.closest('form') && !part.contains(next)
    if (goesOn && fieldsIn(part).every(({ validity }) => validity.valid)) afterPress(() => close(part, next))
  })
  whenPartOf('invalid', (part) => (part.open = true))
}

type TypedField = HTMLInputElement | HTMLSelectElement

const fieldsIn = (part: HTMLElement) => [...part.querySelectorAll<TypedField>('input, select')]

function sumUp(part: HTMLDetailsElement): void {
  const summary = summaryOf(part)
  if (!part.open && summary) part.querySelector('.filled bdi')!.textContent = summary
}

function summaryOf(part: HTMLElement): string {
  const texts = fieldsIn(part).map((field) => {
    if (field instanceof HTMLSelectElement) return field.value && field.selectedOptions[0]?.text
    if (field.type === 'radio') return field.checked && field.dataset['summary']
    return isAskedFor(field) && field.name !== 'note' && field.value.trim()
  })
  return texts.filter(Boolean).join(', ')
}

/** What is typed for another address counts while none is chosen. */
const isAskedFor = (field: HTMLElement) =>
  !(field.closest('.typed') && field.closest('form')?.querySelector<HTMLSelectElement>('[name=address]')?.value)

let isPressed = false
addEventListener('pointerdown', () => (isPressed = true))
addEventListener('pointerup', () => setTimeout(() => (isPressed = false)))
addEventListener('pointercancel', () => (isPressed = false))

/** While a finger is down nothing may move away from below it. */
function afterPress(work: () => void): void {
  if (isPressed) addEventListener('pointerup', () => setTimeout(work), { once: true })
  else work()
}

/** What one is at stays where it is on the screen. */
function close(part: HTMLDetailsElement, at: HTMLElement): void {
  if (part.contains(document.activeElement)) return
  const before = at.getBoundingClientRect().top
  part.open = false
  sumUp(part) // at once: by its event what one is at would move again
  scrollBy({ top: at.getBoundingClientRect().top - before, behavior: 'instant' })
}
