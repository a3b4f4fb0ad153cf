import { html, page } from '../kit/html.ts'
import { inRupees } from './amounts.ts'
import { messageOf, outcomes } from './outcomes.ts'
import { PREFIX } from './simulator.ts'
import type { Transaction } from './store.ts'

/** The page on which a buyer pays, or what came of it. */
export function payPage(transaction: Transaction): string {
  const { merchantName, description, currency, paisa, code } = transaction
  return page(
    'PayFast (simulated)',
    html`<h1>${merchantName}</h1>
<p class="amount">${currency} ${inRupees(paisa)}</p>
<p>${description}</p>
${code === null ? buttons(transaction) : html`<p>${messageOf(code)} (${code})</p>`}
<p class="note">A simulated PayFast page: no account is charged, no money moves.</p>`,
  )
}

const buttons = ({ id }: Transaction) => html`<form method="post" action="${PREFIX}/pay/${id}">
${Object.entries(outcomes).map(
  ([name, { does }]) =>
    html`<button name="outcome" value="${name}" class="${name === 'success' ? '' : 'quiet'}">${does}</button>`,
)}
</form>`
