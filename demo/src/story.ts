import { formatMoney } from '@mart/contracts/money'
import { eventually } from '@mart/service-kit/eventually'
import { call, knownShopper, payByCard, payByPayfast, provenShopper, type Shopper } from './shopper.ts'
import { printTimeline } from './timeline.ts'
import type { MartVisited } from './visited-mart.ts'

const GOOD_CARD = '4242424242424242'

interface Scene {
  readonly mart: MartVisited
  readonly buyer: Shopper
  readonly say: (line: string) => void
  /** Notes what is not as it must be; the story goes on. */
  readonly expect: (holds: boolean, what: string) => void
}

/** Tells a buyer's story through the public API. Returns what was not as it must be. */
export async function tellStory(mart: MartVisited, print: (line: string) => void): Promise<string[]> {
  const surprises: string[] = []
  const say = (line: string) => print(`  ${line}`)
  const expect = (holds: boolean, what: string) => {
    if (!holds) surprises.push(what)
  }
  print('\nSana shops at AI Mart')
  const buyer = await provenShopper(mart.addresses, 'Sana Malik')
  say(`signs up as ${buyer.email}${mart.addresses.mail ? ', and proves that address' : ''}`)
  const scene: Scene = { mart, buyer, say, expect }
  await searches(scene)
  const cash = await buysWithCash(scene)
  const paid = await buysByCard(scene)
  await buysByPayfast(scene, cash.sku)
  await wantsTheLastItem(scene)
  await changesHerMind(scene, cash.sku)
  if (paid) await getsHerMoneyBack(scene, paid)
  await readsHerMails(scene)
  return surprises
}

async function searches({ mart, say, expect }: Scene): Promise<void> {
  for (const words of ['danedar', 'basmti rice', 'shampo']) {
    const { body } = await call(
      `${mart.addresses.product}/products?q=${encodeURIComponent(words)}&currency=PKR&limit=3`,
      'GET',
    )
    const names = body.items.map((product: { name: string }) => product.name)
    say(`searches “${words}”: ${names.join(', ') || 'nothing'}`)
    expect(names.length > 0, `the search for ${words} finds something`)
  }
}

async function buysWithCash({ mart, buyer, say, expect }: Scene): Promise<{ sku: string }> {
  const { body } = await call(`${mart.addresses.product}/products/tapal-danedar`, 'GET')
  const { sku, prices } = body.variants[0]
  const placed = await buyer.order({ lines: [{ sku, quantity: 2 }], payment_method: 'cash_on_delivery' })
  expect(placed.status === 201, `an order of ${sku} is taken: ${JSON.stringify(placed.body.errors ?? '')}`)
  say(`orders 2 × ${body.name}, cash on delivery: ${formatMoney(placed.body.total)}`)
  const order = await buyer.waitFor(placed.body.id, ['confirmed', 'cancelled'])
  expect(order.status === 'confirmed', 'the cash order is confirmed')
  expect(order.lines[0]?.unit_price.amount === prices[0].amount, 'the price is the one on the shelf')
  await printTimeline(buyer, order, say)
  return { sku }
}

async function buysByCard({ mart, buyer, say, expect }: Scene): Promise<{ orderId: string } | undefined> {
  if (!mart.addresses.simulators) {
    say('pays by card: left out, no simulator runs beside live keys')
    return undefined
  }
  const { body } = await call(
    `${mart.addresses.product}/products?q=rice&currency=PKR&availability=in_stock&limit=1`,
    'GET',
  )
  const { sku } = inStock(body.items[0])
  const placed = await buyer.order({ lines: [{ sku, quantity: 1 }], payment_method: 'stripe' })
  say(`orders ${body.items[0].name} and pays by card on the provider’s page`)
  const paid = await payByCard(await linkOf(buyer, placed.body.id), { number: GOOD_CARD })
  expect(paid.status === 303, 'the card is taken')
  const order = await buyer.waitFor(placed.body.id, ['confirmed', 'cancelled'])
  expect(order.status === 'confirmed', 'the paid order is confirmed')
  await printTimeline(buyer, order, say)
  return { orderId: order.id }
}

async function linkOf(buyer: Shopper, orderId: string): Promise<string> {
  let link: string | undefined
  await eventually(async () => {
    link = (await buyer.api('order', 'GET', `/orders/${orderId}`)).body.payment?.action?.url
    return link !== undefined
  }, 'the order shows a link to pay')
  return link!
}

async function buysByPayfast({ mart, buyer, say, expect }: Scene, sku: string): Promise<void> {
  if (!mart.addresses.simulators) return say('pays by PayFast: left out, no simulator runs beside live keys')
  const placed = await buyer.order({ lines: [{ sku, quantity: 1 }], payment_method: 'payfast' })
  expect(placed.status === 201, `an order by PayFast is taken: ${JSON.stringify(placed.body.errors ?? '')}`)
  if (placed.status !== 201) return
  say('orders one more and pays on PayFast’s page')
  await payByPayfast(await linkOf(buyer, placed.body.id))
  const order = await buyer.waitFor(placed.body.id, ['confirmed', 'cancelled'])
  expect(order.status === 'confirmed', 'the order paid by PayFast is confirmed')
  await printTimeline(buyer, order, say)
}

