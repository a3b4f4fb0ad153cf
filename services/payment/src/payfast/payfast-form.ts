import { randomBytes } from 'node:crypto'
import { type Money, toDecimal } from '@mart/contracts/money'
import { phoneNumber } from '@mart/contracts/phone'
import { escapeHtml } from '@mart/service-kit/mail-text'
import type { BuyerPage } from '../buyer-pages.ts'
import { returnPath } from '../payment-record.ts'
import type { Attempt, Payment } from '../payment-tables.ts'
import type { Asked } from './payfast-news.ts'

export type PageAttempt = Pick<Attempt, 'id' | 'go_token' | 'basket' | 'created_at'>

export interface PageWanted {
  readonly attempt: PageAttempt
  readonly money: Money
  readonly token: string
}

export interface PagePlaces {
  readonly merchantId: string
  readonly merchantName: string
  readonly publicUrl: string
  readonly webhookUrl: string
  readonly fallbackEmail: string
  readonly fallbackPhone: string
}

/** One basket for each attempt. */
export const basketIdOf = ({ id }: Pick<Attempt, 'id'>): string => id

/** What was asked for with an attempt. */
export const askedWith = (
  attempt: Pick<Attempt, 'id'>,
  { amount, currency }: Pick<Payment, 'amount' | 'currency'>,
): Asked => ({
  basketId: basketIdOf(attempt),
  money: { amount, currency },
})

/** The very text that the page was opened with: PayFast wants it back when the basket's status is asked for. */
export const orderDateOf = ({ created_at }: Pick<Attempt, 'created_at'>): string =>
  created_at.toISOString().slice(0, 10)

/** The form that the buyer's browser posts to PayFast. It holds no secret: whoever sees it can read all of it. */
export function pageForm({ attempt, money, token }: PageWanted, places: PagePlaces): Record<string, string> {
  const back = places.publicUrl + returnPath(attempt)
  const { number = '', email = null, phone = null } = attempt.basket ?? {}
  return {
    MERCHANT_ID: places.merchantId,
    MERCHANT_NAME: places.merchantName,
    TOKEN: token,
    PROCCODE: '00',
    TXNAMT: toDecimal(money),
    BASKET_ID: basketIdOf(attempt),
    ORDER_DATE: orderDateOf(attempt),
    CURRENCY_CODE: money.currency,
    TRAN_TYPE: 'ECOMM_PURCHASE',
    CUSTOMER_MOBILE_NO: mobileNumber(phone ?? '').form || places.fallbackPhone,
    CUSTOMER_EMAIL_ADDRESS: email || places.fallbackEmail,
    // PayFast asks for these two and looks at neither.
    SIGNATURE: attempt.id,
    VERSION: 'AI-MART-1',
    TXNDESC: `Order ${number}`.trim(),
    SUCCESS_URL: back,
    FAILURE_URL: back,
    CHECKOUT_URL: `${places.webhookUrl}/payfast`,
  }
}

/** A mobile number as PayFast's page takes it (03001234567) and as its API does (92-3001234567). */
export function mobileNumber(phone: string): { form: string; rest: string } {
  const digits = (phoneNumber(phone) ?? phone).replace(/\D/g, '').slice(0, 15)
  const [, own] = /^92(3\d{9})$/.exec(digits) ?? []
  return own ? { form: `0${own}`, rest: `92-${own}` } : { form: digits, rest: digits }
}

/** The page that sends the buyer's browser on with PayFast's form; without scripts he presses its button. */
export function payfastPage(action: string, form: Readonly<Record<string, string>>): BuyerPage {
  const nonce = randomBytes(16).toString('base64')
  const fields = Object.entries(form).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  )
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>To PayFast · AI Mart</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#1c1c1c}button{font:inherit;padding:.6rem 1.4rem}</style>
<h1>One moment</h1>
<p>You are taken to PayFast’s page.</p>
<form id="pay" method="post" action="${escapeHtml(action)}" accept-charset="utf-8">
${fields.join('\n')}
<button>Go on to PayFast</button>
</form>
<script nonce="${nonce}">document.getElementById('pay').submit()</script>
</html>
`
  const contentPolicy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src 'nonce-${nonce}'`,
    `form-action ${new URL(action).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { status: 200, html, contentPolicy }
}
