/** Goes on at what is wrong first where the browser does not by itself: in a part that was replaced, and on iOS. */
export function toFirstFault(): void {
  document.querySelector<HTMLElement>('main [autofocus]')?.focus()
}

/** What was wrong with a field is said until one types there: by then it is about something else. */
export function forgetFaults(): void {
  document.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLElement) || !target.hasAttribute('aria-invalid')) return
    const fault = target.closest('.field')?.querySelector('.fault')
    const described = target.getAttribute('aria-describedby')?.split(' ') ?? []
    const left = described.filter((id) => id !== fault?.id).join(' ')
    fault?.remove()
    target.removeAttribute('aria-invalid')
    if (left) target.setAttribute('aria-describedby', left)
    else target.removeAttribute('aria-describedby')
  })
}
