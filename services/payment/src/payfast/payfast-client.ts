import type { Money } from '@mart/contracts/money'
import { toDecimal } from '@mart/contracts/money'
import { goPath } from '../payment-record.ts'
import { longestCallMs } from '../provider-calls/leases.ts'
import type { Provider, ProviderCall } from '../provider-calls/provider-calls.ts'
import type { Answer, News, RefundNews } from '../provider-news.ts'
import { publicReason } from '../refunds/send-back.ts'
import { askedWith, basketIdOf, orderDateOf, type PageAttempt } from './payfast-form.ts'
import type { PayfastSettings } from './payfast-http-client.ts'
import { connectPayfastApi, isRefused, type Told } from './payfast-http-client.ts'
import { isOfBasket, meaningOf, newsOfRecord, type PayfastRecord, recordIn } from './payfast-news.ts'

const LONGEST_REASON = 100

export interface Payfast extends Provider {
  /** The token of one page, bound to its basket and sum; it is used once and never kept. */
  readonly fetchToken: (page: { attempt: PageAttempt; money: Money }) => Promise<{ token: string } | { reason: string }>
}

/** PayFast's hosted checkout and its API, for attempts of this mart. */
export function connectPayfast(settings: PayfastSettings): Payfast {
  const { merchantId, securedKey, serverIp, publicUrl, timeoutMs } = settings
  const api = connectPayfastApi(settings)
  const customer_ip = serverIp
  const callEnd = () => AbortSignal.timeout(longestCallMs('payfast', timeoutMs))

  async function readRecord({ payment, attempt, transactionId }: ProviderCall): Promise<PayfastRecord | string> {
    const end = callEnd()
    const asked = askedWith(attempt, payment)
    const named = transactionId ?? attempt.provider_payment_id
    if (named) {
      const told = await api.get(`/transaction/${encodeURIComponent(named)}`, end)
      const record = told.kind === 'answer' ? recordIn(told.body) : null
      // A name that came with a notification proves nothing: only a record of this very basket counts.
      if (record && isOfBasket(record, asked) && meaningOf(record.code).kind === 'success') return record
    }
    const query = new URLSearchParams({ order_date: orderDateOf(attempt), customer_ip })
    const told = await api.get(`/transaction/basket_id/${basketIdOf(attempt)}?${query}`, end)
    if (told.kind !== 'answer') return told.reason
    return (told.status < 500 && recordIn(told.body)) || reasonOf(told)
  }

  async function poll(call: ProviderCall): Promise<Answer> {
    const record = await readRecord(call)
    if (typeof record === 'string') return about(call, { kind: 'no_answer', reason: `PayFast: ${record}` })
    const { news, charge } = newsOfRecord(record, askedWith(call.attempt, call.payment))
    return about(call, news, charge)
  }

  return {
    // PayFast hears of it when the buyer opens our link.
    async open(call) {
      const link = publicUrl + goPath(call.attempt)
      return about(call, { kind: 'opened', url: link, link })
    },

    /** PayFast can't close a page, so this only reads: late money is found by the polls that go on. */
    async end(call) {
      const record = await readRecord(call)
      if (typeof record === 'string') return about(call, { kind: 'no_answer', reason: `PayFast: ${record}` })
      const asked = askedWith(call.attempt, call.payment)
      const isUnpaid = !isOfBasket(record, asked) || meaningOf(record.code).kind === 'failure'
      if (isUnpaid) return about(call, { kind: 'expired' })
      const { news, charge } = newsOfRecord(record, asked)
      return about(call, news, charge)
    },

    poll,

    async refund({ refund }) {
      const { amount, currency, provider_payment_id: charge } = refund
      if (!charge) return { kind: 'failed', reason: 'PayFast names no transaction that it could send back' }
      const form = {
        transaction_id: charge,
        txnamt: toDecimal({ amount, currency }),
        refund_reason: [...publicReason(refund)].slice(0, LONGEST_REASON).join(''),
        customer_ip,
      }
      return newsOfRefund(await api.post(`/transaction/refund/${encodeURIComponent(charge)}`, form, callEnd()))
    },

    async fetchToken({ attempt, money }) {
      const told = await api.checkout('/GetAccessToken', {
        MERCHANT_ID: merchantId,
        SECURED_KEY: securedKey,
        BASKET_ID: basketIdOf(attempt),
        TXNAMT: toDecimal(money),
        CURRENCY_CODE: money.currency,
      })
      if (told.kind !== 'answer') return { reason: told.reason }
      const { ACCESS_TOKEN: token, MERCHANT_ID: echoed } = told.body
      if (told.status !== 200 || typeof token !== 'string' || token === '') return { reason: reasonOf(told) }
      return String(echoed) === merchantId ? { token } : { reason: 'the token is of another merchant' }
    },
  }
}

const about = ({ attempt }: ProviderCall, news: News, charge: string | null = null): Answer => ({
  news,
  about: { attemptId: attempt.id, sessionId: basketIdOf(attempt), charge },
})

/** There is no idempotency key: whatever may have been done is `unknown`, and never repeated blindly. */
function newsOfRefund(told: Told): RefundNews {
  if (told.kind === 'not_sent') return { kind: 'no_answer', reason: `PayFast: ${told.reason}` }
  if (told.kind === 'lost') return { kind: 'unknown', reason: `PayFast: ${told.reason}` }
  const { code } = told.body
  if (isRefused(told)) return { kind: 'no_answer', reason: `PayFast: ${reasonOf(told)}` }
  if (told.status >= 500 || typeof code !== 'string') return { kind: 'unknown', reason: `PayFast: ${reasonOf(told)}` }
  const meaning = meaningOf(code)
  if (meaning.kind === 'success') return { kind: 'succeeded', providerRefundId: null }
  if (meaning.kind === 'failure') return { kind: 'failed', reason: meaning.reason }
  return { kind: 'unknown', reason: `PayFast: ${reasonOf(told)}` }
}

/** In words, for staff: PayFast's own message, or that of its .NET. */
function reasonOf({ status, body }: Extract<Told, { kind: 'answer' }>): string {
  const said = body['message'] ?? body['MESSAGE'] ?? body['ExceptionMessage'] ?? body['Message'] ?? body['status_msg']
  return `HTTP ${status}: ${typeof said === 'string' && said ? said.slice(0, 200) : 'nothing that we can read'}`
}
