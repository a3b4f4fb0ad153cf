import type { ReturnReason } from '@mart/contracts/events/order-events'
import type { LettersFor } from './letter.ts'
import { piecesRows, returnRows } from './return-rows.ts'

type ReturnKind = 'return_requested' | 'return_approved' | 'return_refused' | 'return_withdrawn' | 'return_received'

export const returnLetters: LettersFor<ReturnKind> = {
  return_requested: ({ greeting, orderNumber, data, nameOf }) => ({
    subject: `You want to send something back of order ${orderNumber}`,
    heading: 'We have your request',
    paragraphs: [
      greeting,
      `You want to send something back of your order ${orderNumber}. Please keep it until we write again: that is soon.`,
    ],
    rows: returnRows(data.lines, nameOf, reasonWords),
  }),

  return_approved: ({ greeting, orderNumber, money, data, nameOf }) => ({
    subject: `Please send it back: order ${orderNumber}`,
    heading: 'Please send it back',
    paragraphs: [
      greeting,
      `You may send this back. Write the order's number, ${orderNumber}, on the parcel, so that we know whose it is.`,
      `Once all of it has come back, we send you ${money(data.refund)}. The delivery charge goes back when everything that you ordered has come back.`,
    ],
    rows: returnRows(data.lines, nameOf, reasonWords),
  }),

  return_refused: ({ greeting, orderNumber, data, nameOf }) => ({
    subject: `We cannot take this back: order ${orderNumber}`,
    heading: 'We cannot take this back',
    paragraphs: [
      greeting,
      `We are sorry: we cannot take this back of your order ${orderNumber}. ${data.reason}`,
      'Answer this mail if you do not agree.',
    ],
    rows: returnRows(data.lines, nameOf, reasonWords),
  }),

  return_withdrawn: ({ greeting, orderNumber, data, nameOf }) => ({
    subject: `You keep it: order ${orderNumber}`,
    heading: 'You keep it',
    paragraphs: [
      greeting,
      `You do not send this back of your order ${orderNumber}: please keep it. If you have sent it already, answer this mail.`,
      'If you did not ask for this, please answer this mail at once.',
    ],
    rows: returnRows(data.lines, nameOf, reasonWords),
  }),

  return_received: ({ greeting, orderNumber, money, data, nameOf }) => ({
    subject: `It has come back: order ${orderNumber}`,
    heading: 'It has come back',
    paragraphs: [
      greeting,
      data.refund.amount === 0
        ? `What you returned of your order ${orderNumber} has come back. It had cost nothing, so nothing is to be sent back.`
        : data.payment_method === 'cash_on_delivery'
          ? `What you returned of your order ${orderNumber} has come back. We send you ${money(data.refund)}: somebody of ours will ask you how.`
          : `What you returned of your order ${orderNumber} has come back. We send you ${money(data.refund)}, the way it came, and write again when it is on its way.`,
    ],
    rows: piecesRows(data, nameOf),
  }),
}

export const reasonWords: Record<ReturnReason, string> = {
  damaged: 'It is damaged',
  wrong_item: 'It is something else than was ordered',
  not_as_described: 'It is not as described',
  changed_mind: 'Not wanted any more',
  arrived_late: 'It came too late',
  other: 'Another reason',
}