async function getsHerMoneyBack({ mart, buyer, say, expect }: Scene, { orderId }: { orderId: string }): Promise<void> {
  say('cancels the order that she paid by card: the money goes back by itself')
  await buyer.api('order', 'POST', `/orders/${orderId}/cancel`, { body: { reason: 'bought twice' } })
  const order = await buyer.waitFor(orderId, ['cancelled'])
  const admin = await knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword)
  let payment: { status: string; refunded: { amount: number; currency: string } } | undefined
  await eventually(async () => {
    payment = (await admin.api('payment', 'GET', `/payments?order_id=${orderId}`)).body.items[0]
    return payment?.status === 'refunded'
  }, 'the payment is refunded')
  say(`    payment: ${payment!.status}, ${formatMoney(payment!.refunded)}`)
  expect(payment!.refunded.amount === order.total.amount, 'all of it went back')
  await printTimeline(buyer, order, say)
}

async function wantsTheLastItem({ mart, buyer, say, expect }: Scene): Promise<void> {
  if (!mart.addresses.mail) return say('wants the last item: left out, nobody’s address is proven here')
  const admin = await knownShopper(mart.addresses, mart.adminEmail, mart.adminPassword)
  const scarce = await fewest(admin)
  if (!scarce) return say('wants the last item: left out, nothing is low on this mart’s shelves')
  say(`wants ${scarce.available} × ${scarce.sku}, all there are; so does Bilal, at the same moment`)
  const rival = await provenShopper(mart.addresses, 'Bilal Khan')
  const basket = {
    lines: [{ sku: scarce.sku, quantity: scarce.available }],
    payment_method: 'cash_on_delivery' as const,
  }
  const orders = await Promise.all(
    [buyer, rival].map(async (one) => {
      const placed = await one.order(basket)
      return { one, order: await one.waitFor(placed.body.id, ['confirmed', 'cancelled']) }
    }),
  )
  const winners = orders.filter(({ order }) => order.status === 'confirmed')
  expect(winners.length === 1, `one of two gets the last ${scarce.sku}, not ${winners.length}`)
  for (const { one, order } of orders) await printTimeline(one, order, say)
  // Put back, so that the demo can be told again.
  for (const { one, order } of winners) {
    await one.api('order', 'POST', `/orders/${order.id}/cancel`, { body: {} })
    await one.waitFor(order.id, ['cancelled'])
  }
}

async function fewest(admin: Shopper): Promise<{ sku: string; available: number } | undefined> {
  const { body } = await admin.api('inventory', 'GET', '/stock?below_low=true&limit=100')
  const left = body.items.filter((stock: { available: number }) => stock.available > 0)
  return left.toSorted((a: { available: number }, b: { available: number }) => a.available - b.available)[0]
}

async function changesHerMind({ mart, buyer, say, expect }: Scene, sku: string): Promise<void> {
  if (!mart.addresses.mail) return say('changes her mind: left out, her address is not proven: one open cash order')
  const placed = await buyer.order({ lines: [{ sku, quantity: 1 }], payment_method: 'cash_on_delivery' })
  await buyer.waitFor(placed.body.id, ['confirmed'])
  say('changes her mind about a third order and cancels it')
  await buyer.api('order', 'POST', `/orders/${placed.body.id}/cancel`, { body: { reason: 'changed my mind' } })
  const order = await buyer.waitFor(placed.body.id, ['cancelled'])
  expect(order.status === 'cancelled', 'the order is cancelled')
  await printTimeline(buyer, order, say)
}

async function readsHerMails({ mart, buyer, say, expect }: Scene): Promise<void> {
  const { mail: catcher } = mart.addresses
  if (!catcher) return say('reads her mails: left out, they go to a mail server of the shop’s own')
  const expected = ['order_received', 'order_confirmed', 'order_cancelled', 'payment_refunded']
  const inbox = `${catcher}/api/v1/search?query=${encodeURIComponent(`to:${buyer.email}`)}`
  const sent = async () => (await buyer.api('notification', 'GET', '/notifications?limit=100')).body.items
  await eventually(async () => {
    const messages: { kind: string; status: string }[] = await sent()
    return expected.every((kind) => messages.some((one) => one.kind === kind && one.status === 'sent'))
  }, 'her mails are sent')
  const { body } = await call(inbox, 'GET')
  say('reads her mails')
  for (const mail of body.messages.toReversed()) say(`    ${mail.Subject}`)
  expect(body.messages.length >= 6, `she has her mails, not only ${body.messages.length}`)
}

const inStock = (product: { variants: { sku: string; availability: string }[] }) =>
  product.variants.find((variant) => variant.availability === 'in_stock') ?? product.variants[0]!
