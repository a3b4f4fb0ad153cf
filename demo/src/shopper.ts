import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OrderShape } from '@mart/contracts/http/order-shapes'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import type { ServiceName } from '@mart/contracts/services'
import type { Addresses } from './visited-mart.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: an answer is looked into by whoever asked
  readonly body: any
}

export interface Call {
  readonly token?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** Calls a service by its public API. Never throws for a status: an answer is an answer. */
export async function call(url: string, method: string, { token, body, headers }: Call = {}): Promise<Answer> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(30_000),
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') && text !== ''
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

export const someAddress = {
  name: 'Sana Malik',
  line1: '12 Mall Road',
  city: 'Lahore',
  country: 'PK',
  phone: '+92 300 1234567',
}

export interface Basket {
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
  readonly payment_method: PaymentMethod
  readonly currency?: string
}

export interface Shopper {
  readonly email: string
  readonly token: string
  readonly api: (service: ServiceName, method: string, path: string, options?: Omit<Call, 'token'>) => Promise<Answer>
  readonly order: (basket: Basket, key?: string) => Promise<Answer>
  /** Waits until the order has one of these statuses. Throws after `patienceMs`, naming the one that it has. */
  readonly waitFor: (orderId: string, statuses: readonly string[], patienceMs?: number) => Promise<OrderShape>
}

/** Signs up somebody new. */
export async function newShopper(addresses: Addresses, name = 'Sana Malik'): Promise<Shopper> {
  const email = `sana.${randomBytes(5).toString('hex')}@example.com`
  const password = randomBytes(12).toString('hex')
  return await enter(addresses, 'sign-up', { email, password, name })
}

/** Signs up somebody new who follows the link in the mail that proves her address, where the mail catcher has it. */
export async function provenShopper(addresses: Addresses, name: string): Promise<Shopper> {
  const email = `sana.${randomBytes(5).toString('hex')}@example.com`
  const password = randomBytes(12).toString('hex')
  const unproven = await enter(addresses, 'sign-up', { email, password, name })
  if (!addresses.mail) return unproven
  await call(await verificationLink(addresses.mail, email), 'GET')
  return await knownShopper(addresses, email, password)
}

async function verificationLink(catcher: string, email: string): Promise<string> {
  const end = Date.now() + 30_000
  while (Date.now() < end) {
    const { body } = await call(`${catcher}/api/v1/search?query=${encodeURIComponent(`to:${email}`)}`, 'GET')
    for (const { ID } of body.messages ?? []) {
      const mail = await call(`${catcher}/api/v1/message/${ID}`, 'GET')
      const [link] = /https?:\/\/\S+\/auth\/verify-email\?\S+/.exec(mail.body.Text) ?? []
      if (link) return link
    }
    await sleep(100)
  }
  throw new Error(`No mail to ${email} proves her address`)
}

/** Signs in somebody who has an account, staff and admins too. */
export const knownShopper = (addresses: Addresses, email: string, password: string): Promise<Shopper> =>
  enter(addresses, 'sign-in', { email, password })

async function enter(
  addresses: Addresses,
  door: 'sign-up' | 'sign-in',
  person: { email: string; password: string; name?: string },
): Promise<Shopper> {
  const session = await call(`${addresses.user}/auth/${door}/email`, 'POST', { body: person })
  const token = await call(`${addresses.user}/auth/token`, 'GET', { token: session.body?.token })
  if (token.status !== 200) throw new Error(`${door} of ${person.email}: ${JSON.stringify(session.body)}`)
  return shopperWith(addresses, person.email, token.body.token)
}

function shopperWith(addresses: Addresses, email: string, token: string): Shopper {
  const api: Shopper['api'] = (service, method, path, options = {}) =>
    call(addresses[service] + path, method, { ...options, token })
  return {
    email,
    token,
    api,
    order: ({ currency = 'PKR', ...basket }, key = randomUUID()) =>
      api('order', 'POST', '/orders', {
        body: { ...basket, currency, shipping_address: someAddress },
        headers: { 'idempotency-key': key },
      }),
    async waitFor(orderId, statuses, patienceMs = 30_000) {
      const end = Date.now() + patienceMs
      while (true) {
        const { body } = await api('order', 'GET', `/orders/${orderId}`).catch(() => ({ body: undefined }))
        if (body && statuses.includes(body.status)) return body as OrderShape
        if (Date.now() > end) throw new Error(`Order ${orderId} is ${body?.status} and not ${statuses.join(' or ')}`)
        await sleep(50)
      }
    },
  }
}

/** Opens the payment link as a browser does and pays on the provider's page. Returns where that sends the browser. */
export async function payByCard(link: string, card: { number: string }): Promise<Answer & { location: string | null }> {
  const opened = await call(link, 'GET')
  const page = opened.headers.get('location')
  if (opened.status !== 303 || !page) throw new Error(`The payment link answered ${opened.status}`)
  const response = await fetch(page, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ card_number: card.number }),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: await response.text(),
    location: response.headers.get('location'),
  }
}

/** Opens the payment link as a browser does and ends up on PayFast's simulated page: the address of its form. */
export async function openPayfastPage(link: string): Promise<string> {
  const opened = await call(link, 'GET')
  const [, action] = /<form[^>]* action="([^"]+)"/.exec(opened.body) ?? []
  if (opened.status !== 200 || !action) throw new Error(`The payment link answered ${opened.status}`)
  const fields = [...String(opened.body).matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
  const body = new URLSearchParams(
    fields.map(([, name, value]): [string, string] => [name ?? '', unescaped(value ?? '')]),
  )
  const page = await fetch(unescaped(action), { method: 'POST', body })
  const [, path] = /<form[^>]* action="([^"]+)"/.exec(await page.text()) ?? []
  if (!path) throw new Error(`PayFast's page answered ${page.status}`)
  return new URL(path, action).href
}

/** Pays on PayFast's simulated page, or fails to: `outcome` is one of its buttons. Returns where that sends the browser. */
export async function payByPayfast(link: string, outcome = 'success'): Promise<string> {
  const body = new URLSearchParams({ outcome })
  const answer = await fetch(await openPayfastPage(link), { method: 'POST', body, redirect: 'manual' })
  const location = answer.headers.get('location')
  if (!location) throw new Error(`PayFast's page answered ${answer.status}`)
  return location
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
