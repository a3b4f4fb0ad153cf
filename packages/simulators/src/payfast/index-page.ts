import type { FastifyInstance } from 'fastify'
import { controlForm } from '../kit/control-form.ts'
import { type Html, html, page } from '../kit/html.ts'
import { inRupees } from './amounts.ts'
import { rules } from './control.ts'
import { isOpen, messageOf } from './outcomes.ts'
import { refunded } from './rest-api.ts'
import { PREFIX, type Simulator } from './simulator.ts'
import type { Notification, Transaction } from './store.ts'

const SHOWN = 20

/** What there is, for a person: the latest transactions and notifications, each with what can be done to it. */
export function addIndexPage(app: FastifyInstance, simulator: Simulator): void {
  app.get('/', async (_request, reply) => {
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-store')
    return page('PayFast simulator', index(simulator))
  })
}

function index(simulator: Simulator): Html {
  const { store, control, merchantId } = simulator
  const transactions = store.transactions.newestFirst().slice(0, SHOWN)
  const notifications = store.notifications.newestFirst().slice(0, SHOWN)
  return html`<h1>PayFast simulator</h1>
<p>Stands in for PayFast (gopayfast.com) and its merchant ${merchantId} on this machine: no account is charged, no money moves.</p>
<h2>What there is</h2>
<table>
<tr><td><code>${PREFIX}/Ecommerce/api/Transaction/…</code></td><td>GetAccessToken, PostTransaction</td></tr>
<tr><td><code>${PREFIX}/api/…</code></td><td>token, refreshtoken, transaction, refund</td></tr>
<tr><td><code>GET</code>, <code>PUT ${PREFIX}/control</code></td><td>what goes wrong on purpose; a PUT sets what it names and calms the rest</td></tr>
<tr><td><code>GET ${PREFIX}/control/baskets/{basket}</code></td><td>its transactions, refunds and notifications</td></tr>
<tr><td><code>POST ${PREFIX}/control/transactions/{id}/pay</code></td><td>outcome, or any code, as on the page</td></tr>
<tr><td><code>POST ${PREFIX}/control/transactions/{id}/settle</code></td><td>code: what a time-out or a pending one has come to</td></tr>
<tr><td><code>POST ${PREFIX}/control/notifications/{id}/resend</code></td><td>sends it again</td></tr>
<tr><td><code>POST ${PREFIX}/control/forget-tokens</code></td><td>no token is valid any more</td></tr>
</table>
<h2>Control</h2>
${controlForm(`${PREFIX}/control`, rules, control)}
<p class="note"><code>curl -X PUT …${PREFIX}/control -H 'content-type: application/json' -d '{"duplicate": 1}'</code></p>
<h2>Latest transactions</h2>
<table>${transactions.map(transactionRow)}</table>
<h2>Latest notifications</h2>
<table>${notifications.map((one) => notificationRow(simulator, one))}</table>`
}

function transactionRow(transaction: Transaction): Html {
  const { id, basketId, currency, paisa, code } = transaction
  const back = refunded(transaction)
  return html`<tr><td><a href="${PREFIX}/pay/${id}">${basketId}</a></td>
<td>${currency} ${inRupees(paisa)}${back > 0 ? `, ${inRupees(back)} refunded` : ''}</td>
<td>${code === null ? 'on the page' : `${code} ${messageOf(code)}`}</td>
<td>${code !== null && isOpen(code) ? [settleButton(id, '000', 'succeeds'), settleButton(id, '97', 'fails')] : null}</td></tr>`
}

function notificationRow({ store }: Simulator, { id, basketId, fields }: Notification): Html {
  const delivery = store.deliveries.get(id)
  return html`<tr><td>${basketId}</td><td>${fields['err_code'] ?? ''}</td><td>${delivery?.state ?? ''} ${delivery?.lastAnswer ?? ''}</td>
<td><form method="post" action="${PREFIX}/control/notifications/${id}/resend"><button class="quiet">resend</button></form></td></tr>`
}

const settleButton = (id: string, code: string, name: string): Html =>
  html`<form method="post" action="${PREFIX}/control/transactions/${id}/settle"><button class="quiet" name="code" value="${code}">${name}</button></form>`
