import { replaceParts } from './live-forms.ts'

/** Keeps an order's page at what the server says, by its events; who has just ordered goes on to the payment by himself. */
export function liveOrder(): void {
  const address = document.querySelector<HTMLElement>('[data-events]')?.dataset['events']
  if (!address) return
  const mark = (isLive: boolean) => {
    const live = document.querySelector<HTMLElement>('.live')
    if (!live) return
    live.className = `live ${isLive ? 'on' : 'off'}`
    live.textContent = live.dataset[isLive ? 'on' : 'off'] ?? ''
  }
  const goesOn = new URLSearchParams(location.search).has('placed')
  const events = new EventSource(address)
  events.addEventListener('open', () => mark(true))
  events.addEventListener('error', () => mark(false))
  events.addEventListener('order', async () => {
    const answer = await fetch(address.replace(/\/events$/, ''), { headers: { accept: 'text/html' } }).catch(() => null)
    if (!answer?.ok) return mark(false)
    replaceParts(await answer.text())
    // It is over: nothing more is told of it.
    if (!document.querySelector('[data-events]')) return events.close()
    mark(true)
    const pay = document.querySelector<HTMLAnchorElement>('[data-pay]')
    if (pay && goesOn) {
      events.close()
      history.replaceState(null, '', location.pathname)
      location.assign(pay.href)
    }
  })
}
