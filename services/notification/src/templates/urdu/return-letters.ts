import type { ReturnReason } from '@mart/contracts/events/order-events'
import type { LettersFor } from '../letter.ts'
import { piecesRows, returnRows } from '../return-rows.ts'

type ReturnKind = 'return_requested' | 'return_approved' | 'return_refused' | 'return_withdrawn' | 'return_received'

export const urduReturnLetters: LettersFor<ReturnKind> = {
  return_requested: ({ greeting, orderNumber, data, nameOf }) => ({
    subject: `آپ آرڈر ${orderNumber} میں سے کچھ واپس کرنا چاہتے ہیں`,
    heading: 'آپ کی درخواست ہمیں مل گئی',
    paragraphs: [
      greeting,
      `آپ آرڈر ${orderNumber} میں سے کچھ واپس کرنا چاہتے ہیں۔ براہِ کرم اسے ہمارے اگلے پیغام تک اپنے پاس رکھیں: ہم جلد لکھیں گے۔`,
    ],
    rows: returnRows(data.lines, nameOf, reasonWords),
  }),

  return_approved: ({ greeting, orderNumber, money, data, nameOf }) => ({
    subject: `براہِ کرم واپس بھیج دیں: آرڈر ${orderNumber}`,
    heading: 'براہِ کرم واپس بھیج دیں',
    paragraphs: [
      greeting,
      `آپ یہ واپس بھیج سکتے ہیں۔ پارسل پر آرڈر نمبر ${orderNumber} لکھ دیں تاکہ ہمیں معلوم ہو کہ یہ کس کا ہے۔`,
      `جب یہ سب واپس آ جائے گا تو ہم آپ کو ${money(data.refund)} بھیجیں گے۔ ترسیل کا خرچ تب واپس ہوتا ہے جب آرڈر کی ہر چیز واپس آ جائے۔`,
    ],
    rows: returnRows(data.lines, nameOf, reasonWords),
  }),

  return_refused: ({ greeting, orderNumber, data, nameOf }) => ({
    subject: `ہم یہ واپس نہیں لے سکتے: آرڈر ${orderNumber}`,
    heading: 'ہم یہ واپس نہیں لے سکتے',
    paragraphs: [
      greeting,
      `معذرت: آرڈر ${orderNumber} میں سے ہم یہ واپس نہیں لے سکتے۔ ${data.reason}`,
      'اگر آپ متفق نہیں تو اس ای میل کا جواب دیں۔',
    ],
    rows: returnRows(data.lines, nameOf, reasonWords),
  }),

  return_withdrawn: ({ greeting, orderNumber, data, nameOf }) => ({
    subject: `یہ آپ کے پاس رہے گا: آرڈر ${orderNumber}`,
    heading: 'یہ آپ کے پاس رہے گا',
    paragraphs: [
      greeting,
      `آپ آرڈر ${orderNumber} میں سے یہ واپس نہیں بھیج رہے: براہِ کرم اسے اپنے پاس رکھیں۔ اگر آپ اسے بھیج چکے ہیں تو اس ای میل کا جواب دیں۔`,
      'اگر یہ آپ نے نہیں کہا تو براہِ کرم فوراً اس ای میل کا جواب دیں۔',
    ],
    rows: returnRows(data.lines, nameOf, reasonWords),
  }),

  return_received: ({ greeting, orderNumber, money, data, nameOf }) => ({
    subject: `یہ واپس پہنچ گیا: آرڈر ${orderNumber}`,
    heading: 'یہ واپس پہنچ گیا',
    paragraphs: [
      greeting,
      data.refund.amount === 0
        ? `آرڈر ${orderNumber} میں سے جو آپ نے واپس کیا وہ پہنچ گیا۔ اس کی کوئی قیمت نہیں تھی، اس لیے کچھ واپس نہیں بھیجنا۔`
        : data.payment_method === 'cash_on_delivery'
          ? `آرڈر ${orderNumber} میں سے جو آپ نے واپس کیا وہ پہنچ گیا۔ ہم آپ کو ${money(data.refund)} بھیجیں گے: ہمارا کوئی ساتھی آپ سے پوچھے گا کہ کیسے۔`
          : `آرڈر ${orderNumber} میں سے جو آپ نے واپس کیا وہ پہنچ گیا۔ ہم آپ کو ${money(data.refund)} اسی راستے سے بھیجیں گے جس سے رقم آئی تھی، اور روانہ ہونے پر پھر لکھیں گے۔`,
    ],
    rows: piecesRows(data, nameOf),
  }),
}

const reasonWords: Record<ReturnReason, string> = {
  damaged: 'خراب ہے',
  wrong_item: 'جو منگوایا تھا وہ نہیں',
  not_as_described: 'تفصیل کے مطابق نہیں',
  changed_mind: 'اب نہیں چاہیے',
  arrived_late: 'دیر سے پہنچا',
  other: 'کوئی اور وجہ',
}
