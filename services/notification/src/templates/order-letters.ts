import type { CancelReason } from '@mart/contracts/events/order-events'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import type { MessageData } from '../message.ts'
import type { Facts, LettersFor } from './letter.ts'
import { lineRows, oneLineAddress, totalRows } from './order-rows.ts'

export type OrderKind =
  | 'order_received'
  | 'order_confirmed'
  | 'order_cancelled'
  | 'order_shipped'
  | 'order_delivered'
  | 'order_undelivered'
  | 'order_address_changed'

export const orderLetters: LettersFor<OrderKind> = {
  order_received: ({ greeting, orderNumber, money, nameOf, data, isProven }) => ({
    subject: `We received your order ${orderNumber}`,
    heading: 'Thank you for your order',
    paragraphs: [
      greeting,
      `We received your order ${orderNumber} and are setting your goods aside. We write again as soon as it is confirmed.`,
    ],
    rows: [
      ...lineRows(data, { money, nameOf }),
      ['Subtotal', money(data.subtotal)],
      ...totalRows(data, { money }, sums),
      ...(isProven ? [['Delivered to', oneLineAddress(data.shipping_address)] as const] : []),
    ],
  }),

  order_confirmed: ({ greeting, orderNumber, money, nameOf, data }) => ({
    subject: `Your order ${orderNumber} is confirmed`,
    heading: 'Your order is confirmed',
    paragraphs: [
      greeting,
      data.payment_method === 'cash_on_delivery'
        ? `Everything in your order ${orderNumber} is set aside for you. Please have ${money(data.total)} ready when it arrives.`
        : `Your payment arrived and everything in your order ${orderNumber} is set aside for you.`,
      'We write again when it is on its way.',
    ],
    rows: [...lineRows(data, { money, nameOf }), ...totalRows(data, { money }, sums)],
  }),

  order_cancelled: ({ greeting, orderNumber, money, nameOf, data }) => ({
    subject: `Your order ${orderNumber} was cancelled`,
    heading: 'Your order was cancelled',
    paragraphs: [
      greeting,
      `Your order ${orderNumber} was cancelled. ${whyCancelled(data, nameOf)}`,
      data.refunding
        ? `Your money (${money(data.total)}) is on its way back, the way it came. A bank can take some working days.`
        : data.reason === 'refunded'
          ? `Your money (${money(data.total)}) was sent back, the way it came.`
          : 'There is nothing to pay.',
    ],
  }),

  order_shipped: ({ greeting, orderNumber, data }) => ({
    subject: `Your order ${orderNumber} is on its way`,
    heading: 'Your order is on its way',
    paragraphs: [greeting, `Your order ${orderNumber} has left our shelves.`],
    rows: [
      ['Carrier', data.carrier],
      ['Tracking number', data.tracking_number],
    ],
  }),

  order_delivered: ({ greeting, orderNumber, money, data }) => ({
    subject: `Your order ${orderNumber} was delivered`,
    heading: 'Your order was delivered',
    paragraphs: [
      greeting,
      `Your order ${orderNumber} was delivered.${data.collected ? ` The courier received ${money(data.collected)} in cash.` : ''}`,
      'We hope that you enjoy it.',
    ],
  }),

  order_undelivered: ({ greeting, orderNumber, data }) => ({
    subject: `Your order ${orderNumber} could not be delivered`,
    heading: 'We could not deliver your order',
    paragraphs: [
      greeting,
      `The courier could not hand over your order ${orderNumber}: ${data.reason}`,
      'It is on its way back to us. Answer this mail if you still want it.',
    ],
  }),

  order_address_changed: ({ greeting, orderNumber }) => ({
    subject: `Your order ${orderNumber} goes to another address`,
    heading: 'The delivery address was changed',
    paragraphs: [
      greeting,
      `The delivery address of your order ${orderNumber} was changed, as you or somebody with its link asked. The page of your order shows where it goes.`,
      'If that was not you, please answer this mail at once.',
    ],
  }),
}

export const paymentWords: Record<PaymentMethod, string> = {
  cash_on_delivery: 'Cash on delivery',
  payfast: 'PayFast',
  stripe: 'Card',
}

const sums = { delivery: 'Delivery', total: 'Total', payment: 'Payment', methods: paymentWords }

function whyCancelled({ reason, missing }: MessageData['order_cancelled'], nameOf: Facts<OrderKind>['nameOf']): string {
  if (reason !== 'out_of_stock' || missing.length === 0) return reasonWords[reason]
  const names = new Intl.ListFormat('en').format(missing.map(nameOf))
  return `${reasonWords.out_of_stock} Missing: ${names}.`
}

const reasonWords: Record<CancelReason, string> = {
  customer_request: 'You asked for it.',
  staff_request: 'Our staff had to cancel it: please write to us if you do not know why.',
  out_of_stock: 'We are sorry: not everything that you wanted is in stock.',
  payment_timeout: 'The payment did not arrive in time.',
  payment_failed: 'The payment did not succeed.',
  refunded: 'It was refunded.',
}
