/**
 * Sends a form with `data-live` beside the page, and puts the parts of the answer in the place of those on the page. What is refused
 * is left to the browser: the form is sent as ever. Who leaves the page at once takes nothing back (`keepalive`).
 */
export function liveForms(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    if (!form.matches('[data-live]')) return
    event.preventDefault()
    if (form.ariaBusy !== 'true') void sendBeside(form, event.submitter)
  })
  addEventListener('online', () => tellAway(false))
}

async function sendBeside(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  form.ariaBusy = 'true'
  try {
    const body = new URLSearchParams(new FormData(form, submitter) as unknown as Record<string, string>)
    const headers = { accept: 'text/html' }
    const answer = await fetch(form.action, { method: 'post', body, headers, keepalive: true })
    if (!answer.ok) return sendAsEver(form, submitter)
    replaceParts(await answer.text())
    tellAway(false)
    form.classList.add('done')
    setTimeout(() => form.classList.remove('done'), 1_600)
  } catch {
    tellAway(true)
  } finally {
    form.ariaBusy = null
  }
}

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

/** Puts what another page has under the same id here: the cart in the header, and whatever is marked `data-part`. */
export function replaceParts(html: string): void {
  const page = new DOMParser().parseFromString(html, 'text/html')
  for (const part of page.querySelectorAll('#cart-link, [data-part][id]'))
    document.getElementById(part.id)?.replaceWith(document.adoptNode(part))
}
