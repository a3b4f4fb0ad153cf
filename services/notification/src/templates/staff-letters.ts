import type { LettersFor } from './letter.ts'
import { paymentWords } from './order-letters.ts'
import { reasonWords } from './return-letters.ts'
import { returnRows } from './return-rows.ts'

export const staffLetters: LettersFor<
  'stock_low' | 'refund_needed' | 'payment_disputed' | 'dispute_closed' | 'return_to_decide' | 'return_called_off'
> = {
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

  dispute_closed: ({ money, data }) => ({
    subject: `A dispute is ${data.won ? 'won' : 'lost'}: ${money(data.disputed)} (order ${data.order_id})`,
    heading: data.won ? 'The money is ours again' : 'The bank has given the money back to the buyer',
    paragraphs: [
      data.won
        ? 'The provider has decided for the shop: what was not shipped because of it may go out.'
        : 'The provider has decided for the buyer. What was not shipped stays here: please cancel the order.',
    ],
    rows: [
      ['Order', data.order_id],
      ['Amount', money(data.disputed)],
      ['Paid by', paymentWords[data.method]],
    ],
  }),

  return_to_decide: ({ money, data, nameOf }) => ({
    subject: `Somebody wants to send something back: order ${data.number}`,
    heading: 'A return is to be approved or refused',
    paragraphs: [`The buyer waits for an answer. If all of it comes back, ${money(data.refund)} goes back to him.`],
    rows: [...returnRows(data.lines, nameOf, reasonWords), ['Return', data.return_id]],
  }),

  return_called_off: ({ data, nameOf }) => ({
    subject: `Nothing is sent back: order ${data.number}`,
    heading: 'A return is withdrawn',
    paragraphs: [
      'The buyer keeps it: there is nothing to decide and nothing to wait for. If the parcel comes all the same, ask for the return again in his name.',
    ],
    rows: [...returnRows(data.lines, nameOf, reasonWords), ['Return', data.return_id]],
  }),
}
