// What pages do better with JavaScript. Each works without: forms are forms, links are links.
import '../../ui/tokens.css'
import '../shop.css'
import '../account.css'
import '../receipt.css'
import { backAsOfNow } from './back.ts'
import { closeFilledParts, sendOnce } from './checkout.ts'
import { forgetFaults, toFirstFault } from './faults.ts'
import { liveForms } from './live-forms.ts'
import { liveOrder } from './live-order.ts'
import { suggestWords } from './suggest.ts'

backAsOfNow()
liveForms()
liveOrder()
sendOnce()
closeFilledParts()
forgetFaults()
if (document.activeElement === document.body) toFirstFault()
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-suggest]')) suggestWords(form)

// Beside the list there is room for the filters.
if (matchMedia('(min-width: 60rem)').matches)
  for (const part of document.querySelectorAll<HTMLDetailsElement>('details[data-open-on-desktop]')) part.open = true

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => print())
}

addEventListener('keydown', (event) => {
  const { target } = event
  const isTyping = target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]')
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  document.querySelector<HTMLInputElement>('#q')?.focus()
})
