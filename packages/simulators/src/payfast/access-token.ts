import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { toPaisa } from './amounts.ts'
import { answer, type Form, formOf } from './answers.ts'
import { netError } from './errors.ts'
import type { Simulator } from './simulator.ts'

/** `GetAccessToken`: a token for one basket, amount and currency. */
export function addAccessToken(app: FastifyInstance, simulator: Simulator): void {
  const { merchantId, securedKey, store } = simulator

  app.post('/Ecommerce/api/Transaction/GetAccessToken', async ({ body, headers }, reply) => {
    if (!headers['user-agent'])
      return reply.code(403).type('text/html').send('<html><body><h1>403 Forbidden</h1></body></html>')
    const form = formOf(body)
    if (form['MERCHANT_ID'] !== merchantId || form['SECURED_KEY'] !== securedKey)
      return answer(simulator, reply, { status: 500, body: netError })
    const wanted = wantedOf(form)
    if (typeof wanted === 'string')
      return answer(simulator, reply, { body: { MERCHANT_ID: merchantId, MESSAGE: wanted } })
    const token = randomBytes(32).toString('base64url')
    store.tokens.put({ id: token, ...wanted, isUsed: false })
    const GENERATED_DATE_TIME = new Date().toISOString()
    const given = { MERCHANT_ID: merchantId, ACCESS_TOKEN: token, NAME: 'AI Mart', GENERATED_DATE_TIME }
    return answer(simulator, reply, { body: given, isDone: true })
  })
}

function wantedOf(form: Form): { basketId: string; paisa: number; currency: string } | string {
  const { BASKET_ID: basketId, TXNAMT: amount, CURRENCY_CODE: currency } = form
  const paisa = toPaisa(amount)
  if (!basketId || basketId.length > 100) return 'Basket id is required'
  if (!paisa) return 'Invalid transaction amount'
  if (currency !== 'PKR') return 'Invalid currency code'
  return { basketId, paisa, currency }
}
