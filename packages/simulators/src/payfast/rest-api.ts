import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { takeOne } from '../kit/control.ts'
import { nowS } from '../kit/ids.ts'
import { inRupees, toPaisa } from './amounts.ts'
import { answer, formOf } from './answers.ts'
import { isSuccess, messageOf } from './outcomes.ts'
import type { Simulator } from './simulator.ts'
import type { Bearer, Transaction } from './store.ts'
import { ofBasket, standing } from './transactions.ts'

const BEARER_LASTS_S = 900
const unauthorized = { status: 401, body: { code: '401', message: 'You are not authorized' } }

/** PayFast's second API: what became of a basket or a transaction, and refunds. */
export function addRestApi(app: FastifyInstance, simulator: Simulator): void {
  const { store } = simulator
  addTokens(app, simulator)

  app.get<{ Params: { id: string } }>('/api/transaction/:id', async (request, reply) => {
    if (!isAuthorized(simulator, request)) return answer(simulator, reply, unauthorized)
    const transaction = store.transactions.all().find(({ publicId }) => publicId === request.params.id)
    return answer(simulator, reply, { body: recordOf(simulator, transaction) })
  })

  app.get<{ Params: { basket: string }; Querystring: Record<string, string> }>(
    '/api/transaction/basket_id/:basket',
    async (request, reply) => {
      if (!isAuthorized(simulator, request)) return answer(simulator, reply, unauthorized)
      const { order_date: orderDate, customer_ip: customerIp } = request.query
      if (!orderDate || !customerIp) return answer(simulator, reply, { body: refused('order_date and customer_ip') })
      const tries = ofBasket(store, request.params.basket).filter((one) => one.orderDate === orderDate)
      return answer(simulator, reply, { body: recordOf(simulator, standing(tries)) })
    },
  )

  app.post<{ Params: { id: string } }>('/api/transaction/refund/:id', async (request, reply) => {
    if (!isAuthorized(simulator, request)) return answer(simulator, reply, unauthorized)
    const { txnamt, refund_reason: reason, customer_ip: customerIp } = formOf(request.body)
    const transaction = store.transactions.all().find(({ publicId }) => publicId === request.params.id)
    const paisa = toPaisa(txnamt)
    if (!transaction || !isSuccess(transaction.code ?? ''))
      return answer(simulator, reply, { body: { code: '104', message: 'Entered details are Incorrect' } })
    if (!reason || !customerIp) return answer(simulator, reply, { body: refused('refund_reason and customer_ip') })
    if (!paisa || paisa > transaction.paisa - refunded(transaction))
      return answer(simulator, reply, { body: { code: '13', message: 'You have entered an Invalid Amount' } })
    if (takeOne(simulator.control, 'refuse_refund'))
      return answer(simulator, reply, { body: { code: '423', message: 'Unable to process now' } })
    transaction.refunds.push({ paisa, reason, at: new Date().toISOString() })
    store.transactions.put(transaction)
    return answer(simulator, reply, { body: { code: '00', message: 'Refund request accepted' }, isDone: true })
  })
}

function addTokens(app: FastifyInstance, simulator: Simulator): void {
  const { merchantId, securedKey, store } = simulator

  app.post('/api/token', async ({ body }, reply) => {
    const form = formOf(body)
    const isKnown = form['merchant_id'] === merchantId && form['secured_key'] === securedKey
    if (!isKnown || form['grant_type'] !== 'client_credentials' || !form['customer_ip'])
      return answer(simulator, reply, unauthorized)
    return answer(simulator, reply, { body: shown(newBearer(simulator)), isDone: true })
  })

  app.post('/api/refreshtoken', async ({ body }, reply) => {
    const form = formOf(body)
    const bearer = store.bearers.all().find(({ refreshToken }) => refreshToken === form['refresh_token'])
    if (!bearer || form['grant_type'] !== 'refresh_token') return answer(simulator, reply, unauthorized)
    store.bearers.remove(bearer.id)
    return answer(simulator, reply, { body: shown(newBearer(simulator)), isDone: true })
  })
}

const refused = (what: string) => ({ code: '812', message: `Not validated: ${what} must be given` })

export const refunded = ({ refunds }: Transaction): number => refunds.reduce((sum, { paisa }) => sum + paisa, 0)

function newBearer({ store }: Simulator): Bearer {
  const random = () => randomBytes(32).toString('base64url')
  const bearer = { id: random(), refreshToken: random(), expiresAtS: nowS() + BEARER_LASTS_S }
  store.bearers.put(bearer)
  return bearer
}

const shown = ({ id, refreshToken }: Bearer) => ({
  token: id,
  refresh_token: refreshToken,
  code: '00',
  message: 'Processed OK',
  expiry: BEARER_LASTS_S,
})

function isAuthorized({ store }: Simulator, { headers }: FastifyRequest<{ Params: never }> | FastifyRequest): boolean {
  const bearer = store.bearers.get(headers.authorization?.replace(/^Bearer /i, '') ?? '')
  return bearer !== undefined && bearer.expiresAtS > nowS()
}

/** A status record; for what is not known it is empty, and the HTTP status is 200 all the same. */
function recordOf({ control }: Simulator, transaction: Transaction | undefined) {
  if (!transaction || transaction.code === null)
    return {
      status_code: '',
      status_msg: 'Transaction not found',
      rdv_message_key: null,
      basket_id: null,
      transaction_id: null,
      code: '404',
    }
  const { code, basketId, publicId, paisa } = transaction
  return {
    status_code: code,
    status_msg: messageOf(code),
    rdv_message_key: transaction.id,
    basket_id: basketId,
    transaction_id: publicId,
    code: '00',
    purchase_amount: inRupees(paisa),
    ...(control.show_refunds ? { refunded_amount: inRupees(refunded(transaction)) } : {}),
  }
}
