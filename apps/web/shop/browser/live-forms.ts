/**
 * Sends a form with `data-live` beside the page, and puts the parts of the answer in the place of those on the page. What goes wrong is left to the browser: the form is sent as ever.
 */
export function liveForms(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    if (!form.matches('[data-live]')) return
    event.preventDefault()
    void sendBeside(form, event.submitter)
  })
}

async function sendBeside(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  if (form.ariaBusy === 'true') return
  form.ariaBusy = 'true'
  try {
    const body = new URLSearchParams(new FormData(form, submitter) as unknown as Record<string, string>)
    const answer = await fetch(form.action, { method: 'post', body, headers: { accept: 'text/html' } })
    if (!answer.ok) throw new Error(String(answer.status))
    replaceParts(await answer.text())
    form.classList.add('done')
    setTimeout(() => form.classList.remove('done'), 1_600)
  } catch {
    form.submit()
  } finally {
    form.ariaBusy = null
  }
}

/** Puts what another page has under the same id here: the cart in the header, and whatever is marked `data-part`. */
export function replaceParts(html: string): void {
  const page = new DOMParser().parseFromString(html, 'text/html')
  for (const part of page.querySelectorAll('#cart-link, [data-part][id]'))
    document.getElementById(part.id)?.replaceWith(document.adoptNode(part))
}
