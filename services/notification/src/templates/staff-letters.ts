import type { LettersFor } from './letter.ts'
import { paymentWords } from './order-letters.ts'

export const staffLetters: LettersFor<'stock_low' | 'refund_needed' | 'payment_disputed'> = {
  stock_low: ({ data }) => ({
    subject: `Stock is low: ${data.sku}`,
    heading: `Stock is low: ${data.sku}`,
    paragraphs: ['This is running out and should be ordered.'],
    rows: [
      ['SKU', data.sku],
      ['Available', String(data.available)],
      ['Low at', String(data.low_stock_at)],
    ],
  }),

  refund_needed: ({ money, data }) => ({
    subject: `To refund by hand: ${money(data.to_refund)} (order ${data.order_id})`,
    heading: 'Somebody must send money back',
    paragraphs: ['This payment could not be refunded automatically. It waits in the refund tasks.'],
    rows: [
      ['Order', data.order_id],
      ['Amount', money(data.to_refund)],
      ['Paid by', paymentWords[data.method]],
      ['Reason', data.reason],
    ],
  }),

  payment_disputed: ({ money, data }) => ({
    subject: `A payment is disputed: ${money(data.disputed)} (order ${data.order_id})`,
    heading: 'A buyer disputes a payment',
    paragraphs: ['The provider asks for evidence and sets a date for it: please answer there.'],
    rows: [
      ['Order', data.order_id],
      ['Amount', money(data.disputed)],
      ['Paid by', paymentWords[data.method]],
      ['Reason', data.reason],
    ],
  }),
}
