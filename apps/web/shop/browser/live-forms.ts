import { bodyOf, replaceParts } from './replace-parts.ts'

interface Wish {
  readonly button: HTMLElement | null
  readonly body: URLSearchParams
}

/** What waits while something is under way: one after the other, so that each answer knows of all before it. */
const wishes = new Map<HTMLFormElement, Wish>()
let underWay: Wish | null = null

/**
 * Sends a form with `data-live` beside the page, and makes the parts of the page what they are in the answer. Of a form that says how
 * it shall be (`data-live="last"`) the last wish counts; one that adds is not pressed twice. What is refused is left to the browser:
 * the form is sent as ever. Who leaves the page at once takes nothing back (`keepalive`).
 */
export function liveForms(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    if (!form.matches('[data-live]')) return
    event.preventDefault()
    if (form.ariaBusy !== 'true' || isLast(form)) ask(form, event.submitter)
  })
  // What is typed counts once one leaves its field.
  document.addEventListener('change', ({ target }) => {
    const { form } = target as HTMLInputElement
    if (form && isLast(form)) form.requestSubmit()
  })
  addEventListener('online', () => tellAway(false))
  addEventListener('pagehide', () => {
    for (const [form, { body }] of wishes) {
      void post(form, body)
      form.ariaBusy = null
    }
    wishes.clear()
  })
}

const isLast = (form: HTMLFormElement) => form.dataset['live'] === 'last'

const ask = (form: HTMLFormElement, submitter: HTMLElement | null) => {
  const button = takeStep(form, submitter)
  const body = bodyOf(form, button)
  wishes.delete(form)
  // Enter in a field is a change, too.
  if (isLast(form) && String(body) === String(underWay?.body)) return
  wishes.set(form, { button, body })
  form.ariaBusy = 'true'
  if (!underWay) void sendAll()
}

/** A step is seen at once; what is sent is how many there shall be. */
function takeStep(form: HTMLFormElement, button: HTMLElement | null): HTMLElement | null {
  const field = form.querySelector<HTMLInputElement>('[type=number]')
  if (!field || !button?.matches('[name=step]')) return button
  if (button.matches('[value=more]')) field.stepUp()
  else field.stepDown()
  return null
}

async function sendAll(): Promise<void> {
  for (const [form, wish] of wishes) {
    wishes.delete(form)
    underWay = wish
    await send(form, wish)
    if (!wishes.has(form)) form.ariaBusy = null
  }
  underWay = null
}

async function send(form: HTMLFormElement, { button, body }: Wish): Promise<void> {
  try {
    const answer = await post(form, body)
    if (!answer.ok) return sendAsEver(form, button)
    const html = await answer.text()
    const isAnswered = !wishes.has(form) && String(bodyOf(form, button)) === String(body)
    replaceParts(html, isAnswered ? form : undefined)
    tellAway(false)
    form.classList.add('done')
    setTimeout(() => form.classList.remove('done'), 1_600)
  } catch {
    tellAway(true)
    if (isLast(form) && !wishes.has(form)) form.reset()
  }
}

const post = (form: HTMLFormElement, body: URLSearchParams) =>
  fetch(form.action, { method: 'post', body, headers: { accept: 'text/html' }, keepalive: true })

/** Leaves it to the browser. */
export function sendAsEver(form: HTMLFormElement, submitter: HTMLElement | null): void {
  form.removeAttribute('data-live')
  form.removeAttribute('data-once')
  form.requestSubmit(submitter)
}

function tellAway(isAway: boolean): void {
  const notice = document.getElementById('away')
  if (notice) notice.hidden = !isAway
}

/** When it may be tried again: after a while, or once the network is back. */
export const nextTry = (ms: number): Promise<unknown> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
    addEventListener('online', resolve, { once: true })
  })
