import type { FastifyInstance } from 'fastify'
import { controlForm } from '../kit/control-form.ts'
import { type Html, html, page } from '../kit/html.ts'
import { rules } from './control.ts'
import { formatAmount } from './currencies.ts'
import { API_VERSION } from './events.ts'
import type { Dispute, Event, Refund, SessionRow } from './objects.ts'
import type { Simulator } from './simulator.ts'

const SHOWN = 20

/** What there is, for a person: the latest sessions and events, each with what can be done to it. */
export function addIndexPage(app: FastifyInstance, simulator: Simulator): void {
  app.get('/stripe', async (_request, reply) => {
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-store')
    return page('Stripe simulator', index(simulator))
  })
}

function index(simulator: Simulator): Html {
  const { store, control, publicUrl } = simulator
  const sessions = store.sessions.newestFirst().slice(0, SHOWN)
  const events = store.events.newestFirst().slice(0, SHOWN)
  return html`<h1>Stripe simulator</h1>
<p>Stands in for Stripe (API ${API_VERSION}) on this machine: no card is charged, no money moves.</p>
<h2>What there is</h2>
<table>
<tr><td><code>/v1/…</code></td><td>checkout sessions, payment intents, charges, refunds, disputes, events</td></tr>
<tr><td><code>/checkout/pay/{session}</code></td><td>the page on which a buyer pays</td></tr>
<tr><td><code>GET</code>, <code>PUT /control</code></td><td>what goes wrong on purpose; a PUT sets what it names and calms the rest</td></tr>
<tr><td><code>POST /control/sessions/{id}/pay</code></td><td>card_number, challenge or bank_debit, as on the page</td></tr>
<tr><td><code>POST /control/sessions/{id}/async</code></td><td>outcome succeeded or failed: the end of a bank debit</td></tr>
<tr><td><code>POST /control/sessions/{id}/expire</code></td><td>its time is over</td></tr>
<tr><td><code>POST /control/refunds/{id}/async</code></td><td>outcome succeeded or failed: the end of a refund</td></tr>
<tr><td><code>POST /control/sessions/{id}/dispute</code></td><td>reason: the buyer's bank takes the money back</td></tr>
<tr><td><code>POST /control/disputes/{id}/close</code></td><td>outcome won or lost</td></tr>
<tr><td><code>PUT /control/webhook-secret</code></td><td>secret: what signs from now on, old and new with a comma between</td></tr>
<tr><td><code>POST /control/events/{id}/resend</code></td><td>sends its webhook again</td></tr>
</table>
<h2>Control</h2>
${controlForm('/control', rules, control)}
<p class="note"><code>curl -X PUT ${publicUrl}/control -H 'content-type: application/json' -d '{"duplicate": 1}'</code></p>
<h2>Latest sessions</h2>
<table>${sessions.map(sessionRow)}</table>
<h2>Latest refunds and disputes</h2>
<table>${store.refunds.newestFirst().slice(0, SHOWN).map(refundRow)}${store.disputes.newestFirst().slice(0, SHOWN).map(disputeRow)}</table>
<h2>Latest events</h2>
<table>${events.map((event) => eventRow(simulator, event))}</table>`
}

function sessionRow({ id, session }: SessionRow): Html {
  const open = session.status === 'open'
  const name = `${id.slice(0, 18)}…`
  return html`<tr><td>${open ? html`<a href="/checkout/pay/${id}">${name}</a>` : name}</td>
<td>${formatAmount(session.amount_total ?? 0, session.currency ?? '')}</td><td>${session.status}, ${session.payment_status}</td>
<td>${open ? button(`/control/sessions/${id}/expire`, 'expire') : null}${session.payment_status === 'paid' ? button(`/control/sessions/${id}/dispute`, 'dispute') : null}</td></tr>`
}

function refundRow({ id, amount, currency, status }: Refund): Html {
  const settle = (outcome: string) => button(`/control/refunds/${id}/async`, outcome, outcome)
  return html`<tr><td>refund</td><td>${formatAmount(amount, currency)}</td><td>${status}</td>
<td>${status === 'pending' ? [settle('succeeded'), settle('failed')] : status === 'succeeded' ? settle('failed') : null}</td></tr>`
}

function disputeRow({ id, amount, currency, status, reason }: Dispute): Html {
  const close = (outcome: string) => button(`/control/disputes/${id}/close`, outcome, outcome)
  return html`<tr><td>dispute, ${reason}</td><td>${formatAmount(amount, currency)}</td><td>${status}</td>
<td>${status === 'needs_response' ? [close('won'), close('lost')] : null}</td></tr>`
}

function eventRow({ store }: Simulator, { id, type }: Event): Html {
  const delivery = store.deliveries.get(id)
  return html`<tr><td>${type}</td><td>${delivery?.state ?? ''}</td><td>${delivery?.lastAnswer ?? ''}</td>
<td>${button(`/control/events/${id}/resend`, 'resend')}</td></tr>`
}

function button(action: string, name: string, outcome = ''): Html {
  return html`<form method="post" action="${action}"><button class="quiet" name="outcome" value="${outcome}">${name}</button></form>`
}
