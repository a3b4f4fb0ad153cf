/**
 * A page that comes back as it was left may be another person's by now, or tell of a cart and an order as they were: it is loaded
 * anew. Not while the header is still true and somebody has typed something, or what he sent is answered by it.
 */
export function backAsOfNow(): void {
  addEventListener('pageshow', async ({ persisted }) => {
    const isAnswer = 'answer' in document.documentElement.dataset
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
    if (!persisted && !(isAnswer && navigation?.type === 'back_forward')) return
    if ((isAnswer || isTyped()) && (await isHeaderTrue())) return
    if (isAnswer) location.replace(page())
    else location.reload()
  })
}

/** Without what is behind `#`, to which a browser would only scroll. */
const page = () => location.pathname + location.search

const isTyped = () =>
  [...document.querySelectorAll<HTMLInputElement>('main input')].some(
    (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked,
  )

/** Who is signed in, and what is in the cart. */
async function isHeaderTrue(): Promise<boolean> {
  // What a page that is gone back to asks for, a browser takes from what it has kept.
  const answer = await fetch(page(), { headers: { accept: 'text/html' }, cache: 'no-store' }).catch(() => null)
  if (!answer) return true
  const now = new DOMParser().parseFromString(await answer.text(), 'text/html')
  return headerOf(now) === headerOf(document)
}

const headerOf = (shown: Document) => shown.querySelector('.top-links')?.textContent
