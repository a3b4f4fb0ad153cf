import type { LettersFor } from './letter.ts'
import { paymentWords } from './order-letters.ts'

export const paymentLetters: LettersFor<'payment_link' | 'payment_refunded'> = {
  payment_link: ({ greeting, orderNumber, money, data }) => ({
    subject: `Please pay for your order ${orderNumber}`,
    heading: 'Your order waits for your payment',
    paragraphs: [
      greeting,
      `Your goods are set aside. To complete your order ${orderNumber}, please pay ${money(data.amount)}. If you have paid already, there is nothing to do.`,
    ],
    link: { label: 'Pay now', url: data.url },
  }),

  payment_refunded: ({ greeting, orderNumber, money, data }) => ({
    subject: `Your money for order ${orderNumber} is on its way back`,
    heading: 'Your money is on its way back',
    paragraphs: [
      greeting,
      `We sent back ${money(data.refunded)} for ${data.return_id ? 'what you returned of your order' : 'your order'} ${orderNumber}, the way it came (${paymentWords[data.method]}). A bank can take some working days to show it.`,
    ],
  }),
}
