import { type Html, html } from '../kit/html.ts'
import { formatAmount } from './currencies.ts'
import type { SessionRow } from './objects.ts'
import { testCards } from './test-cards.ts'

export function payForm(row: SessionRow, declined: string | null): Html {
  const action = `/checkout/pay/${row.id}`
  return html`${summary(row)}
${declined ? html`<p class="error" role="alert">${declined}</p>` : null}
<form method="post" action="${action}">
<label for="card_number">Card number</label>
<input id="card_number" name="card_number" value="4242 4242 4242 4242" list="cards" inputmode="numeric" autocomplete="off" required>
<datalist id="cards">${testCards.map((card) => html`<option value="${spaced(card.number)}">${card.does}</option>`)}</datalist>
<button>Pay ${total(row)}</button>
</form>
${row.session.payment_method_types.includes('us_bank_account') ? bankDebitForm(action) : null}
${row.session.cancel_url ? html`<form method="post" action="${action}/cancel"><button class="quiet">Cancel</button></form>` : null}
<h2>Test cards</h2>
<table>${testCards.map((card) => html`<tr><td><code>${spaced(card.number)}</code></td><td>${card.does}</td></tr>`)}</table>
<p class="note">A simulated Stripe page: no card is charged, no money moves.</p>`
}

export function challengeForm(row: SessionRow): Html {
  return html`${summary(row)}
<p>Your bank asks whether it is really you (3-D Secure, simulated).</p>
<form method="post" action="/checkout/pay/${row.id}">
<button name="challenge" value="passed">Yes, it is me</button>
<button class="quiet" name="challenge" value="failed">Fail the check</button>
</form>`
}

export function closedMessage(row: SessionRow, successUrl: string): Html {
  if (row.session.status === 'complete')
    return html`${summary(row)}<p>This payment has been made. <a href="${successUrl}">Back to the shop</a></p>`
  return html`<h1>This payment link has expired</h1>
<p>Nothing was charged. ${row.session.cancel_url ? html`<a href="${row.session.cancel_url}">Back to the shop</a>` : null}</p>`
}

function summary(row: SessionRow): Html {
  const currency = row.session.currency ?? ''
  return html`<h1>Checkout</h1>
<p class="amount">${total(row)}</p>
<table>${row.lines.map(
    (line) =>
      html`<tr><td>${line.description}</td><td>${line.quantity} × ${formatAmount(line.price.unit_amount ?? 0, currency)}</td><td>${formatAmount(line.amount_total, currency)}</td></tr>`,
  )}</table>`
}

function bankDebitForm(action: string): Html {
  return html`<form method="post" action="${action}">
<label for="bank_debit">The bank answers later that the debit</label>
<select id="bank_debit" name="bank_debit">
<option value="succeeds">succeeded, after ten seconds</option>
<option value="fails">failed, after ten seconds</option>
<option value="waits">nothing, until the control says so</option>
</select>
<button class="quiet">Bank debit (delayed)</button>
</form>`
}

function total({ session }: SessionRow): string {
  return formatAmount(session.amount_total ?? 0, session.currency ?? '')
}

function spaced(number: string): string {
  return number.replaceAll(/(.{4})(?=.)/g, '$1 ')
}
