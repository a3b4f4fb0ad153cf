import type { PaymentStatus } from '@mart/contracts/http/payment-shapes'
import { formatMoney, type Money } from '@mart/contracts/money'
import type { AttemptStatus } from './payment-tables.ts'

/** Everything on it is our own words and sums, nothing that anybody typed. */
export interface BuyerPage {
  readonly status: number
  readonly html: string
  /** Where it is not the one of every page. */
  readonly contentPolicy?: string
}

export interface Shown extends Money {
  readonly status: AttemptStatus
  readonly payment_status: PaymentStatus
}

const LOOK_AGAIN_S = 3

export const thankYouPage: BuyerPage = page({ title: 'Thank you', text: 'You can follow your order in the shop.' })

export const closedPage: BuyerPage = page({
  status: 410,
  title: 'Closed',
  text: 'This payment page is closed. You can choose how to pay in your order.',
})

/** For the link to a payment page that is not there (yet, or any more). */
export function endedPage(attempt: Shown): BuyerPage {
  if (attempt.status === 'created' || attempt.status === 'calling') {
    return page({ title: 'One moment', text: 'The payment page is being prepared.', looksAgain: true })
  }
  if (attempt.status === 'succeeded' || attempt.status === 'processing') return resultPage(attempt, null)
  return closedPage
}

/** For the link to a page of a provider that does not answer; `again` is that link. */
export const notNowPage = (again: string): BuyerPage =>
  page({
    status: 503,
    title: 'Not now',
    text: 'The payment provider does not answer. Nothing was charged, and your order waits for you.',
    link: { href: again, text: 'Try again' },
  })

/** What the server knows, for the buyer who comes back from the provider; `goOn` leads to a page that is still open. */
export function resultPage(attempt: Shown, goOn: string | null): BuyerPage {
  const sum = formatMoney({ amount: attempt.amount, currency: attempt.currency })
  const isOpen = attempt.status === 'open'
  const { title, text, looksAgain = false } = words[attempt.payment_status](sum)
  return page({
    title,
    text,
    looksAgain,
    ...(isOpen && goOn ? { link: { href: goOn, text: 'Go on to the payment page' } } : {}),
  })
}

interface Words {
  readonly title: string
  readonly text: string
  readonly looksAgain?: boolean
}

const words: Record<PaymentStatus, (sum: string) => Words> = {
  pending: () => ({ title: 'One moment', text: 'We are waiting for word of your payment.', looksAgain: true }),
  action_required: (sum) => ({
    title: 'Not paid yet',
    text: `Your payment of ${sum} has not reached us yet. This page looks again by itself.`,
    looksAgain: true,
  }),
  processing: (sum) => ({
    title: 'On its way',
    text: `Your bank is working on your payment of ${sum}. We write to you when it has arrived.`,
  }),
  succeeded: (sum) => ({ title: 'Paid', text: `Your payment of ${sum} has arrived. Thank you.` }),
  failed: () => ({ title: 'Not paid', text: 'The payment did not work. You can choose how to pay in your order.' }),
  voided: () => ({ title: 'Cancelled', text: 'This payment was cancelled. Nothing is due.' }),
  refunded: (sum) => ({ title: 'Refunded', text: `Your payment of ${sum} was sent back.` }),
  partially_refunded: () => ({ title: 'Partly refunded', text: 'A part of your payment was sent back.' }),
  due_on_delivery: (sum) => ({ title: 'Cash on delivery', text: `You pay ${sum} when your order arrives.` }),
}

interface Content extends Words {
  readonly status?: number
  readonly link?: { readonly href: string; readonly text: string }
}

function page({ title, text, status = 200, looksAgain = false, link }: Content): BuyerPage {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">${looksAgain ? `\n<meta http-equiv="refresh" content="${LOOK_AGAIN_S}">` : ''}
<title>${title} · AI Mart</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#1c1c1c}</style>
<h1>${title}</h1>
<p>${text}</p>${link ? `\n<p><a href="${link.href}">${link.text}</a></p>` : ''}
</html>
`
  return { status, html }
}
