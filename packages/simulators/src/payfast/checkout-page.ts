import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { html, page } from '../kit/html.ts'
import { toPaisa } from './amounts.ts'
import { type Form, formOf } from './answers.ts'
import { BadRequest } from './errors.ts'
import type { Fields } from './notifications.ts'
import { type Outcome, outcomes } from './outcomes.ts'
import { payPage } from './page-markup.ts'
import type { Simulator } from './simulator.ts'
import type { Token, Transaction } from './store.ts'
import { finish, isPaid, returnTo } from './transactions.ts'

const required = `MERCHANT_ID MERCHANT_NAME TOKEN PROCCODE TXNAMT BASKET_ID ORDER_DATE CUSTOMER_MOBILE_NO
  CUSTOMER_EMAIL_ADDRESS SIGNATURE VERSION TXNDESC SUCCESS_URL FAILURE_URL CHECKOUT_URL`.split(/\s+/)
const orderDate = /^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$/

/** `PostTransaction`, which a browser posts, and the page that it gets: plain forms, so that `fetch` can do the same. */
export function addCheckoutPage(app: FastifyInstance, simulator: Simulator): void {
  const { store } = simulator

  app.post('/Ecommerce/api/Transaction/PostTransaction', async ({ body }, reply) => {
    const form = formOf(body)
    const transaction = transactionOf(simulator, form, tokenFor(simulator, form))
    store.transactions.put(transaction)
    return show(reply, payPage(transaction))
  })

  app.get<{ Params: { id: string } }>('/pay/:id', async ({ params: { id } }, reply) =>
    show(reply, payPage(findTransaction(simulator, id))),
  )

  app.post<{ Params: { id: string } }>('/pay/:id', async ({ params: { id }, body }, reply) => {
    const transaction = findTransaction(simulator, id)
    finish(simulator, transaction, readOutcome(formOf(body)))
    const { address, fields, url } = returnTo(simulator, transaction)
    if (simulator.control.return_as === 'get') return reply.redirect(url, 303)
    return show(reply, page('Back to the shop', returnForm(address, fields)))
  })
}

/** `outcome`, one of the page's buttons, or any `code`, with what it turns into `later`. Without either the buyer pays. */
export function readOutcome({ outcome = 'success', code, later }: Form): Outcome {
  if (code) return { code, ...(later ? { later } : {}) }
  const known = Object.hasOwn(outcomes, outcome) ? outcomes[outcome] : undefined
  if (!known) throw new BadRequest(`outcome is one of ${Object.keys(outcomes).join(', ')}`)
  return known
}

export function findTransaction({ store }: Simulator, id: string): Transaction {
  const transaction = store.transactions.get(id)
  if (!transaction) throw new BadRequest('There is no such transaction.', 404)
  return transaction
}

function tokenFor({ store, merchantId }: Simulator, form: Form): Token {
  if (Object.keys(form).some((name) => name.toUpperCase() === 'SECURED_KEY'))
    throw new BadRequest('SECURED_KEY is in the form of a browser: whoever pays can read it.')
  const missing = required.filter((name) => !form[name])
  if (missing.length > 0) throw new BadRequest(`Not given: ${missing.join(', ')}`)
  const token = store.tokens.get(form['TOKEN']!)
  if (!token || token.isUsed || form['MERCHANT_ID'] !== merchantId) throw new BadRequest('The token is not valid.')
  const isSame =
    token.basketId === form['BASKET_ID'] &&
    token.paisa === toPaisa(form['TXNAMT']) &&
    token.currency === (form['CURRENCY_CODE'] || token.currency)
  if (!isSame) throw new BadRequest('Basket, amount or currency is not what the token was given for.')
  return token
}

function transactionOf({ store }: Simulator, form: Form, token: Token): Transaction {
  const address = (name: string) => {
    const url = form[name]!
    if (!/^https?:/.test(url) || !URL.canParse(url)) throw new BadRequest(`${name} is no address.`)
    return url
  }
  if (!/^000?$/.test(form['PROCCODE']!)) throw new BadRequest('PROCCODE is 00.')
  if (!orderDate.test(form['ORDER_DATE']!)) throw new BadRequest('ORDER_DATE is no date.')
  if (!/^\d{10,15}$/.test(form['CUSTOMER_MOBILE_NO']!)) throw new BadRequest('CUSTOMER_MOBILE_NO is no number.')
  if (!form['CUSTOMER_EMAIL_ADDRESS']!.includes('@')) throw new BadRequest('CUSTOMER_EMAIL_ADDRESS is no address.')
  const transaction: Transaction = {
    id: randomUUID(),
    publicId: null,
    basketId: token.basketId,
    orderDate: form['ORDER_DATE']!,
    paisa: token.paisa,
    currency: token.currency,
    code: null,
    description: form['TXNDESC']!,
    merchantName: form['MERCHANT_NAME']!,
    mobile: form['CUSTOMER_MOBILE_NO']!,
    email: form['CUSTOMER_EMAIL_ADDRESS']!,
    successUrl: address('SUCCESS_URL'),
    failureUrl: address('FAILURE_URL'),
    checkoutUrl: address('CHECKOUT_URL'),
    refunds: [],
  }
  if (isPaid(store, token.basketId)) throw new BadRequest('This basket has been paid.')
  store.tokens.put({ ...token, isUsed: true })
  return transaction
}

const returnForm = (address: string, fields: Fields) => html`<form method="post" action="${address}">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value ?? ''}">`)}
<button>Back to the shop</button></form>`

const show = (reply: FastifyReply, markup: string) =>
  reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(markup)
