import { nextTry } from './live-forms.ts'
import { replaceParts } from './replace-parts.ts'

const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [2_000, 60_000]

/** Keeps an order's page at what the server says, by its events; who has just ordered goes on to the payment by himself. */
export function liveOrder(): void {
  const address = addressOfEvents()
  if (!address) return
  const goesOn = new URLSearchParams(location.search).has('placed')
  let events: EventSource
  let isBehind = false
  let isAsking = false
  let waitMs = FIRST_WAIT_MS

  function listen(): void {
    events = new EventSource(address!)
    events.addEventListener('open', () => mark(!isBehind))
    events.addEventListener('order', () => void catchUp())
    events.addEventListener('error', async () => {
      mark(false)
      // After what is no stream, as from a shop that is just starting, it does not come back by itself.
      if (events.readyState !== EventSource.CLOSED) return
      await untilNextTry()
      if (addressOfEvents()) listen()
    })
  }

  async function catchUp(): Promise<void> {
    isBehind = true
    if (isAsking) return
    isAsking = true
    while (isBehind) {
      isBehind = false
      const html = await pageOf(address!)
      if (html !== null) show(html)
      else {
        isBehind = true
        mark(false)
        await untilNextTry()
      }
    }
    isAsking = false
  }

  const show = (html: string) => {
    // No page of this order: one is signed out, say, which a reload tells.
    if (!replaceParts(html)) return mark(false)
    waitMs = FIRST_WAIT_MS
    // It is over: nothing more is told of it.
    if (!addressOfEvents()) return events.close()
    mark(events.readyState === EventSource.OPEN)
    const pay = document.querySelector<HTMLAnchorElement>('[data-pay]')
    if (!pay || !goesOn) return
    events.close()
    history.replaceState(null, '', location.pathname)
    location.assign(pay.href)
  }

  function untilNextTry(): Promise<unknown> {
    const ms = waitMs
    waitMs = Math.min(2 * ms, LONGEST_WAIT_MS)
    return nextTry(ms)
  }

  listen()
}

const addressOfEvents = () => document.querySelector<HTMLElement>('[data-events]')?.dataset['events']

/** Null while it cannot be had. */
async function pageOf(events: string): Promise<string | null> {
  try {
    const answer = await fetch(events.replace(/\/events$/, ''), { headers: { accept: 'text/html' } })
    return answer.status < 500 && answer.status !== 429 ? await answer.text() : null
  } catch {
    return null
  }
}

function mark(isLive: boolean): void {
  const live = document.querySelector<HTMLElement>('.live')
  if (!live) return
  live.className = `live ${isLive ? 'on' : 'off'}`
  live.textContent = live.dataset[isLive ? 'on' : 'off'] ?? ''
}
